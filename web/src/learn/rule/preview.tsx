import { Anchor, Stack, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Rule, RulePreview } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { useFormat } from "../../ui/format";
import { Loading } from "../../ui/states";

/** What a rule would give for all customers: distribution, classes, who has no value, and examples. */
export function Preview({ of, unit, waiting }: { of: RulePreview | undefined; unit: Rule["unit"]; waiting: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  // An expression counts money in whole units, so nothing is converted here.
  const value = useCallback(
    (x: number | null | undefined) => (x == null ? "–" : unit === "share" ? format.percent(x) : format.quantity(x) + (unit === "money" ? ` ${format.currency}` : "")),
    [unit, format],
  );
  if (!of) return <Loading height={120} />;
  const none = of.customers - of.valued;
  return (
    <Stack gap="sm" style={{ opacity: waiting ? 0.55 : 1 }} aria-busy={waiting}>
      <Text size="sm" role="status">
        {t("rule.valued", { count: of.valued, valued: format.number(of.valued), customers: format.number(of.customers), date: format.date(of.as_of) })}{" "}
        {none > 0 && t("rule.no_value", { count: none, number: format.number(none) })}
      </Text>
      {of.valued > 0 && (
        <>
          <Text size="sm" c="dimmed" className="num">
            {t("rule.extent", { least: value(of.least), mean: value(of.mean), most: value(of.most) })}
          </Text>
          {of.bins.length > 1 && <Histogram of={of} value={value} />}
          {of.classes.length > 0 && (
            <Table fz="sm" verticalSpacing={3}>
              <Table.Tbody>
                {of.classes.map((c) => (
                  <Table.Tr key={c.name}>
                    <Table.Td>{c.name}</Table.Td>
                    <Table.Td ta="right" className="num">
                      {t("rule.class_size", { count: c.customers, number: format.number(c.customers), share: format.percent(c.customers / of.customers) })}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
          <Text size="xs" fw={600} c="dimmed">
            {t("rule.examples")}
          </Text>
          <Table fz="sm" verticalSpacing={3}>
            <Table.Tbody>
              {of.examples.map((e) => (
                <Table.Tr key={e.id}>
                  <Table.Td>
                    <Anchor component={Link} to="/map/customers/$id" params={{ id: e.id } as never} target="_blank" size="sm">
                      {e.name}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>{e.class}</Table.Td>
                  <Table.Td ta="right" className="num">
                    {value(e.value)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
    </Stack>
  );
}

function Histogram({ of, value }: { of: RulePreview; value: (x: number) => string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const option = useCallback(
    (c: Colours): EChartsCoreOption => ({
      animation: false,
      textStyle: { fontFamily: c.font },
      grid: { left: 4, right: 4, top: 8, bottom: 4, containLabel: true },
      tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: c.surface, borderColor: c.line, textStyle: { color: c.text, fontSize: 12 } },
      xAxis: { type: "category", data: of.bins.map((b) => value(b.from)), axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false }, axisLabel: { color: c.text, fontSize: 10, hideOverlap: true } },
      yAxis: { type: "value", splitLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.text, fontSize: 11 } },
      series: [{ name: t("figure.customers"), type: "bar", data: of.bins.map((b) => b.customers), itemStyle: { color: c.accent }, barCategoryGap: "8%" }],
    }),
    [of, value, t],
  );
  return (
    <div style={{ paddingTop: 30 }}>
      <Chart label={t("rule.distribution")} option={option} height={170}
        table={{ head: [t("rule.from_to"), t("figure.customers")], rows: of.bins.map((b) => [`${value(b.from)} – ${value(b.to)}`, format.number(b.customers)]) }} />
    </div>
  );
}
