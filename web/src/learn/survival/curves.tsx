import { Group, SegmentedControl, Table, Text } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Contracts } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { frame } from "../clv/chart";
import classes from "../clv/clv.module.css";
import { known, lost } from "./lists";
import { Save } from "./save";

type Curve = Contracts["survival"]["all"];

function useNames(of: Contracts) {
  const { t } = useTranslation();
  const format = useFormat();
  return useCallback((c: Curve) => (c === of.survival.all ? t("lifetime.everybody") : c.name === "" ? t("contracts.no_group") : of.by === "country" ? format.country(c.name) : c.name), [of, format, t]);
}

/** The share still there after a number of months. */
function at(c: Curve, months: number) {
  return c.steps.findLast((s) => s.months <= months)?.survival ?? 1;
}

/** A step curve from everybody to the longest time that anybody was seen. */
function line(c: Curve, share: (s: Curve["steps"][number]) => number | null) {
  const steps: [number, number][] = c.steps.flatMap((s): [number, number][] => {
    const y = share(s);
    return y === null ? [] : [[s.months, y]];
  });
  const end = steps.at(-1);
  return [[0, 1], ...steps, ...(end ? [[c.last, end[1]]] : [])];
}

/** How long customers stay (Kaplan–Meier), of all or of groups beside each other. */
export function CurvesPanel({ of, onBy }: { of: Contracts; onBy: (by: string) => void }) {
  const { t } = useTranslation();
  const { all, comparison } = of.survival;
  const format = useFormat();
  return (
    <Panel title={t("contracts.curves")} aside={<Group gap="xs"><SegmentedControl size="xs" aria-label={t("contracts.by")} value={of.by} onChange={onBy} data={(["all", "industry", "country"] as const).map((v) => ({ value: v, label: v === "all" ? t("contracts.together") : t(`field.${v}`) }))} /><Save of={of} table="curves" /></Group>}>
      <Text size="sm" c="dimmed" mb="sm">{t("contracts.curves_explain", { count: of.definition.silent_months })}</Text>
      {all.too_few ? <Text size="sm">{all.too_few}</Text> : <Curves of={of} />}
      {!all.too_few && <Text size="sm" mt="sm">{all.median == null ? t("contracts.no_median") : t("contracts.median", { count: all.median })} {t("contracts.mean", { limit: format.number(all.limit), mean: format.quantity(all.mean), error: format.quantity(all.mean_std_err) })}</Text>}
      {comparison && (
        <Text size="sm">
          {t(comparison.chance < 0.05 ? "contracts.differ" : "contracts.alike", { count: comparison.groups, chance: comparison.chance < 0.001 ? `< ${format.percent(0.001)}` : format.percent(comparison.chance) })}{" "}
          <Text span size="xs" c="dimmed">{t("contracts.log_rank", { chi: format.quantity(comparison.chi_squared), count: comparison.freedom })}</Text>
        </Text>
      )}
      {of.by !== "all" && !comparison && !all.too_few && <Text size="sm">{t("contracts.no_comparison", { count: of.definition.minimum })}</Text>}
    </Panel>
  );
}

