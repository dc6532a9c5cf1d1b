import { Group, SegmentedControl, Table, Text } from "@mantine/core";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Loyalty } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useSearchState, type Search } from "../../ui/search";
import { frame, steps } from "../clv/chart";
import { behind } from "./lists";
import classes from "./loyalty.module.css";
import { Save } from "./save";

type Span = Loyalty["spans"][number];

/** Days from one date to another. */
function days(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

/** The customers behind two figures of the latest period: who bought in it, and who left. Of earlier ones the date itself must be chosen. */
function latest(of: Loyalty, search: Search) {
  const now = of.spans.at(-1);
  const before = of.spans.at(-2);
  if (!now) return {};
  const since = days(now.from, of.as_of);
  const columns = "days_since_purchase,loyalty,behaviour_type";
  return {
    customers: behind(of, search, [`days_since_purchase<=${since}`], columns),
    left: before && behind(of, search, [`days_since_purchase>${since}`, `days_since_purchase<=${days(before.from, of.as_of)}`], columns),
  };
}

/** Retention, loss, loyalty and satisfaction over time (P10). */
export function IndicesPanel({ of }: { of: Loyalty }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const [search] = useSearchState();
  const name = useCallback((s: Span) => t("loyalty.until", { date: format.date(s.to) }), [t, format]);
  const percent = (x: number | null | undefined) => (x == null ? "–" : format.percent(x));
  const option = useCallback(
    (c: Colours) => {
      const base = frame(c, i18n.language);
      const line = (label: string, value: (s: Span) => number | null, colour: string) => ({
        type: "line", name: label, symbolSize: 7, connectNulls: false, itemStyle: { color: colour }, lineStyle: { color: colour, width: 2 }, data: of.spans.map((s) => value(s)),
      });
      return {
        ...base,
        grid: { ...base.grid, top: 56 }, // four names take two lines on a phone
        xAxis: steps(c, of.spans.map((s) => format.date(s.to))),
        yAxis: { ...base.yAxis, min: 0, axisLabel: { ...base.yAxis.axisLabel, formatter: "{value} %" } },
        series: [
          line(t("loyalty.retention"), (s) => s.retention ?? null, c.accent),
          line(t("loyalty.loss"), (s) => (s.loss == null ? null : 100 * s.loss), c.bronze),
          line(t("loyalty.standard"), (s) => (s.standard == null ? null : 100 * s.standard), c.gold),
          line(t("loyalty.strengthened"), (s) => s.strengthened ?? null, c.silver),
        ],
      };
    },
    [of, t, format, i18n.language],
  );
  if (of.spans.length === 0) {
    return (
      <Panel title={t("loyalty.indices")}>
        <Text size="sm">{t("loyalty.indices_none")}</Text>
      </Panel>
    );
  }
  const links = latest(of, search);
  const head = [t("loyalty.span"), t("loyalty.bought"), t("loyalty.before"), t("loyalty.again"), t("loyalty.left"), t("loyalty.retention"), t("loyalty.loss"), t("loyalty.standard"), t("loyalty.strengthened"), t("loyalty.satisfaction")];
  const rows = [...of.spans].reverse().map((s) => ({
    s,
    cells: [format.number(s.customers), format.number(s.before), format.number(s.again), format.number(s.left), percent(s.retention == null ? null : s.retention / 100), percent(s.loss), percent(s.standard), percent(s.strengthened == null ? null : s.strengthened / 100),
      s.satisfaction.weighted == null ? "–" : format.quantity(s.satisfaction.weighted)],
  }));
  return (
    <Panel title={t("loyalty.indices")} aside={<Save of={of} table="indices" />}>
      <Text size="sm" c="dimmed" mb="xl">
        {t("loyalty.indices_help", { count: of.definition.asked })}
      </Text>
      <Chart label={t("loyalty.indices")} option={option} table={{ head, rows: rows.map((r) => [name(r.s), ...r.cells]) }} />
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("loyalty.indices_table")}>
        <Table fz="sm" verticalSpacing={4} mt="sm">
          <Table.Thead>
            <Table.Tr>
              {head.map((h, i) => (
                <Table.Th key={h} ta={i ? "right" : "left"}>
                  {h}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ s, cells }, row) => (
              <Table.Tr key={s.to}>
                <Table.Td style={{ whiteSpace: "nowrap" }}>{name(s)}</Table.Td>
                {cells.map((text, i) => {
                  const to = row > 0 || text === "0" ? undefined : i === 0 ? links.customers : i === 3 ? links.left : undefined;
                  return (
                    <Table.Td key={i} ta="right" className="num">
                      {to ? (
                        <Figure to="/map/customers" search={to} label={t(i === 0 ? "loyalty.bought_label" : "loyalty.left_label")}>
                          {text}
                        </Figure>
                      ) : (
                        text
                      )}
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <SatisfactionForms of={of} />
    </Panel>
  );
}

/** The three forms of satisfaction of the latest period that has answers, and their categories. */
function SatisfactionForms({ of }: { of: Loyalty }) {
  const { t } = useTranslation();
  const format = useFormat();
  const s = of.spans.findLast((x) => x.satisfaction.plain != null);
  if (!s) return <Text size="xs" c="dimmed" mt="sm">{t("loyalty.satisfaction_none")}</Text>;
  return (
    <Text size="xs" c="dimmed" mt="sm">
      {t("loyalty.satisfaction_forms", {
        date: format.date(s.to), answers: format.number(s.answers), plain: format.quantity(s.satisfaction.plain), weighted: format.quantity(s.satisfaction.weighted), source: format.quantity(s.satisfaction.source),
      })}{" "}
      {s.categories.map((c) => t("loyalty.category", { name: c.name, score: format.quantity(c.score), weight: format.quantity(c.weight) })).join(" · ")}
    </Text>
  );
}

/** Retention and loss of the latest period by industry, country or unit. */
export function PartsPanel({ of, by }: { of: Loyalty; by: "industry" | "country" | "unit" }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, change] = useSearchState();
  const links = latest(of, search);
  const span = of.spans.at(-1);
  if (!span) return null;
  return (
    <Panel
      title={t("loyalty.parts", { date: format.date(span.to) })}
      aside={
        <Group gap="xs">
          <SegmentedControl size="xs" aria-label={t("loyalty.parts_by")} value={by} onChange={(v) => change({ by: v })} data={(["industry", "country", "unit"] as const).map((v) => ({ value: v, label: t(`field.${v}`) }))} />
          <Save of={of} table="parts" />
        </Group>
      }
    >
      <div style={{ maxHeight: 360, overflow: "auto" }} tabIndex={0} role="region" aria-label={t("loyalty.parts", { date: format.date(span.to) })}>
        <Table stickyHeader fz="sm" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t(`field.${by}`)}</Table.Th>
              {["bought", "before", "left", "retention", "loss"].map((k) => (
                <Table.Th key={k} ta="right">
                  {t(`loyalty.${k}`)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.parts.map((p) => {
              const label = by === "country" ? format.country(p.key) : p.name || t("loyalty.no_part");
              const figure = (n: number, to: Search | undefined, what: string) =>
                n === 0 || !to || !p.key ? (
                  format.number(n)
                ) : (
                  <Figure to="/map/customers" search={{ ...to, [by]: p.key }} label={`${label}: ${t(what)}`}>
                    {format.number(n)}
                  </Figure>
                );
              return (
                <Table.Tr key={p.key}>
                  <Table.Td>{label}</Table.Td>
                  <Table.Td ta="right" className="num">{figure(p.customers, links.customers, "loyalty.bought_label")}</Table.Td>
                  <Table.Td ta="right" className="num">{format.number(p.before)}</Table.Td>
                  <Table.Td ta="right" className="num">{figure(p.left, links.left, "loyalty.left_label")}</Table.Td>
                  <Table.Td ta="right" className="num">{p.retention == null ? "–" : format.percent(p.retention / 100)}</Table.Td>
                  <Table.Td ta="right" className="num">{p.loss == null ? "–" : format.percent(p.loss)}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </div>
    </Panel>
  );
}
