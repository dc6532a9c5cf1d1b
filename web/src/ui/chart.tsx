import { ActionIcon, Box, Table, Tooltip, useComputedColorScheme } from "@mantine/core";
import { IconChartBar, IconTable } from "@tabler/icons-react";
import type { EChartsCoreOption } from "echarts/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

/** The same numbers as rows, for those who read rather than look. */
export type ChartTable = { head: string[]; rows: string[][] };

/**
 * A chart with its table beside it, one button apart. `option` is built from
 * the current colours, so it is asked again when light and dark change.
 */
export function Chart({ label, option, table, height = 260 }: { label: string; option: (colours: Colours) => EChartsCoreOption; table: ChartTable; height?: number }) {
  const { t } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  return (
    <Box pos="relative">
      <Tooltip label={asTable ? t("chart.as_chart") : t("chart.as_table")}>
        <ActionIcon variant="subtle" color="gray" pos="absolute" top={-34} right={0} aria-label={asTable ? t("chart.as_chart") : t("chart.as_table")} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? <IconChartBar size={18} /> : <IconTable size={18} />}
        </ActionIcon>
      </Tooltip>
      {asTable ? <ChartRows label={label} table={table} height={height} /> : <Canvas label={label} option={option} height={height} />}
    </Box>
  );
}

function ChartRows({ label, table, height }: { label: string; table: ChartTable; height: number }) {
  return (
    <Box mah={height} style={{ overflow: "auto" }} tabIndex={0} role="region" aria-label={label}>
      <Table stickyHeader fz="xs" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            {table.head.map((h, i) => (
              <Table.Th key={h} ta={i ? "right" : "left"}>
                {h}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {table.rows.map((row) => (
            <Table.Tr key={row[0]}>
              {row.map((cell, i) => (
                <Table.Td key={i} ta={i ? "right" : "left"} className="num">
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  );
}

export type Colours = { accent: string; text: string; line: string; surface: string; gold: string; silver: string; bronze: string; font: string };

function coloursOf(element: HTMLElement): Colours {
  const style = getComputedStyle(element);
  const get = (name: string) => style.getPropertyValue(name).trim();
  return {
    accent: get("--k-accent"),
    text: get("--mantine-color-dimmed"),
    line: get("--k-line"),
    surface: get("--k-surface"),
    gold: get("--k-gold"),
    silver: get("--k-silver"),
    bronze: get("--k-bronze"),
    font: style.fontFamily,
  };
}

function Canvas({ label, option, height }: { label: string; option: (colours: Colours) => EChartsCoreOption; height: number }) {
  const box = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light");
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let gone = false;
    let tidy = () => {};
    // ECharts is a chunk of its own, fetched when the first chart is shown.
    void import("./echarts").then(({ init }) => {
      if (gone) return;
      const chart = init(element, undefined, { renderer: "svg" });
      chart.setOption(option(coloursOf(element)));
      const watch = new ResizeObserver(() => chart.resize());
      watch.observe(element);
      tidy = () => {
        watch.disconnect();
        chart.dispose();
      };
    });
    return () => {
      gone = true;
      tidy();
    };
  }, [option, scheme]);
  return <div ref={box} role="img" aria-label={label} style={{ height, width: "100%" }} />;
}
