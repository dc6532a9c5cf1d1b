import { Anchor, Button, Group, SegmentedControl, Table, Text, Tooltip } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { profitGridQuery } from "../../api/queries";
import type { Profit, ProfitGrid } from "../../api/types";
import { filtersOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { Answered } from "../../ui/states";
import classes from "./profit.module.css";
import { Explained, marks } from "./words";

const choices = ["largest", "best", "worst"] as const;

/** Customer × product profitability (P9), from categories down to products. */
export function GridPanel({ of }: { of: Profit }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, change] = useSearchState();
  const who = choices.find((c) => c === search.of) ?? "largest";
  const grid = useQuery({ ...profitGridQuery(of.as_of, who, filtersOf(search), search.category), placeholderData: keepPreviousData });
  const { rates } = of.definition;
  return (
    <Panel title={t("profit.grid")} aside={<SegmentedControl size="xs" aria-label={t("profit.grid_of")} value={who} onChange={(v) => change({ of: v === "largest" ? undefined : v })} data={choices.map((c) => ({ value: c, label: t(`profit.of_${c}`) }))} />}>
      <Explained text={t("profit.grid_explain", { plus_plus: format.cut(rates.plus_plus), plus: format.cut(rates.plus), minus: format.cut(rates.minus) })} measure="profit_rate" label={t("profit.grid")} as_of={of.as_of} />
      {search.category && (
        <Group gap={6} mb="sm">
          <Button variant="default" size="compact-sm" leftSection={<IconArrowLeft size={14} />} onClick={() => change({ category: undefined }, true)}>
            {t("profit.all_categories")}
          </Button>
          {grid.data?.path.map((c, i, path) => (
            <Button key={c.id} variant={i === path.length - 1 ? "light" : "default"} size="compact-sm" onClick={() => change({ category: c.id }, true)}>
              {c.name}
            </Button>
          ))}
        </Group>
      )}
      <Answered of={grid}>{(g) => (g.rows.length === 0 ? <Text size="sm">{t("profit.grid_none")}</Text> : <Drawn of={g} onDrill={(id) => change({ category: id }, true)} />)}</Answered>
    </Panel>
  );
}

type Column = ProfitGrid["columns"][number];

function Drawn({ of, onDrill }: { of: ProfitGrid; onDrill: (category: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rest = (i: number) => of.others > 0 && i === of.columns.length - 1;
  const name = (c: Column, i: number) => (rest(i) ? t("profit.others", { count: of.others, number: format.number(of.others) }) : c.name || c.code || (c.product ? t("profit.no_product") : t("profit.no_category")));
  return (
    <>
      <div className={classes.scroll} tabIndex={0} role="group" aria-label={t("profit.grid")}>
        <Table fz="sm" verticalSpacing={4} className={classes.grid}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th className={classes.who}>{t("profit.customer")}</Table.Th>
              <Table.Th ta="right">{t("profit.profit_in", { currency: of.currency })}</Table.Th>
              {of.columns.map((c, i) => (
                <Table.Th key={c.id + String(c.product) + String(i)} ta="center">
                  {c.product || rest(i) ? name(c, i) : <Anchor component="button" type="button" size="sm" onClick={() => onDrill(c.id || "none")}>{name(c, i)}</Anchor>}
                  <Text size="xs" c="dimmed">{c.grade ? t(`profit_grade.${c.grade}`) : t("profit.grade_none")}</Text>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.rows.map((r) => (
              <Table.Tr key={r.id}>
                <Table.Th scope="row" fw={400} className={classes.who} style={{ whiteSpace: "normal" }}>
                  <Anchor component={Link} size="sm" to="/map/customers/$id" params={{ id: r.id } as never} search={{ as_of: of.as_of } as never}>{r.name}</Anchor>
                  <Text size="xs" c="dimmed">{r.grade ? t(`profit_grade.${r.grade}`) : t("profit.grade_none")}</Text>
                </Table.Th>
                <Table.Td ta="right" className="num">{r.profit === null ? "–" : format.amount(r.profit)}</Table.Td>
                {r.cells.map((c, i) => (
                  <Table.Td key={i} ta="center">
                    {c && <Cell of={c} currency={of.currency} />}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <Text size="xs" c="dimmed" mt="xs">
        {t("profit.grid_note", { count: of.rows.length, number: format.number(of.rows.length), from: format.date(of.window.from), to: format.date(of.window.to) })}
      </Text>
    </>
  );
}

function Cell({ of, currency }: { of: NonNullable<ProfitGrid["rows"][number]["cells"][number]>; currency: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (of.profit === null) return <Text size="xs" c="dimmed">{t("profit.cost_unknown")}</Text>;
  const told = t("profit.cell_told", { revenue: format.money(of.revenue, currency), margin: format.money(of.margin, currency), served: format.money(of.cost_to_serve, currency) });
  return (
    <Tooltip label={told}>
      <span className={classes.mark} data-mark={of.mark || "none"}>
        <b>{of.mark === "" ? "·" : marks[of.mark]}</b>
        <span className="num">{format.short(of.profit)}</span>
      </span>
    </Tooltip>
  );
}
