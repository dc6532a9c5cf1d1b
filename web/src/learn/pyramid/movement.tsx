import { Group, SegmentedControl, Select, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { movementQuery, versionsQuery } from "../../api/queries";
import type { Pyramid, PyramidMovement } from "../../api/types";
import { Figure } from "../../ui/figure";
import { filtersOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useSearchState, type Search } from "../../ui/search";
import { Answered } from "../../ui/states";
import { scoredDates } from "../scoring/as-of";
import classes from "./pyramid.module.css";
import { behindMove, useTierName, useValues } from "./words";

/** Who moved between the tiers since an earlier date, and who is blooming, interesting or tiring. */
export function MovementPanel({ of, search }: { of: Pyramid; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [, change] = useSearchState();
  const earlier = scoredDates(useQuery(versionsQuery).data?.items ?? []).filter((v) => v.as_of < of.as_of);
  const year = `${Number(of.as_of.slice(0, 4)) - 1}${of.as_of.slice(4)}`;
  // A year before compares like with like; without one, the date nearest to it.
  const nearest = [...earlier].sort((a, b) => Math.abs(Date.parse(a.as_of) - Date.parse(year)) - Math.abs(Date.parse(b.as_of) - Date.parse(year)))[0]?.as_of;
  const then = earlier.some((v) => v.as_of === search.then) ? search.then : nearest;
  if (!then) {
    return (
      <Panel title={t("pyramid.movement")}>
        <Text size="sm">{t("pyramid.no_earlier", { date: format.date(of.as_of) })}</Text>
      </Panel>
    );
  }
  return (
    <Panel
      title={t("pyramid.movement")}
      aside={<Select size="xs" aria-label={t("pyramid.since")} data={earlier.map((v) => ({ value: v.as_of, label: t("pyramid.since_date", { date: format.date(v.as_of) }) }))} value={then} allowDeselect={false} onChange={(d) => d && change({ then: d })} w={190} />}
    >
      <Moved of={of} search={search} then={then} />
    </Panel>
  );
}

function Moved({ of, search, then }: { of: Pyramid; search: Search; then: string }) {
  const movement = useQuery(movementQuery({ as_of: of.as_of, then, measure: of.measure.key, by: of.by, ...filtersOf(search) }));
  return (
    <Answered of={movement} height={200}>
      {(m) => (
        <Stack gap="lg">
          <Crossing of={m} search={search} />
          <Tempers of={m} search={search} />
        </Stack>
      )}
    </Answered>
  );
}

function Crossing({ of, search }: { of: PyramidMovement; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useTierName();
  const values = useValues(of.measure.unit, of.currency);
  const [state, change] = useSearchState();
  const money = state.figure === "value";
  const rows = of.places.filter((p) => of.moved.some((x) => x.from === p));
  const columns = of.places.filter((p) => of.moved.some((x) => x.to === p));
  const at = (from: string, to: string) => of.moved.find((x) => x.from === from && x.to === to);
  const sum = (some: PyramidMovement["moved"], then: boolean) => some.reduce((n, x) => n + (money ? (then ? x.value_then : x.value_now) : x.customers), 0);
  const write = (n: number) => (money ? values.whole(n) : format.number(n));
  const rank = (p: string) => of.places.indexOf(p);
  return (
    <div>
      <Group justify="space-between" mb="xs" gap="xs">
        <Text size="sm" c="dimmed" maw={760}>{t("pyramid.movement_explain", { then: format.date(of.then), date: format.date(of.as_of) })}</Text>
        <SegmentedControl size="xs" aria-label={t("pyramid.figure")} value={money ? "value" : "customers"} onChange={(v) => change({ figure: v === "value" ? v : undefined })} data={[{ value: "customers", label: t("figure.customers") }, { value: "value", label: t("pyramid.figure_value") }]} />
      </Group>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("pyramid.movement")}>
        <Table fz="sm" verticalSpacing={6} className={classes.move}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("pyramid.from_to", { then: format.date(of.then), date: format.date(of.as_of) })}</Table.Th>
              {columns.map((c) => <Table.Th key={c}>{name(c)}</Table.Th>)}
              <Table.Th>{t(money ? "pyramid.stood_with" : "pyramid.stood")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((r) => (
              <Table.Tr key={r}>
                <Table.Th scope="row">{name(r)}</Table.Th>
                {columns.map((c) => {
                  const x = at(r, c);
                  return (
                    <Table.Td key={c} className={r === c ? classes.same : x && rank(c) < rank(r) ? classes.up : undefined}>
                      {x ? (
                        <Figure to="/map/pyramid/customers" search={behindMove(search, of, { tier_then: r, tier_now: c })} label={t("pyramid.move_label", { from: name(r), to: name(c), customers: format.number(x.customers), then: values.short(x.value_then), now: values.short(x.value_now) })}>
                          {write(money ? x.value_now : x.customers)}
                        </Figure>
                      ) : (
                        <Text span c="dimmed">–</Text>
                      )}
                    </Table.Td>
                  );
                })}
                <Table.Td className="num" fw={600}>{write(sum(of.moved.filter((x) => x.from === r), true))}</Table.Td>
              </Table.Tr>
            ))}
            <Table.Tr>
              <Table.Th scope="row">{t(money ? "pyramid.stands_with" : "pyramid.stands")}</Table.Th>
              {columns.map((c) => <Table.Td key={c} className="num" fw={600}>{write(sum(of.moved.filter((x) => x.to === c), false))}</Table.Td>)}
              <Table.Td className="num" fw={600}>{money ? "" : write(sum(of.moved, true))}</Table.Td>
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </div>
      <Text size="xs" c="dimmed" mt={4}>{t(money ? "pyramid.cells_value" : "pyramid.cells_customers")}</Text>
    </div>
  );
}

function Tempers({ of, search }: { of: PyramidMovement; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const contacts = of.tempers.some((x) => x.contacts !== null);
  return (
    <div>
      <Text fw={600}>{t("pyramid.tempers")}</Text>
      <Text size="sm" c="dimmed" mb="xs" maw={860}>
        {t("pyramid.tempers_explain", { upper: of.rule.upper, fall: format.cut(of.rule.fall), effort: format.cut(of.rule.effort) })} {!of.effort && t("pyramid.effort_unknown")}
      </Text>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("pyramid.tempers")}>
        <Table fz="sm" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("pyramid.temper")}</Table.Th>
              <Table.Th ta="right">{t("figure.customers")}</Table.Th>
              <Table.Th ta="right">{t("pyramid.revenue_at", { date: format.date(of.then), currency: of.currency })}</Table.Th>
              <Table.Th ta="right">{t("pyramid.revenue_at", { date: format.date(of.as_of), currency: of.currency })}</Table.Th>
              {of.effort && <Table.Th ta="right">{t("pyramid.effort_in", { currency: of.currency })}</Table.Th>}
              {contacts && <Table.Th ta="right">{t("pyramid.contacts")}</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.tempers.map((x) => (
              <Table.Tr key={x.temper}>
                <Table.Td>
                  <Text size="sm" fw={550}>{t(`temper.${x.temper}`)}</Text>
                  <Text size="xs" c="dimmed">{t(`temper_help.${x.temper}`)}</Text>
                </Table.Td>
                <Table.Td ta="right">
                  {x.customers === 0 ? <span className="num">0</span> : (
                    <Figure to="/map/pyramid/customers" search={behindMove(search, of, { temper: x.temper })} label={t("pyramid.temper_label", { temper: t(`temper.${x.temper}`) })}>{format.number(x.customers)}</Figure>
                  )}
                </Table.Td>
                <Table.Td ta="right" className="num">{format.amount(x.revenue_then)}</Table.Td>
                <Table.Td ta="right" className="num">{format.amount(x.revenue_now)}</Table.Td>
                {of.effort && <Table.Td ta="right" className="num">{format.amount(x.cost_to_serve)}</Table.Td>}
                {contacts && <Table.Td ta="right" className="num">{format.number(x.contacts)}</Table.Td>}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </div>
  );
}
