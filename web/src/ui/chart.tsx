import { ActionIcon, Box, Group, Table, Tooltip, useComputedColorScheme } from "@mantine/core";
import { IconChartBar, IconTable } from "@tabler/icons-react";
import type { EChartsCoreOption } from "echarts/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { DownloadArea, DownloadMenu, useArea, useDrawing } from "./download";
import { pictureOfChart } from "./picture";

/** The same numbers as rows, for those who read rather than look. */
export type ChartTable = { head: string[]; rows: string[][] };

type Props = { label: string; option: (colours: Colours) => EChartsCoreOption; table: ChartTable; height?: number };

/**
 * A chart with its table beside it, one button apart, and both to be saved.
 * `option` is built from the current colours, so it is asked again when light
 * and dark change. In a panel the button stands in the panel's head.
 */
export function Chart(props: Props) {
  const area = useArea();
  if (area) return <Drawn {...props} tools={area.tools} />;
  return (
    <DownloadArea name={props.label}>
      <Alone {...props} />
    </DownloadArea>
  );
}

/** A chart outside of any panel has its buttons above it. */
function Alone(props: Props) {
  const area = useArea();
  return (
    <Box data-downloads>
      <Group ref={area?.setTools} gap={4} justify="flex-end" className="no-print">
        <DownloadMenu always />
      </Group>
      <Drawn {...props} tools={area?.tools ?? null} />
    </Box>
  );
}

function Drawn({ label, option, table, height = 260, tools }: Props & { tools: HTMLElement | null }) {
  const { t } = useTranslation();
  const [asTable, setAsTable] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useDrawing(
    useMemo(
      () => ({
        label,
        table,
        picture: (words) => {
          const element = box.current!;
          return pictureOfChart(element, option(coloursOf(element)), { width: element.clientWidth, height }, words);
        },
      }),
      [label, table, option, height],
    ),
  );
  const name = asTable ? t("chart.as_chart") : t("chart.as_table");
  return (
    <Box ref={box} data-chart>
      {tools &&
        createPortal(
          <Tooltip label={name}>
            <ActionIcon variant="subtle" color="gray" className="no-print" style={{ order: -1 }} aria-label={name} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
              {asTable ? <IconChartBar size={18} /> : <IconTable size={18} />}
            </ActionIcon>
          </Tooltip>,
          tools,
        )}
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
