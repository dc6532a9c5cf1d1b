import { Group, Stack, Table, Text } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Allocation } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { frame, steps } from "../clv/chart";
import classes from "./allocation.module.css";
import type { Draft } from "./draft";
import { KeepPlan } from "./keep";
import { behindSegment, useSegmentName } from "./words";

/** The spend that brings most: against the even spread and today's, by segment, and what more or less money would do. */
export function Result({ draft, answer }: { draft: Draft; answer: Allocation }) {
  const { t } = useTranslation();
  const can = useCan();
  return (
    <Stack gap="md" role="status">
      <Panel title={t("allocation.result")}>
        <Stack gap="md">
          <Totals answer={answer} />
          <Shares draft={draft} answer={answer} />
          {can("plan.write") && <KeepPlan draft={draft} />}
        </Stack>
      </Panel>
      <Spends draft={draft} answer={answer} />
      {answer.shares.some((s) => s.adbudg) && <Responses draft={draft} answer={answer} />}
      <Sensitivity answer={answer} />
      {answer.ladder.length > 0 && <Ladder draft={draft} answer={answer} />}
    </Stack>
  );
}

function Totals({ answer }: { answer: Allocation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const money = (x: number) => `${format.number(x)} ${format.currency}`;
  const ways = [["best", answer.best], ["even", answer.even], ["today", answer.now]] as const;
  const gain = answer.even.return !== 0 ? answer.best.return / answer.even.return - 1 : null;
  return (
    <>
      <div className={classes.totals}>
        {ways.map(([key, x]) => (
          <div key={key} className={classes.total} data-best={key === "best"}>
            <Text size="sm" c="dimmed">{t(`allocation.way_${key}`)}</Text>
            {x ? (
              <>
                <Text fz="h2" fw={650} className="num">{format.quantity(x.mean_return)}</Text>
                <Text size="xs" c="dimmed">{t("allocation.way_detail", { total: money(x.return), spend: money(x.spend), mean: format.quantity(x.mean_spend) })}</Text>
              </>
            ) : (
              <Text size="sm">{t("allocation.today_unknown")}</Text>
            )}
          </div>
        ))}
      </div>
      <Text>
        {gain !== null && answer.even.return > 0 && t(gain > 0.0005 ? "allocation.better" : "allocation.as_good", { gain: format.percent(gain) })}{" "}
        {answer.shadow_price > 0 ? t("allocation.price", { currency: format.currency, price: format.quantity(answer.shadow_price) }) : t("allocation.no_price")}{" "}
        {answer.left > 0.005 && t("allocation.left", { amount: money(answer.left) })}
      </Text>
    </>
  );
}

function Shares({ draft, answer }: { draft: Draft; answer: Allocation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useSegmentName(draft.by);
  const curve = answer.shares.some((s) => s.curve || s.adbudg);
  const now = answer.now !== null;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("allocation.result")}>
      <Table fz="sm" verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("allocation.segment")}</Table.Th>
            <Table.Th ta="right">{t("figure.customers")}</Table.Th>
            <Table.Th ta="right">{t("allocation.spend_each")}</Table.Th>
            <Table.Th ta="right">{t("allocation.return_each")}</Table.Th>
            <Table.Th ta="right">{t("allocation.even_each")}</Table.Th>
            {now && <Table.Th ta="right">{t("allocation.now_each")}</Table.Th>}
            <Table.Th ta="right">{t("allocation.spend_all")}</Table.Th>
            <Table.Th ta="right">{t("allocation.return_all")}</Table.Th>
            <Table.Th ta="right">{t("allocation.marginal")}</Table.Th>
            {curve && <Table.Th ta="right">{t("allocation.off")}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {answer.shares.map((s) => (
            <Table.Tr key={s.name}>
              <Table.Td fw={550}>{name(s.name)}</Table.Td>
              <Table.Td ta="right">
                {draft.by ? <Figure to="/map/customers" search={behindSegment(draft.by, s.name, draft.as_of)} label={t("allocation.segment_label", { segment: name(s.name) })}>{format.number(s.customers)}</Figure> : <span className="num">{format.number(s.customers)}</span>}
              </Table.Td>
              <Table.Td ta="right">
                <Text size="sm" fw={650} className="num">{format.quantity(s.spend)}</Text>
                {s.parts.length > 1 && <Text size="xs" c="dimmed">{s.parts.map((p) => t("allocation.part", { customers: format.number(p.customers), spend: format.quantity(p.spend) })).join(", ")}</Text>}
              </Table.Td>
              <Table.Td ta="right" className="num">{format.quantity(s.return)}</Table.Td>
              <Table.Td ta="right" className="num">{format.quantity(s.even_return)}</Table.Td>
              {now && <Table.Td ta="right" className="num">{format.quantity(s.now_return)}</Table.Td>}
              <Table.Td ta="right" className="num">{format.number(s.total_spend)}</Table.Td>
              <Table.Td ta="right" className="num">{format.number(s.total_return)}</Table.Td>
              <Table.Td ta="right" className="num">{s.marginal > 0 ? format.quantity(s.marginal) : "–"}</Table.Td>
              {curve && <Table.Td ta="right" className="num">{format.quantity((s.curve ?? s.adbudg)?.rmse)}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

/** Spend per customer: the best beside the even one. */
function Spends({ draft, answer }: { draft: Draft; answer: Allocation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useSegmentName(draft.by);
  const option = useCallback(
    (c: Colours): EChartsCoreOption => ({
      ...frame(c, format.locale),
      xAxis: steps(c, answer.shares.map((s) => name(s.name))),
      series: [
        { name: t("allocation.spend_each"), type: "bar", barMaxWidth: 46, data: answer.shares.map((s) => s.spend), itemStyle: { color: c.accent },
          markLine: { silent: true, symbol: "none", lineStyle: { color: c.text, type: "dashed" }, label: { color: c.text, formatter: t("allocation.way_even"), position: "insideEndTop" }, data: [{ yAxis: answer.even.mean_spend }] } },
      ],
    }),
    [answer, name, format, t],
  );
  const table = useMemo(() => ({ head: [t("allocation.segment"), t("allocation.spend_each")], rows: answer.shares.map((s) => [name(s.name), format.quantity(s.spend)]) }), [answer, name, format, t]);
  return (
    <Panel title={t("allocation.spends")}>
      <Chart label={t("allocation.spends")} option={option} table={table} height={240} />
    </Panel>
  );
}

/** Little's curves through the judgments of each segment, with the numbers that make them. */
function Responses({ draft, answer }: { draft: Draft; answer: Allocation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useSegmentName(draft.by);
  const of = useMemo(() => answer.shares.flatMap((s) => (s.adbudg ? [{ name: name(s.name), share: s, curve: s.adbudg }] : [])), [answer, name]);
  const option = useCallback(
    (c: Colours): EChartsCoreOption => {
      const f = frame(c, format.locale);
      return {
        ...f,
        legend: { type: "scroll", top: 0, left: 0, right: 40, textStyle: { color: c.text, fontSize: 12 } },
        grid: { left: 16, right: 24, top: 36, bottom: 28, containLabel: true },
        xAxis: { type: "value", name: t("allocation.spend_each"), nameLocation: "middle", nameGap: 28, nameTextStyle: { color: c.text }, splitLine: { show: false }, axisLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.text, fontSize: 11 } },
        yAxis: { ...f.yAxis, scale: true },
        series: of.flatMap((x) => [
          { name: x.name, type: "line", symbol: "none", data: x.curve.drawn.map((p) => [p.spend, p.return]), lineStyle: { width: 2 } },
          { name: x.name, type: "line", symbol: "circle", symbolSize: 10, data: [[x.share.spend, x.share.return]] }, // a series of the same name has its colour
        ]),
      };
    },
    [of, format, t],
  );
  const table = useMemo(
    () => ({ head: [t("allocation.segment"), t("allocation.curve_base"), t("allocation.saturation"), t("allocation.curve_shape"), t("allocation.curve_half"), t("allocation.off")],
      rows: of.map((x) => [x.name, format.quantity(x.curve.base), format.quantity(x.curve.saturation), format.quantity(x.curve.shape), format.quantity(x.curve.half), format.quantity(x.curve.rmse)]) }),
    [of, format, t],
  );
  return (
    <Panel title={t("allocation.curves")} aside={<span style={{ width: 34 }} />}>
      <Text size="sm" c="dimmed" mb="xs">{t("allocation.curves_help")}</Text>
      <Chart label={t("allocation.curves")} option={option} table={table} height={280} />
    </Panel>
  );
}

function Sensitivity({ answer }: { answer: Allocation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const option = useCallback(
    (c: Colours): EChartsCoreOption => {
      const f = frame(c, format.locale);
      return {
        ...f,
        grid: { left: 16, right: 24, top: 20, bottom: 28, containLabel: true },
        xAxis: { type: "value", min: answer.minimum, max: answer.maximum, name: t("allocation.budget"), nameLocation: "middle", nameGap: 28, nameTextStyle: { color: c.text }, splitLine: { show: false }, axisLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.text, fontSize: 11, formatter: (v: number) => v.toLocaleString(format.locale, { notation: "compact" }) } },
        yAxis: { ...f.yAxis, scale: true },
        series: [
          { name: t("allocation.total_return"), type: "line", symbol: "none", data: answer.sensitivity.map((s) => [s.budget, s.return]), lineStyle: { color: c.accent, width: 2 }, itemStyle: { color: c.accent },
            markLine: { silent: true, symbol: "none", lineStyle: { color: c.text, type: "dashed" }, label: { color: c.text, formatter: t("allocation.here") }, data: [{ xAxis: answer.best.spend }] } },
        ],
      };
    },
    [answer, format, t],
  );
  const table = useMemo(
    () => ({ head: [t("allocation.budget"), t("allocation.total_return"), t("allocation.marginal")], rows: answer.sensitivity.map((s) => [format.number(s.budget), format.number(s.return), format.quantity(s.price)]) }),
    [answer, format, t],
  );
  return (
    <Panel title={t("allocation.sensitivity")}>
      <Text size="sm" c="dimmed" mb="xs">{t("allocation.sensitivity_help", { from: format.number(answer.minimum), to: format.number(answer.maximum), currency: format.currency })}</Text>
      {answer.maximum > answer.minimum && <Chart label={t("allocation.sensitivity")} option={option} table={table} height={260} />}
    </Panel>
  );
}

function Ladder({ draft, answer }: { draft: Draft; answer: Allocation }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useSegmentName(draft.by);
  return (
    <Panel title={t("allocation.ladder")}>
      <Text size="sm" c="dimmed" mb="xs">{t("allocation.ladder_help")}</Text>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("allocation.ladder")}>
        <Table fz="sm" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("allocation.segment")}</Table.Th>
              <Table.Th ta="right">{t("allocation.step")}</Table.Th>
              <Table.Th ta="right">{t("allocation.marginal")}</Table.Th>
              <Table.Th ta="right">{t("allocation.costs")}</Table.Th>
              <Table.Th ta="right">{t("allocation.bought")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {answer.ladder.map((s, i) => (
              <Table.Tr key={i}>
                <Table.Td>{name(s.name)}</Table.Td>
                <Table.Td ta="right" className="num">{t("allocation.from_to", { from: format.quantity(s.from), to: format.quantity(s.to) })}</Table.Td>
                <Table.Td ta="right" className="num">{format.quantity(s.marginal)}</Table.Td>
                <Table.Td ta="right" className="num">{format.number(s.money)}</Table.Td>
                <Table.Td ta="right" className="num">{s.taken >= 1 ? t("allocation.whole") : s.taken > 0 ? format.percent(s.taken) : t("allocation.not_bought")}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <Group mt="xs"><Text size="xs" c="dimmed">{t("allocation.ladder_note")}</Text></Group>
    </Panel>
  );
}
