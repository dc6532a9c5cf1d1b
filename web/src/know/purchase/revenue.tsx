import { Text } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { revenueQuery } from "../../api/queries";
import type { RevenueSeries } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { major, useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { Answered } from "../../ui/states";

/** Revenue of the twelve months to a date, today when none is given, beside the twelve before and the budget. */
export function RevenueChart({ customerId, as_of, enabled }: { customerId: string; as_of?: string; enabled: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const series = useQuery({ ...revenueQuery(customerId, as_of), enabled });
  return (
    <Panel title={series.data ? t("purchase.by_month_to", { date: format.date(series.data.as_of), currency: format.currency }) : t("purchase.by_month", { currency: format.currency })}>
      <Answered of={series} height={280}>
        {(data) => <Drawn data={data} />}
      </Answered>
    </Panel>
  );
}

function Drawn({ data }: { data: RevenueSeries }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { now, before } = useMemo(() => ({ now: data.months.slice(-12), before: data.months.slice(-24, -12) }), [data]);
  const budgeted = now.some((m) => m.budget != null);
  const option = useCallback(
    (c: Colours): EChartsCoreOption => {
      const value = (x: number | null | undefined) => (x == null ? null : major(x, format.currency));
      const axis = { axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false }, axisLabel: { color: c.text, fontSize: 11 } };
      return {
        animation: false,
        textStyle: { fontFamily: c.font },
        grid: { left: 4, right: 4, top: 34, bottom: 4, containLabel: true },
        legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 10, itemGap: 16, textStyle: { color: c.text, fontSize: 12, fontFamily: c.font } },
        tooltip: {
          trigger: "axis",
          renderMode: "richText",
          backgroundColor: c.surface,
          borderColor: c.line,
          textStyle: { color: c.text, fontSize: 12 },
          valueFormatter: (v: unknown) => (typeof v === "number" ? Math.round(v).toLocaleString(format.locale) : "–"),
        },
        xAxis: { type: "category", data: now.map((m) => format.month(m.month)), ...axis },
        yAxis: {
          type: "value",
          splitLine: { lineStyle: { color: c.line } },
          axisLabel: { color: c.text, fontSize: 11, formatter: (v: number) => v.toLocaleString(format.locale, { notation: "compact" }) },
        },
        series: [
          { name: t("purchase.year_before"), type: "bar", data: now.map((_, i) => value(before[i]?.revenue)), itemStyle: { color: c.text, opacity: 0.35, borderRadius: [2, 2, 0, 0] }, barGap: "8%", barCategoryGap: "32%" },
          { name: t("purchase.this_year"), type: "bar", data: now.map((m) => value(m.revenue)), itemStyle: { color: c.accent, borderRadius: [2, 2, 0, 0] } },
          ...(budgeted
            ? [{ name: t("purchase.budget"), type: "line", step: "middle", symbol: "none", data: now.map((m) => value(m.budget)), lineStyle: { color: c.gold, width: 2, type: "dashed" }, itemStyle: { color: c.gold } }]
            : []),
        ],
      };
    },
    [now, before, budgeted, format, t],
  );
  if (data.months.every((m) => m.revenue === 0 && !m.budget)) {
    return (
      <Text size="sm" c="dimmed">
        {t("purchase.none_in_months", { date: format.date(data.as_of) })}
      </Text>
    );
  }
  const table = {
    head: [t("purchase.month"), t("purchase.this_year"), t("purchase.year_before"), ...(budgeted ? [t("purchase.budget")] : [])],
    rows: now.map((m, i) => [format.month(m.month), format.amount(m.revenue), format.amount(before[i]?.revenue), ...(budgeted ? [format.amount(m.budget)] : [])]),
  };
  return <Chart label={t("purchase.by_month", { currency: format.currency })} option={option} table={table} />;
}
