import { Anchor, Drawer, Group, Select, Table, Text, UnstyledButton } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { opportunityCustomersQuery, opportunityQuery, versionsQuery } from "../../api/queries";
import type { Opportunity, Profit } from "../../api/types";
import { Figure } from "../../ui/figure";
import figures from "../../ui/figure.module.css";
import { filtersOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { Answered, ProblemNotice } from "../../ui/states";
import { scoredDates } from "../scoring/as-of";
import classes from "./profit.module.css";
import { useBehind, Explained, Save, signed } from "./words";

type Cell = Opportunity["cells"][number];

/** The profit opportunity matrix (P8): what new, retained and lost customers of each class add to the profit of the base period. */
export function OpportunityPanel({ of }: { of: Profit }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, change] = useSearchState();
  const versions = useQuery(versionsQuery).data?.items ?? [];
  const bases = scoredDates(versions).filter((v) => v.as_of <= of.before.to);
  const against = bases.some((v) => v.as_of === search.against) ? search.against : undefined;
  const compared = useQuery({ ...opportunityQuery(of.as_of, against ?? "", filtersOf(search)), enabled: against !== undefined, placeholderData: keepPreviousData });
  const shown = against === undefined ? of.opportunity : compared.data;
  return (
    <Panel title={t("profit.opportunity")} aside={against === undefined && <Save of={of} table="opportunity" />}>
      <Explained text={t("profit.opportunity_explain")} measure="opportunity_class" label={t("profit.opportunity")} as_of={of.as_of} />
      {bases.length > 0 && (
        <Select
          size="xs" mb="sm" maw={320} label={t("profit.against")} allowDeselect={false} value={against ?? "before"} onChange={(v) => change({ against: v === "before" ? undefined : (v ?? undefined) })}
          data={[{ value: "before", label: t("profit.against_before", { from: format.date(of.before.from), to: format.date(of.before.to) }) }, ...bases.map((v) => ({ value: v.as_of, label: t("profit.against_date", { date: format.date(v.as_of) }) }))]}
        />
      )}
      {compared.error && against !== undefined && <ProblemNotice cause={compared.error} />}
      {shown && <Matrix of={shown} as_of={of.as_of} currency={of.currency} against={against} />}
    </Panel>
  );
}

