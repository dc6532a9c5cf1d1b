import { Box } from "@mantine/core";
import { useMemo, useRef, type ReactNode } from "react";
import type { ChartTable } from "./chart";
import { useDrawing } from "./download";
import { pictureOfElement } from "./picture";

/** Something that a page draws itself, such as a matrix: to be saved as a picture, and as a table where it gives one. */
export function DrawnHere({ label, table, children }: { label: string; table?: ChartTable; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  useDrawing(useMemo(() => ({ label, table, picture: (words) => pictureOfElement(box.current!, words) }), [label, table]));
  return (
    <Box ref={box} data-picture>
      {children}
    </Box>
  );
}
