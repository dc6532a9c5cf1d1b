import { Group, Text } from "@mantine/core";
import { address } from "../../api/client";
import type { Profit } from "../../api/types";
import { FileOffer } from "../../ui/download";
import { filtersOf } from "../../ui/filter";
import type { Format } from "../../ui/format";
import { useSearchState } from "../../ui/search";
import { HowButton } from "../measure/how";

/** Columns of the list behind a figure of profit. */
export const columns = "code,revenue,owner,margin,cost_to_serve,profit,customer_state";

/** Address state of the list behind some customers, narrowed as the page is. */
export function useBehind() {
  const [search] = useSearchState();
  return (as_of: string, conditions: string[], sort = "-profit") => ({ as_of, ...filtersOf(search), measure: conditions.join("|"), sort, columns });
}

/** A change: with its sign. */
export function signed(format: Format, share: number | null): string {
  return share === null ? "–" : (share > 0 ? "+" : "") + format.percent(share);
}

/** The sign of a cell of customer × product. */
export const marks = { plus_plus: "++", plus: "+", minus: "−", minus_minus: "−−" } as const;

/** What a panel shows, in words, and "how?". */
export function Explained({ text, measure, label, as_of }: { text: string; measure: string; label: string; as_of: string }) {
  return (
    <Group gap={4} mb="sm" wrap="nowrap" align="flex-start">
      <Text size="sm" c="dimmed">
        {text}
      </Text>
      <HowButton measure={measure} label={label} as_of={as_of} />
    </Group>
  );
}

/** A table of the page with all its digits. */
export function Save({ of, table }: { of: Profit; table: "cycle" | "opportunity" | "losses" | "categories" | "products" }) {
  const [search] = useSearchState();
  return <FileOffer kind="csv" href={address("/profit/export", { as_of: of.as_of, table, ...filtersOf(search) })} />;
}
