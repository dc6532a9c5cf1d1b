import { Text } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Lifetime } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { frame } from "./chart";
import { Save } from "./figures";

/** The average new customer: acquisition cost once, then revenue above cost, month by month (P5). */
export function CashFlowPanel({ of }: { of: Lifetime }) {
  const { t } = useTranslation();
  const newcomer = of.models.newcomer;
  return (
    <Panel title={t("lifetime.cash")} aside={<Save of={of} table="cash_flow" />}>
      {newcomer && <Drawn of={of} newcomer={newcomer} />}
    </Panel>
  );
}

function Drawn({ of, newcomer }: { of: Lifetime; newcomer: NonNullable<Lifetime["models"]["newcomer"]> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const money = (x: number) => `${format.quantity(Math.round(x * 100) / 100)} ${of.currency}`;
  const option = useCallback(
    (c: Colours): EChartsCoreOption => ({
      ...frame(c, format.locale),
      xAxis: { type: "category", data: newcomer.cumulative.map((_, i) => String(i)), name: t("lifetime.month"), nameLocation: "middle", nameGap: 26, nameTextStyle: { color: c.text }, axisLine: { onZero: false, lineStyle: { color: c.line } }, axisTick: { show: false }, axisLabel: { color: c.text, fontSize: 11 } },
      series: [
        { name: t("lifetime.cumulative"), type: "line", symbol: "none", data: newcomer.cumulative, lineStyle: { color: c.accent, width: 2 }, itemStyle: { color: c.accent }, areaStyle: { color: c.accent, opacity: 0.1 },
          markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: c.text, type: "solid", width: 1 }, data: [{ yAxis: 0 }] } },
      ],
    }),
    [newcomer, format.locale, t],
  );
  const table = useMemo(
    () => ({ head: [t("lifetime.month"), t("lifetime.cumulative_in", { currency: of.currency })], rows: newcomer.cumulative.map((x, i) => [String(i), format.quantity(x)]) }),
    [newcomer, of.currency, format, t],
  );
  const cost = of.models.definition.acquisition_cost;
  return (
    <>
      <Chart label={t("lifetime.cash")} option={option} table={table} height={240} />
      <Text size="sm" mt="sm">
        {cost === 0
          ? t("lifetime.no_acquisition")
          : newcomer.paid_back < 0
            ? t("lifetime.never_back", { cost: format.round(cost, of.currency), count: newcomer.cumulative.length - 1 })
            : t("lifetime.paid_back", { cost: format.round(cost, of.currency), count: newcomer.paid_back })}{" "}
        {t("lifetime.newcomer", { first: money(newcomer.first), purchases: format.quantity(newcomer.purchases), spend: money(newcomer.spend), margin: format.cut(of.models.margin.average) })}
      </Text>
    </>
  );
}
