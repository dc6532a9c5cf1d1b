import type { Colours } from "../../ui/chart";

/** What the charts of lifetime value have in common. */
export function frame(c: Colours, locale: string) {
  return {
    animation: false,
    textStyle: { fontFamily: c.font },
    grid: { left: 4, right: 8, top: 34, bottom: 24, containLabel: true },
    legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 10, itemGap: 16, textStyle: { color: c.text, fontSize: 12, fontFamily: c.font } },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: c.surface,
      borderColor: c.line,
      textStyle: { color: c.text, fontSize: 12 },
      valueFormatter: (v: unknown) => (typeof v === "number" ? v.toLocaleString(locale, { maximumFractionDigits: 2 }) : "–"),
    },
    yAxis: {
      type: "value",
      splitLine: { lineStyle: { color: c.line } },
      axisLabel: { color: c.text, fontSize: 11, formatter: (v: number) => v.toLocaleString(locale, { notation: "compact" }) },
    },
  };
}

/** An axis of named steps. */
export function steps(c: Colours, names: string[]) {
  return { type: "category", data: names, axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false }, axisLabel: { color: c.text, fontSize: 11, hideOverlap: true } };
}
