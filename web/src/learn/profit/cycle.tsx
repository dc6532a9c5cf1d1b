import { Table, Text } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Profit } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { Figure } from "../../ui/figure";
import { major, useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import classes from "./profit.module.css";
import { useBehind, Explained, Save } from "./words";

/** What a state makes: lost customers count with what they made in the window before. */
function made(f: Profit["cycle"][number]): number {
  return f.state === "lost" ? f.profit_before : f.profit;
}

/** The profit cycle (P7): new, won back, retained and lost customers and the profit they make. */
export function CyclePanel({ of }: { of: Profit }) {
  const { t } = useTranslation();
  const behind = useBehind();
  const format = useFormat();
  const states = useMemo(() => of.cycle.filter((f) => f.state !== "prospect" && f.state !== "none"), [of.cycle]);
  const option = useCallback(
    (c: Colours): EChartsCoreOption => ({
      animation: false,
      textStyle: { fontFamily: c.font },
      grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: c.surface, borderColor: c.line, textStyle: { color: c.text, fontSize: 12 }, valueFormatter: (v: unknown) => (typeof v === "number" ? v.toLocaleString(format.locale, { maximumFractionDigits: 0 }) : "–") },
      xAxis: { type: "category", data: states.map((f) => t(`customer_state.${f.state}`)), axisLine: { onZero: true, lineStyle: { color: c.line } }, axisTick: { show: false }, axisLabel: { color: c.text, fontSize: 12, interval: 0 } },
      yAxis: { type: "value", splitLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.text, fontSize: 11, formatter: (v: number) => v.toLocaleString(format.locale, { notation: "compact" }) } },
      series: [{ name: t("profit.profit"), type: "bar", barMaxWidth: 70, data: states.map((f) => ({ value: major(made(f), of.currency), itemStyle: { color: f.state === "lost" ? c.bronze : c.accent } })) }],
    }),
    [states, of.currency, format.locale, t],
  );
  const table = useMemo(
    () => ({ head: [t("profit.state"), t("figure.customers"), t("profit.made_in", { currency: of.currency })], rows: states.map((f) => [t(`customer_state.${f.state}`), format.number(f.customers), format.amount(made(f))]) }),
    [states, of.currency, format, t],
  );
  return (
    <Panel title={t("profit.cycle")} aside={<Save of={of} table="cycle" />}>
      <Chart label={t("profit.cycle")} option={option} table={table} height={220} />
      <Explained text={t("profit.cycle_explain", { from: format.date(of.before.from), to: format.date(of.before.to) })} measure="customer_state" label={t("profit.cycle")} as_of={of.as_of} />
      <div className={classes.scroll} tabIndex={0} role="group" aria-label={t("profit.cycle")}>
        <Table fz="sm" verticalSpacing={4} mt="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("profit.state")}</Table.Th>
              <Table.Th ta="right">{t("figure.customers")}</Table.Th>
              <Table.Th ta="right">{t("profit.before_in", { currency: of.currency })}</Table.Th>
              <Table.Th ta="right">{t("profit.now_in", { currency: of.currency })}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.cycle.map((f) => (
              <Table.Tr key={f.state}>
                <Table.Td className={classes.name}>
                  <Text size="sm" fw={550}>{t(`customer_state.${f.state}`)}</Text>
                  <Text size="xs" c="dimmed">
                    {t(`profit.state_${f.state}`)} {f.untold > 0 && t("profit.untold_state", { count: f.untold, number: format.number(f.untold) })}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">
                  {f.customers === 0 ? (
                    <span className="num">0</span>
                  ) : (
                    <Figure to="/map/customers" search={behind(of.as_of, [`customer_state=${f.state}`], f.state === "lost" ? "-profit_before" : "-profit")} label={t("profit.state_label", { state: t(`customer_state.${f.state}`) })}>
                      {format.number(f.customers)}
                    </Figure>
                  )}
                </Table.Td>
                <Table.Td ta="right" className="num">{format.amount(f.profit_before)}</Table.Td>
                <Table.Td ta="right" className="num">{format.amount(f.profit)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Panel>
  );
}
