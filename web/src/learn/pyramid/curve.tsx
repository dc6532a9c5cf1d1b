import { Text } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Pyramid } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useMeasureWords } from "../measure/words";
import classes from "./pyramid.module.css";

/** How few bring how much: the cumulative curve with its two figures. */
export function CurvePanel({ of }: { of: Pyramid }) {
  const { t } = useTranslation();
  const format = useFormat();
  const measure = useMeasureWords().label(of.measure);
  const option = useCallback(
    (c: Colours): EChartsCoreOption => {
      const axis = (name: string, nameGap: number) => ({
        type: "value", min: 0, max: 1, name, nameLocation: "middle", nameGap, nameTextStyle: { color: c.text, fontFamily: c.font },
        splitLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.text, fontSize: 11, formatter: (v: number) => format.cut(v) },
      });
      return {
        animation: false,
        textStyle: { fontFamily: c.font },
        grid: { left: 24, right: 16, top: 12, bottom: 28, containLabel: true },
        tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: c.surface, borderColor: c.line, textStyle: { color: c.text, fontSize: 12 }, valueFormatter: (v: unknown) => format.percent(Number(v)) },
        xAxis: axis(t("pyramid.curve_customers"), 28),
        yAxis: axis(t("pyramid.curve_value", { measure }), 44),
        series: [
          { name: measure, type: "line", symbol: "none", data: of.curve.map((p) => [p.customers, p.value]), lineStyle: { color: c.accent, width: 2 }, itemStyle: { color: c.accent }, areaStyle: { color: c.accent, opacity: 0.1 } },
          { type: "line", symbol: "none", silent: true, tooltip: { show: false }, data: [[0, 0], [1, 1]], lineStyle: { color: c.text, type: "dashed", width: 1 } },
        ],
      };
    },
    [of.curve, measure, format, t],
  );
  const table = useMemo(() => {
    const every = Math.max(1, Math.floor(of.curve.length / 24));
    const points = of.curve.filter((_, i) => i % every === 0 || i === of.curve.length - 1);
    return { head: [t("pyramid.curve_customers"), t("pyramid.curve_value", { measure })], rows: points.map((p) => [format.percent(p.customers), format.percent(p.value)]) };
  }, [of.curve, measure, format, t]);
  return (
    <Panel title={t("pyramid.curve")}>
      {of.too_few ? (
        <Text size="sm">{of.too_few}</Text>
      ) : (
        <div className={classes.totals}>
          <div>
            <Text size="sm" c="dimmed">{t("pyramid.top_fifth")}</Text>
            <Text fz="h2" fw={650} className="num">{format.percent(of.top_fifth)}</Text>
          </div>
          <div>
            <Text size="sm" c="dimmed">{t("pyramid.gini")}</Text>
            <Text fz="h2" fw={650} className="num">{format.quantity(of.gini)}</Text>
          </div>
          <Text size="sm" c="dimmed" maw={420} pr={36} style={{ alignSelf: "end" }}>{t("pyramid.gini_help")}</Text>
        </div>
      )}
      <Chart label={t("pyramid.curve")} option={option} table={table} height={300} />
    </Panel>
  );
}