function Curves({ of }: { of: Contracts }) {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = useNames(of);
  const shown = useMemo(() => [of.survival.all, ...of.survival.groups.filter((g) => !g.too_few)], [of]);
  const option = useCallback(
    (c: Colours): EChartsCoreOption => {
      const colours = [c.accent, c.text, c.gold, c.bronze];
      const share = (v: unknown) => (typeof v === "number" ? format.percent(v) : "–");
      const base = frame(c, format.locale);
      const band = of.by === "all" ? ([["contracts.low", (s: Curve["steps"][number]) => s.low], ["contracts.high", (s: Curve["steps"][number]) => s.high]] as const) : [];
      return {
        ...base,
        legend: { ...base.legend, type: "scroll" },
        tooltip: { ...base.tooltip, valueFormatter: share },
        xAxis: { type: "value", name: t("contracts.months"), nameLocation: "middle", nameGap: 26, nameTextStyle: { color: c.text }, splitLine: { show: false }, axisLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.text, fontSize: 11 } },
        yAxis: { ...base.yAxis, min: 0, max: 1, axisLabel: { ...base.yAxis.axisLabel, formatter: (v: number) => format.cut(v) } },
        series: [
          ...shown.map((curve, i) => ({ name: nameOf(curve), type: "line", step: "end", symbol: "none", data: line(curve, (s) => s.survival), lineStyle: { color: colours[i % 4], width: i === 0 ? 2.5 : 1.5, type: (["solid", "dashed", "dotted"] as const)[Math.floor(i / 4)] }, itemStyle: { color: colours[i % 4] } })),
          ...band.map(([name, pick]) => ({ name: t(name), type: "line", step: "end", symbol: "none", data: line(of.survival.all, (s) => pick(s) ?? null), lineStyle: { color: c.accent, width: 1, type: "dashed", opacity: 0.6 }, itemStyle: { color: c.accent } })),
        ],
      };
    },
    [of, shown, nameOf, format, t],
  );
  const table = useMemo(() => {
    if (of.by === "all") {
      return {
        head: [t("contracts.months"), t("contracts.at_risk"), t("contracts.lost"), t("contracts.still"), t("contracts.low"), t("contracts.high")],
        rows: of.survival.all.steps.map((s) => [format.number(s.months), format.number(s.at_risk), format.number(s.lost), format.percent(s.survival), format.percent(s.low), format.percent(s.high)]),
      };
    }
    const halves = Array.from({ length: Math.floor(of.survival.all.last / 6) + 1 }, (_, i) => i * 6);
    return { head: [t("contracts.months"), ...shown.map(nameOf)], rows: halves.map((m) => [String(m), ...shown.map((c) => (m > c.last ? "–" : format.percent(at(c, m))))]) };
  }, [of, shown, nameOf, format, t]);
  return <Chart label={t("contracts.curves")} option={option} table={table} height={300} />;
}

/** Customers, lost, median and mean of each curve. */
export function GroupsPanel({ of }: { of: Contracts }) {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = useNames(of);
  const { survival } = of;
  if (survival.all.customers === 0) return null;
  return (
    <Panel title={t("contracts.groups")} aside={<Save of={of} table="groups" />}>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("contracts.groups")}>
        <Table fz="sm" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("contracts.group")}</Table.Th>
              <Table.Th ta="right">{t("figure.customers")}</Table.Th>
              <Table.Th ta="right">{t("contracts.lost")}</Table.Th>
              <Table.Th ta="right">{t("contracts.after_year")}</Table.Th>
              <Table.Th ta="right">{t("contracts.median_head")}</Table.Th>
              <Table.Th ta="right">{t("contracts.mean_head", { limit: format.number(survival.all.limit) })}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {[survival.all, ...survival.groups].map((c) => {
              const name = nameOf(c);
              const group = c === survival.all ? {} : c.name === "" ? undefined : { [of.by]: c.name };
              const figure = (n: number, search: ReturnType<typeof known> | undefined, what: string) => (n === 0 || !search ? <span className="num">{format.number(n)}</span> : <Figure to="/map/customers" search={search} label={`${name}: ${what}`}>{format.number(n)}</Figure>);
              return (
                <Table.Tr key={c === survival.all ? "*" : c.name}>
                  <Table.Td>{name}</Table.Td>
                  <Table.Td ta="right">{figure(c.customers, group && known(of, group), t("contracts.known_label"))}</Table.Td>
                  <Table.Td ta="right">{figure(c.lost, group && lost(of, group), t("contracts.lost_label"))}</Table.Td>
                  {c.too_few ? (
                    <Table.Td colSpan={3} c="dimmed">{c.too_few}</Table.Td>
                  ) : (
                    <>
                      <Table.Td ta="right" className="num">{c.last < 12 ? "–" : format.percent(at(c, 12))}</Table.Td>
                      <Table.Td ta="right" className="num">{c.median == null ? t("contracts.not_reached") : t("contracts.in_months", { count: c.median })}</Table.Td>
                      <Table.Td ta="right" className="num">{c.mean == null ? "–" : `${format.quantity(c.mean)} ± ${format.quantity(c.mean_std_err)}`}</Table.Td>
                    </>
                  )}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </div>
      {survival.left_out > 0 && <Text size="xs" c="dimmed" mt="xs">{t("contracts.left_out", { count: survival.left_out })}</Text>}
    </Panel>
  );
}
