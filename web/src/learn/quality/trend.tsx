import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { qualityRunsQuery } from "../../api/queries";
import type { QualityKind, QualityRun } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { Answered } from "../../ui/states";
import { useQualityWords, worstFirst } from "./words";

export const axisOf = (c: Colours) => ({ axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false }, axisLabel: { color: c.text, fontSize: 11 } });

export const frameOf = (c: Colours) => ({
  animation: false,
  textStyle: { fontFamily: c.font },
  grid: { left: 4, right: 12, top: 48, bottom: 4, containLabel: true },
  legend: { top: 0, left: 0, right: 40, type: "plain" as const, itemWidth: 12, itemHeight: 10, itemGap: 14, textStyle: { color: c.text, fontSize: 12, fontFamily: c.font } },
  tooltip: { trigger: "axis" as const, renderMode: "richText" as const, backgroundColor: c.surface, borderColor: c.line, textStyle: { color: c.text, fontSize: 12 } },
});

const letters = ["", "D", "C", "B", "A"];
// Shapes and dashes tell the lines apart beside the colours.
const dashes = ["solid", "dashed", "dotted"];
const symbols = ["circle", "rect", "triangle", "diamond"];

const lineOf = (name: string, data: (number | null)[], i: number) => ({
  name,
  type: "line",
  data,
  symbol: symbols[i % symbols.length],
  symbolSize: 7,
  connectNulls: false,
  lineStyle: { width: 2, type: dashes[i % dashes.length] },
});

/** The grade of every kind at each check. */
export function GradeTrend() {
  const { t } = useTranslation();
  const runs = useQuery(qualityRunsQuery);
  return (
    <Panel title={t("quality.trend")}>
      <Answered of={runs} height={220}>
        {(list) => (list.length < 2 ? <Text size="sm" c="dimmed">{t("quality.trend_first")}</Text> : <Grades runs={[...list].reverse()} />)}
      </Answered>
    </Panel>
  );
}

function Grades({ runs }: { runs: QualityRun[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useQualityWords();
  const kinds = useMemo(() => (runs.at(-1)?.kinds ?? []).filter((k) => runs.some((r) => gradeAt(r, k.kind))).map((k) => k.kind), [runs]);
  const option = useCallback(
    (c: Colours): EChartsCoreOption => ({
      ...frameOf(c),
      tooltip: { ...frameOf(c).tooltip, valueFormatter: (v: unknown) => (typeof v === "number" ? (letters[v] ?? "–") : "–") },
      xAxis: { type: "category", data: runs.map((r) => format.instant(r.created_at)), ...axisOf(c) },
      yAxis: { type: "value", min: 1, max: 4, interval: 1, splitLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.text, fontSize: 12, formatter: (v: number) => letters[v] ?? "" } },
      series: kinds.map((k, i) => lineOf(words.kind(k), runs.map((r) => letters.indexOf(gradeAt(r, k)) || null), i)),
    }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the words change with t alone
    [runs, kinds, format, t],
  );
  const table = {
    head: [t("quality.check_head"), ...kinds.map(words.kind)],
    rows: [...runs].reverse().map((r) => [format.instant(r.created_at), ...kinds.map((k) => gradeAt(r, k) || "–")]),
  };
  return <Chart label={t("quality.trend")} option={option} table={table} height={260} />;
}

function gradeAt(run: QualityRun, kind: string): string {
  return run.kinds.find((k) => k.kind === kind)?.grade ?? "";
}

const most = 6;

/** The parts of the records that the worst findings of a kind touch, at each check. */
export function FindingTrend({ kind }: { kind: QualityKind }) {
  const { t } = useTranslation();
  const runs = useQuery(qualityRunsQuery);
  return (
    <Panel title={t("quality.trend_parts")}>
      <Answered of={runs} height={220}>
        {(list) => (list.length < 2 ? <Text size="sm" c="dimmed">{t("quality.trend_first")}</Text> : <Parts kind={kind} runs={[...list].reverse()} />)}
      </Answered>
    </Panel>
  );
}

function Parts({ kind, runs }: { kind: QualityKind; runs: QualityRun[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useQualityWords();
  const keys = useMemo(() => {
    const worst = worstFirst(kind.findings).filter((f) => f.weight !== "hint");
    return (worst.length > 0 ? worst : worstFirst(kind.findings)).slice(0, most).map((f) => f.key);
  }, [kind]);
  const partAt = useCallback(
    (run: QualityRun, key: string) => {
      const f = run.kinds.find((k) => k.kind === kind.kind)?.findings.find((x) => x.key === key);
      return f && f.of > 0 ? f.count / f.of : null;
    },
    [kind.kind],
  );
  const option = useCallback(
    (c: Colours): EChartsCoreOption => ({
      ...frameOf(c),
      tooltip: { ...frameOf(c).tooltip, valueFormatter: (v: unknown) => (typeof v === "number" ? format.percent(v) : "–") },
      xAxis: { type: "category", data: runs.map((r) => format.instant(r.created_at)), ...axisOf(c) },
      yAxis: { type: "value", min: 0, splitLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.text, fontSize: 11, formatter: (v: number) => format.cut(v) } },
      series: keys.map((k, i) => lineOf(words.finding(k), runs.map((r) => partAt(r, k)), i)),
    }),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the words change with t alone
    [runs, keys, partAt, format, t],
  );
  if (keys.length === 0) return <Text size="sm" c="dimmed">{t("quality.findings_none")}</Text>;
  const table = {
    head: [t("quality.check_head"), ...keys.map(words.finding)],
    rows: [...runs].reverse().map((r) => [format.instant(r.created_at), ...keys.map((k) => format.percent(partAt(r, k)))]),
  };
  return <Chart label={t("quality.trend_parts")} option={option} table={table} height={260} />;
}
