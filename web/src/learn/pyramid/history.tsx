import { SegmentedControl, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { pyramidHistoryQuery } from "../../api/queries";
import type { PyramidHistory } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { Answered } from "../../ui/states";
import { frame, steps } from "../clv/chart";
import { useTierName } from "./words";

type Filter = Parameters<typeof pyramidHistoryQuery>[0];

/** How customers were spread over the tiers on the scored dates. */
export function HistoryPanel({ filter }: { filter: Filter }) {
  const { t } = useTranslation();
  const history = useQuery(pyramidHistoryQuery(filter));
  const [figure, setFigure] = useState<"customers" | "value">("value");
  return (
    <Panel title={t("pyramid.history")} aside={<SegmentedControl size="xs" aria-label={t("pyramid.figure")} value={figure} onChange={(v) => setFigure(v as typeof figure)} data={[{ value: "customers", label: t("figure.customers") }, { value: "value", label: t("pyramid.figure_value") }]} />}>
      <Answered of={history}>
        {(h) => (h.items.length < 2 ? <Text size="sm">{t("pyramid.history_short")}</Text> : <Drawn of={h} figure={figure} />)}
      </Answered>
    </Panel>
  );
}

function Drawn({ of, figure }: { of: PyramidHistory; figure: "customers" | "value" }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useTierName();
  const names = useMemo(() => [...new Set(of.items.flatMap((m) => m.tiers.map((s) => s.name)))].filter((n) => of.items.some((m) => m.tiers.some((s) => s.name === n && s.customers > 0))), [of]);
  // Tiers below nothing have no share of the value.
  const drawn = useMemo(() => (figure === "value" ? names.filter((n) => !["none", "negative", "unknown"].includes(n)) : names), [names, figure]);
  const at = useCallback((m: PyramidHistory["items"][number], n: string) => m.tiers.find((s) => s.name === n)?.[figure] ?? 0, [figure]);
  const option = useCallback(
    (c: Colours): EChartsCoreOption => ({
      ...frame(c, format.locale),
      tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: c.surface, borderColor: c.line, textStyle: { color: c.text, fontSize: 12 }, valueFormatter: (v: unknown) => format.percent(Number(v)) },
      xAxis: steps(c, of.items.map((m) => format.month(m.as_of))),
      yAxis: { type: "value", max: 1, splitLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.text, fontSize: 11, formatter: (v: number) => format.cut(v) } },
      series: drawn.map((n, i) => ({
        name: name(n), type: "bar", stack: "all", barMaxWidth: 46, itemStyle: { color: c.accent, opacity: 0.95 - (0.75 * i) / Math.max(1, drawn.length - 1) },
        data: of.items.map((m) => { const all = drawn.reduce((sum, x) => sum + Math.max(0, at(m, x)), 0); return all > 0 ? at(m, n) / all : 0; }),
      })),
    }),
    [of, drawn, at, format, name],
  );
  const table = useMemo(
    () => ({ head: [t("pyramid.date"), ...names.map(name)], rows: of.items.map((m) => [format.date(m.as_of), ...names.map((n) => (figure === "value" && of.money ? format.amount(at(m, n), of.currency) : format.quantity(at(m, n))))]) }),
    [of, names, name, at, figure, format, t],
  );
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">{t("pyramid.history_explain")}</Text>
      <Chart label={t("pyramid.history")} option={option} table={table} height={260} />
    </>
  );
}
