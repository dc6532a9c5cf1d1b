import { Switch, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { MatrixMigration } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useMigrationWords } from "./scenario";

/** The streams between the places, as broad as their customers or their money, and the same as a table. */
export function Flows({ of, money, stayers, onStayers }: { of: MatrixMigration; money: boolean; stayers: boolean; onStayers: (on: boolean) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMigrationWords();
  const small = useMediaQuery("(max-width: 36em)") ?? false;
  const shown = useMemo(() => {
    const name = (key: string) => words.place(of.matrix, of.by, key);
    return of.flows
      .map((f) => ({ ...f, names: [name(f.from), name(f.to)] as const, value: money ? Math.max(f.revenue_from, f.revenue_to) : f.customers }))
      .filter((f) => f.value > 0 && (stayers || f.from !== f.to));
  }, [of, words, money, stayers]);
  const option = useCallback((c: Colours) => sankey(c, of, shown, money ? format.short : format.number, small), [of, shown, money, format, small]);
  const table = useMemo(
    () => ({
      head: [t("migration.from_to"), t("figure.customers"), t("migration.head_revenue_from"), t("migration.head_revenue_to"), t("migration.head_revenue_net")],
      rows: shown.map((f) => [f.names.join(" → "), format.number(f.customers), format.amount(f.revenue_from), format.amount(f.revenue_to), format.amount(f.revenue_to - f.revenue_from)]),
    }),
    [shown, format, t],
  );
  const nodes = new Set(shown.flatMap((f) => [`a${f.from}`, `b${f.to}`])).size;
  return (
    <Panel title={t("migration.flows")}>
      <Switch size="xs" mb="sm" label={t("migration.stayers")} checked={stayers} onChange={(e) => onStayers(e.currentTarget.checked)} />
      {shown.length === 0 ? <Text size="sm" c="dimmed">{t("migration.nobody_moved")}</Text> : <Chart label={t("migration.flows")} option={option} table={table} height={Math.max(260, 28 * nodes)} />}
    </Panel>
  );
}

type Shown = { from: string; to: string; names: readonly [string, string]; value: number };

function sankey(c: Colours, of: MatrixMigration, flows: Shown[], write: (n: number) => string, small: boolean): EChartsCoreOption {
  const metals: Record<string, string> = { gold: c.gold, silver: c.silver, bronze: c.bronze };
  const colour = (key: string) => metals[of.places.find((p) => p.key === key)?.row ?? ""] ?? c.accent;
  const nodes = new Map<string, object>();
  for (const f of flows) {
    for (const [id, key, name, right] of [[`a ${f.from}`, f.from, f.names[0], false], [`b ${f.to}`, f.to, f.names[1], true]] as const) {
      nodes.set(id, { name: id, itemStyle: { color: colour(key) }, label: { formatter: name, position: right ? "left" : "right" } });
    }
  }
  // In the order of the matrix on both sides; ECharts keeps the order it is given.
  const order = [...of.places.map((p) => p.key), "absent"];
  const ordered = [...nodes.keys()].sort((a, b) => order.indexOf(a.slice(2)) - order.indexOf(b.slice(2)));
  const named = new Map(flows.flatMap((f) => [[`a ${f.from}`, f.names[0]], [`b ${f.to}`, f.names[1]]] as [string, string][]));
  return {
    animation: false,
    textStyle: { fontFamily: c.font },
    tooltip: {
      trigger: "item", renderMode: "richText", backgroundColor: c.surface, borderColor: c.line, textStyle: { color: c.text, fontSize: 12 },
      formatter: ({ dataType, data, name, value }: { dataType: string; data: { source: string; target: string }; name: string; value: number }) =>
        dataType === "edge" ? `${named.get(data.source)} → ${named.get(data.target)}: ${write(value)}` : `${named.get(name)}: ${write(value)}`,
    },
    series: [
      {
        type: "sankey", left: 4, right: 4, top: 8, bottom: 8, nodeWidth: 12, nodeGap: small ? 10 : 15, draggable: false, layoutIterations: 0, emphasis: { focus: "adjacency" },
        data: ordered.map((id) => nodes.get(id)), links: flows.map((f) => ({ source: `a ${f.from}`, target: `b ${f.to}`, value: f.value })),
        label: { color: c.text, fontSize: small ? 10 : 12, fontFamily: c.font }, lineStyle: { color: "source", opacity: 0.28, curveness: 0.5 },
      },
    ],
  };
}
