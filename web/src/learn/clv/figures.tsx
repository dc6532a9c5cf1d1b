import { Group, Table, Text } from "@mantine/core";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import type { Lifetime } from "../../api/types";
import { FileOffer } from "../../ui/download";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { HowButton } from "../measure/how";
import classes from "./clv.module.css";

type Figures = Lifetime["all"];
type Class = Lifetime["tenths"][number];

/** Address state of the list behind some customers. */
export function behind(as_of: string, conditions: string[], sort: string) {
  return { as_of, measure: conditions.join("|"), sort, columns: "code,cell,revenue,last_purchase,owner,value_to_come,danger,lifetime_group" };
}

/** The conditions of a class of a measure; the lowest holds all that have a value below. */
export function conditions(measure: string, c: Pick<Class, "from" | "below">): string[] {
  return [...(c.from === null ? [`${measure}!=`] : [`${measure}>=${c.from}`]), ...(c.below === null ? [] : [`${measure}<${c.below}`])];
}

/** From where to where a class goes. */
function span(t: TFunction, c: Class, write: (x: number | null) => string): string {
  if (c.from === null) return t("lifetime.below", { below: write(c.below) });
  return c.below === null ? t("lifetime.from", { from: write(c.from) }) : t("lifetime.between", { from: write(c.from), below: write(c.below) });
}

/** A table of the page with all its digits. */
export function Save({ of, table }: { of: Lifetime; table: string }) {
  return <FileOffer kind="csv" href={address("/lifetime/export", { as_of: of.as_of, table })} />;
}

type Row = { key: string; name: ReactNode; label: string; figures: Figures; search: ReturnType<typeof behind> };

/** Customers, revenue and value of some classes, each a link to its customers; bars show `of`. */
function FigureTable({ currency, head, rows, bar }: { currency: string; head: string; rows: Row[]; bar: "customers" | "value_to_come" }) {
  const { t } = useTranslation();
  const format = useFormat();
  const most = Math.max(1, ...rows.map((r) => r.figures[bar]));
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={head}>
      <Table fz="sm" verticalSpacing={4} withRowBorders={false}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{head}</Table.Th>
            <Table.Th ta="right">{t("figure.customers")}</Table.Th>
            <Table.Th className={classes.barCell} aria-hidden />
            <Table.Th ta="right">{t("rfm.revenue_in", { currency })}</Table.Th>
            <Table.Th ta="right">{t("lifetime.value_to_come")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((r) => (
            <Table.Tr key={r.key}>
              <Table.Td className={classes.name}>{r.name}</Table.Td>
              <Table.Td ta="right">
                {r.figures.customers === 0 ? (
                  <span className="num">0</span>
                ) : (
                  <Figure to="/map/customers" search={r.search} label={t("lifetime.class_label", { name: r.label })}>
                    {format.number(r.figures.customers)}
                  </Figure>
                )}
              </Table.Td>
              <Table.Td className={classes.barCell} aria-hidden>
                <div className={classes.bar} style={{ width: `${Math.max(0, (100 * r.figures[bar]) / most)}%` }} />
              </Table.Td>
              <Table.Td ta="right" className="num">
                {format.amount(r.figures.revenue)}
              </Table.Td>
              <Table.Td ta="right" className="num">
                {format.amount(r.figures.value_to_come)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Explained({ text, measure, label, as_of }: { text: string; measure: string; label: string; as_of: string }) {
  return (
    <Group gap={4} mb="sm" wrap="nowrap" align="flex-start">
      <Text size="sm" c="dimmed">
        {text}
      </Text>
      <HowButton measure={measure} label={label} as_of={as_of} />
    </Group>
  );
}

/** The five groups: profitable now and later, now, later only, not now, neither. */
export function GroupsPanel({ of }: { of: Lifetime }) {
  const { t } = useTranslation();
  const rows = of.groups.map((g) => ({
    key: g.group,
    name: (
      <>
        <Text size="sm" fw={550}>{t(`lifetime_group.${g.group}`)}</Text>
        <Text size="xs" c="dimmed">{t(`lifetime.group_${g.group}`)}</Text>
      </>
    ),
    label: t(`lifetime_group.${g.group}`),
    figures: g,
    search: behind(of.as_of, [`lifetime_group=${g.group}`], "-value_to_come"),
  }));
  return (
    <Panel title={t("lifetime.groups")} aside={<Save of={of} table="groups" />}>
      <Explained text={t("lifetime.groups_explain", { months: of.window_months })} measure="lifetime_group" label={t("lifetime.groups")} as_of={of.as_of} />
      <FigureTable currency={of.currency} head={t("lifetime.group")} rows={rows} bar="customers" />
    </Panel>
  );
}

/** How likely it is that nothing is bought in the months ahead, and what is at stake. */
export function DangerPanel({ of }: { of: Lifetime }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = of.danger.map((c) => {
    const name = span(t, c, format.cut);
    return { key: name, name: <span className="num">{name}</span>, label: t("lifetime.danger_label", { span: name }), figures: c, search: behind(of.as_of, conditions("danger", c), "-revenue") };
  });
  return (
    <Panel title={t("lifetime.danger")} aside={<Save of={of} table="danger" />}>
      <Explained text={t("lifetime.danger_explain", { count: of.models.definition.ahead_months, window: of.window_months })} measure="danger" label={t("lifetime.danger")} as_of={of.as_of} />
      <FigureTable currency={of.currency} head={t("lifetime.chance")} rows={rows} bar="customers" />
    </Panel>
  );
}

/** Value to come by tenths of the customers. */
export function TenthsPanel({ of }: { of: Lifetime }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rows = of.tenths.map((c) => {
    const name = span(t, c, format.amount);
    return { key: name + String(c.from), name: <span className="num">{name}</span>, label: t("lifetime.tenth_label", { span: name }), figures: c, search: behind(of.as_of, conditions("value_to_come", c), "-value_to_come") };
  });
  return (
    <Panel title={t("lifetime.tenths")} aside={<Save of={of} table="tenths" />}>
      <Explained text={t("lifetime.tenths_explain", { months: of.models.definition.horizon_months })} measure="value_to_come" label={t("lifetime.value_to_come")} as_of={of.as_of} />
      <FigureTable currency={of.currency} head={t("lifetime.value_in", { currency: of.currency })} rows={rows} bar="value_to_come" />
    </Panel>
  );
}