function Matrix({ of, as_of, currency, against }: { of: Opportunity; as_of: string; currency: string; against?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState<Cell>();
  const at = new Map(of.cells.map((c) => [`${c.class}|${c.state}`, c]));
  const wonBack = (at.get("all|won_back")?.customers ?? 0) > 0;
  const states = (["new", "won_back", "retained", "lost", "all"] as const).filter((s) => s !== "won_back" || wonBack);
  const bound = (c: "high" | "medium" | "low" | "all") =>
    c === "high" ? t("profit.bound_from", { from: format.cutMoney(of.high, currency) }) : c === "medium" ? t("profit.bound_from", { from: format.cutMoney(of.medium, currency) }) : c === "low" ? t("profit.bound_below", { below: format.cutMoney(of.medium, currency) }) : "";
  return (
    <>
      <Text size="sm" mb="xs">
        {t("profit.base", { base: format.money(of.base, currency), from: format.date(of.base_period.from), to: format.date(of.base_period.to), later_from: format.date(of.later_period.from), later_to: format.date(of.later_period.to) })}{" "}
        {of.base <= 0 && t("profit.base_none")} {of.untold > 0 && t("profit.opportunity_untold", { count: of.untold, number: format.number(of.untold) })}
      </Text>
      <div className={classes.scroll} tabIndex={0} role="group" aria-label={t("profit.opportunity")}>
        <Table fz="sm" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("profit.class")}</Table.Th>
              {states.map((s) => (
                <Table.Th key={s} ta="right">{s === "all" ? t("profit.together") : t(`customer_state.${s}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {(["high", "medium", "low", "all"] as const).map((c) => (
              <Table.Tr key={c} className={c === "all" ? classes.total : undefined}>
                <Table.Th scope="row" fw={550} className={classes.name}>
                  {c === "all" ? t("profit.together") : t(`opportunity_class.${c}`)}
                  <Text size="xs" c="dimmed" className="num">{bound(c)}</Text>
                </Table.Th>
                {states.map((s) => (
                  <Table.Td key={s} ta="right">
                    <Field cell={at.get(`${c}|${s}`)} as_of={as_of} compared={against !== undefined} onOpen={setOpen} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <Drawer opened={open !== undefined} onClose={() => setOpen(undefined)} position="right" size="lg" title={open && t("profit.movers")} closeButtonProps={{ "aria-label": t("action.close") }}>
        {open && against && <Movers as_of={as_of} against={against} cell={open} currency={currency} />}
      </Drawer>
    </>
  );
}

function Field({ cell, as_of, compared, onOpen }: { cell?: Cell; as_of: string; compared: boolean; onOpen: (c: Cell) => void }) {
  const { t } = useTranslation();
  const behind = useBehind();
  const format = useFormat();
  if (!cell || cell.customers === 0) return <span className="num">–</span>;
  const text = cell.share === null ? format.amount(cell.contribution) : signed(format, cell.share);
  const label = t("profit.cell_label", { count: cell.customers, number: format.number(cell.customers), amount: format.money(cell.contribution) });
  const conditions = [
    cell.state === "all" ? "opportunity_class!=" : `customer_state=${cell.state}`,
    cell.class === "all" ? "opportunity_class!=" : `opportunity_class=${cell.class}`,
  ];
  return (
    <>
      {compared ? (
        <UnstyledButton className={`num ${figures.figure} ${figures.strong}`} aria-label={`${text}: ${label}`} onClick={() => onOpen(cell)}>
          {text}
        </UnstyledButton>
      ) : (
        <Figure strong to="/map/customers" search={{ ...behind(as_of, [...new Set(conditions)], cell.state === "lost" ? "-profit_before" : "-profit"), columns: "code,owner,profit_before,profit,customer_state,opportunity_class" }} label={label}>
          {text}
        </Figure>
      )}
      <Text size="xs" c="dimmed" className="num">
        {t("profit.cell_customers", { count: cell.customers, number: format.number(cell.customers) })}
      </Text>
    </>
  );
}

/** The customers behind a cell of two scored dates, which no list of one date can tell. */
function Movers({ as_of, against, cell, currency }: { as_of: string; against: string; cell: Cell; currency: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search] = useSearchState();
  const movers = useQuery(opportunityCustomersQuery(as_of, against, cell.class, cell.state, filtersOf(search)));
  return (
    <Answered of={movers}>
      {({ items }) => (
        <>
          <Text size="sm" c="dimmed" mb="sm">
            {items.length < cell.customers ? t("profit.movers_first", { shown: format.number(items.length), number: format.number(cell.customers) }) : t("profit.movers_all", { count: items.length, number: format.number(items.length) })}
          </Text>
          <Table fz="sm" verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("profit.customer")}</Table.Th>
                <Table.Th ta="right">{t("profit.base_in", { currency })}</Table.Th>
                <Table.Th ta="right">{t("profit.later_in", { currency })}</Table.Th>
                <Table.Th ta="right">{t("profit.change")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((m) => (
                <Table.Tr key={m.id}>
                  <Table.Td>
                    <Anchor component={Link} size="sm" to="/map/customers/$id" params={{ id: m.id } as never} search={{ as_of } as never}>{m.name}</Anchor>
                    <Group gap={4}><Text size="xs" c="dimmed">{m.code} · {t(`customer_state.${m.state}`)}</Text></Group>
                  </Table.Td>
                  <Table.Td ta="right" className="num">{format.amount(m.base)}</Table.Td>
                  <Table.Td ta="right" className="num">{format.amount(m.later)}</Table.Td>
                  <Table.Td ta="right" className="num">{format.amount(m.contribution)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </>
      )}
    </Answered>
  );
}
