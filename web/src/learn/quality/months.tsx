import { Box, Table, Text } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { QualityMonth, QualityReport } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { Figure } from "../../ui/figure";
import { major, useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import classes from "./quality.module.css";
import { axisOf, frameOf } from "./trend";

/** What all customers bought by month against the budget; what is unusual stands out. */
export function Months({ report, withTable }: { report: QualityReport; withTable?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const title = t("quality.months", { currency: format.currency });
  if (report.months.length === 0) {
    return (
      <Panel title={title}>
        <Text size="sm" c="dimmed">
          {t(can("quality.run") ? "quality.months_none" : "quality.months_withheld")}
        </Text>
      </Panel>
    );
  }
  return (
    <Panel title={title}>
      <Drawn label={title} months={report.months} />
      {withTable && <Rows label={title} months={report.months} />}
    </Panel>
  );
}

function Drawn({ label, months }: { label: string; months: QualityMonth[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const option = useCallback(
    (c: Colours): EChartsCoreOption => {
      const value = (x: number | null | undefined) => (x == null ? null : major(x, format.currency));
      const odd = (m: QualityMonth) => m.state === "jump" || m.state === "gap";
      return {
        ...frameOf(c),
        tooltip: { ...frameOf(c).tooltip, valueFormatter: (v: unknown) => (typeof v === "number" ? Math.round(v).toLocaleString(format.locale) : "–") },
        xAxis: { type: "category", data: months.map((m) => format.month(m.month)), ...axisOf(c) },
        yAxis: {
          type: "value",
          splitLine: { lineStyle: { color: c.line } },
          axisLabel: { color: c.text, fontSize: 11, formatter: (v: number) => v.toLocaleString(format.locale, { notation: "compact" }) },
        },
        series: [
          {
            name: t("quality.revenue"),
            type: "bar",
            itemStyle: { color: c.accent },
            data: months.map((m) => ({ value: value(m.revenue), itemStyle: { color: c.accent, opacity: m.state === "partial" ? 0.45 : 1, borderColor: odd(m) ? c.text : "transparent", borderWidth: odd(m) ? 2 : 0 } })),
          },
          { name: t("quality.budget"), type: "line", step: "middle", symbol: "none", data: months.map((m) => value(m.budget)), lineStyle: { color: c.gold, width: 2, type: "dashed" }, itemStyle: { color: c.gold } },
          { name: t("quality.expected"), type: "line", symbol: "none", data: months.map((m) => value(m.expected)), lineStyle: { color: c.text, width: 1.5, type: "dotted" }, itemStyle: { color: c.text } },
        ],
      };
    },
    [months, format, t],
  );
  const table = {
    head: [t("quality.month"), t("quality.lines"), t("quality.revenue"), t("quality.budget"), t("quality.expected"), t("quality.state_head")],
    rows: [...months].reverse().map((m) => [format.month(m.month), format.number(m.lines), format.amount(m.revenue), format.amount(m.budget), format.amount(m.expected), t(`quality.state.${m.state}`)]),
  };
  return <Chart label={label} option={option} table={table} height={280} />;
}

function Rows({ label, months }: { label: string; months: QualityMonth[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const heads = ["lines", "revenue", "budget", "expected"] as const;
  return (
    <Box className={classes.scroll} mt="md" tabIndex={0} role="region" aria-label={t("quality.as_table", { what: label })}>
      <Table stickyHeader fz="sm" verticalSpacing={5}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("quality.month")}</Table.Th>
            {heads.map((h) => (
              <Table.Th key={h} ta="right">
                {t(`quality.${h}`)}
              </Table.Th>
            ))}
            <Table.Th>{t("quality.state_head")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...months].reverse().map((m) => (
            <Table.Tr key={m.month}>
              <Table.Td>{format.month(m.month)}</Table.Td>
              <Table.Td ta="right" className="num">
                {m.lines > 0 ? (
                  <Figure to="/data/check/purchases/any_line" search={{ month: m.month }} label={t("quality.rows_of_month", { month: format.month(m.month) })}>
                    {format.number(m.lines)}
                  </Figure>
                ) : (
                  format.number(0)
                )}
              </Table.Td>
              <Table.Td ta="right" className="num">{format.amount(m.revenue)}</Table.Td>
              <Table.Td ta="right" className="num">{format.amount(m.budget)}</Table.Td>
              <Table.Td ta="right" className="num">{format.amount(m.expected)}</Table.Td>
              <Table.Td fw={m.state === "gap" || m.state === "jump" ? 600 : undefined}>{t(`quality.state.${m.state}`)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  );
}
