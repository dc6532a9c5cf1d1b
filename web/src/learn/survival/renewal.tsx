import { Table, Text } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Contracts } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { frame, steps } from "../clv/chart";
import classes from "../clv/clv.module.css";
import { survivors } from "./lists";
import { Save } from "./save";

/** The share who renewed once, twice and so on: as it was, as the model has it, and a few periods on. */
export function RenewalPanel({ of }: { of: Contracts }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { renewal } = of;
  const { points } = renewal;
  const digits = (x: number) => x.toLocaleString(format.locale, { maximumSignificantDigits: 4 });
  const option = useCallback(
    (c: Colours): EChartsCoreOption => {
      const base = frame(c, format.locale);
      return {
        ...base,
        tooltip: { ...base.tooltip, valueFormatter: (v: unknown) => (typeof v === "number" ? format.percent(v) : "–") },
        xAxis: { ...steps(c, points.map((p) => String(p.period))), name: t("contracts.periods"), nameLocation: "middle", nameGap: 26, nameTextStyle: { color: c.text } },
        yAxis: { ...base.yAxis, min: 0, max: 1, axisLabel: { ...base.yAxis.axisLabel, formatter: (v: number) => format.cut(v) } },
        series: [
          { name: t("contracts.renewed"), type: "bar", data: points.map((p) => p.survival), itemStyle: { color: c.text, opacity: 0.4, borderRadius: [2, 2, 0, 0] } },
          { name: t("contracts.fitted"), type: "line", symbol: "circle", symbolSize: 5, data: points.map((p) => p.fitted_survival), lineStyle: { color: c.accent, width: 2 }, itemStyle: { color: c.accent } },
          { name: t("contracts.fitted_retention"), type: "line", symbol: "none", data: points.map((p) => p.fitted_retention), lineStyle: { color: c.gold, width: 1.5, type: "dashed" }, itemStyle: { color: c.gold } },
        ],
      };
    },
    [points, format, t],
  );
  const table = useMemo(
    () => ({
      head: [t("contracts.periods"), t("contracts.at_risk"), t("contracts.lost"), t("contracts.renewed"), t("contracts.retention"), t("contracts.fitted"), t("contracts.fitted_retention")],
      rows: points.map((p) => [String(p.period), p.survival == null ? "–" : format.number(p.at_risk), p.survival == null ? "–" : format.number(p.lost), format.percent(p.survival), format.percent(p.retention), format.percent(p.fitted_survival), format.percent(p.fitted_retention)]),
    }),
    [points, format, t],
  );
  return (
    <Panel title={t("contracts.renewal")} aside={<Save of={of} table="renewal" />}>
      <Text size="sm" c="dimmed" mb="sm">{t("contracts.renewal_explain", { count: of.definition.period_months, early: of.definition.early_days })}</Text>
      {points.length > 0 && <Chart label={t("contracts.renewal")} option={option} table={table} />}
      {renewal.too_few && <Text size="sm" mt="sm">{renewal.too_few}</Text>}
      {renewal.parameters.length > 0 && (
        <Text size="xs" c="dimmed" mt="sm" className="num" style={{ whiteSpace: "normal" }}>
          {t("contracts.model", { customers: format.number(renewal.customers) })} {renewal.parameters.map((p) => `${p.name} ${digits(p.value)}${p.std_err == null ? "" : ` ± ${digits(p.std_err)}`}`).join(", ")}. {renewal.statement}
        </Text>
      )}
    </Panel>
  );
}

/** Cohorts: who first bought in the same period, how many renewed, and what those still there are worth. */
export function CohortsPanel({ of }: { of: Contracts }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { cohorts, older, value } = of.renewal;
  if (cohorts.length === 0) return null;
  const most = Math.max(...cohorts.map((c) => c.periods));
  return (
    <Panel title={t("contracts.cohorts")} aside={<Save of={of} table="cohorts" />}>
      <Text size="sm" c="dimmed" mb="sm">{t("contracts.cohorts_explain", { interest: format.cut(of.interest), months: of.window_months, count: of.definition.period_months })}</Text>
      {value != null && <Text size="sm" mb="sm">{t("contracts.value", { value: format.round(value, of.currency) })}</Text>}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("contracts.cohorts")}>
        <Table fz="sm" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("contracts.first")}</Table.Th>
              {Array.from({ length: most + 1 }, (_, n) => <Table.Th key={n} ta="right">{n === 0 ? t("figure.customers") : t("contracts.renewed_times", { count: n })}</Table.Th>)}
              <Table.Th ta="right">{t("contracts.remaining")}</Table.Th>
              <Table.Th ta="right">{t("contracts.margin", { currency: of.currency })}</Table.Th>
              <Table.Th ta="right">{t("contracts.cohort_value", { currency: of.currency })}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {cohorts.map((c) => {
              const name = t("contracts.cohort", { first: format.date(c.first), until: format.date(c.until) });
              return (
                <Table.Tr key={c.periods}>
                  <Table.Td className={classes.name}>{name}</Table.Td>
                  {Array.from({ length: most + 1 }, (_, n) => {
                    const count = c.survivors[n];
                    return (
                      <Table.Td key={n} ta="right">
                        {count === undefined ? "" : count === 0 ? <span className="num">0</span> : <Figure to="/map/customers" search={survivors(of, c.periods, n)} label={t("contracts.survivors_label", { name, count: n })}>{format.number(count)}</Figure>}
                        {n > 0 && count !== undefined && c.expected[n] !== undefined && <Text size="xs" c="dimmed" className="num">{format.number(Math.round(c.expected[n]))}</Text>}
                      </Table.Td>
                    );
                  })}
                  <Table.Td ta="right" className="num">{format.quantity(c.remaining)}</Table.Td>
                  <Table.Td ta="right" className="num">{format.amount(c.margin)}</Table.Td>
                  <Table.Td ta="right" className="num">{format.amount(c.value)}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </div>
      <Text size="xs" c="dimmed" mt="xs">{t("contracts.expected_below")} {older > 0 && t("contracts.older", { count: older })}</Text>
    </Panel>
  );
}
