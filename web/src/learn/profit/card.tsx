import { Divider, Group, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { profitCardQuery } from "../../api/queries";
import type { ProfitCard } from "../../api/types";
import { Panel } from "../../ui/page";
import { useFormat } from "../../ui/format";
import { HowButton } from "../measure/how";
import classes from "./profit.module.css";

/** What the panel says in its own words; the list of all measures leaves these out. */
export const toldOfProfit = ["cost", "margin", "costed_lines", "cost_to_serve", "profit", "profit_rate", "customer_state", "opportunity_class", "visits", "contacts", "contact_minutes", "orders", "returns"];

/** On the card: from revenue to profit, the parts of the cost to serve, and the categories. */
export function ProfitPanel({ customerId, as_of }: { customerId: string; as_of?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const card = useQuery(profitCardQuery(customerId, as_of));
  if (!card.data) return null; // the panel of all measures says why
  return (
    <Panel title={t("nav.profit")} aside={<Text size="xs" c="dimmed">{format.date(card.data.as_of)}</Text>}>
      <Drawn of={card.data} customerId={customerId} as_of={as_of} />
    </Panel>
  );
}

function Drawn({ of, customerId, as_of }: { of: ProfitCard; customerId: string; as_of?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const f = of.figures;
  const known = f.costed_lines > 0 || f.lines === 0;
  const line = (key: "revenue" | "cost" | "margin" | "cost_to_serve" | "profit", value: ReactNode, strong = false) => (
    <Group justify="space-between" gap={6} wrap="nowrap">
      <Group gap={2} wrap="nowrap" style={{ minWidth: 0 }}>
        <Text size="sm" c="dimmed">{t(`profit.${key}`)}</Text>
        <HowButton measure={key} label={t(`profit.${key}`)} customerId={customerId} as_of={as_of} />
      </Group>
      <Text size="sm" className="num" fw={strong ? 650 : 550} ta="right">{value}</Text>
    </Group>
  );
  return (
    <Stack gap="xs">
      <Text fw={650} fz="lg">
        {[t(`customer_state.${of.state}`), of.grade && t(`profit_grade.${of.grade}`)].filter(Boolean).join(" · ")}
      </Text>
      <Text size="xs" c="dimmed">
        {f.lines === 0 ? t("profit.card_nothing", { from: format.date(of.window.from), to: format.date(of.window.to) }) : t("profit.card_known", { costed: format.number(f.costed_lines), lines: format.number(f.lines), from: format.date(of.window.from), to: format.date(of.window.to) })}
      </Text>
      <Stack gap={4}>
        {line("revenue", format.money(f.revenue, of.currency))}
        {line("cost", known ? format.money(f.cost, of.currency) : "–")}
        {line("margin", known ? format.money(f.margin, of.currency) : "–")}
        {line("cost_to_serve", format.money(f.cost_to_serve, of.currency))}
        {of.parts.map((p) => (
          <Group key={p.of} justify="space-between" gap={6} wrap="nowrap" pl="md">
            <Text size="xs" c="dimmed">
              {t(`profit.part_${p.of}`, { count: p.count, number: format.number(p.count) })}
              {p.unit !== null && p.of !== "acquisition" && ` × ${format.round(p.unit, of.currency)}`}
            </Text>
            <Text size="xs" className="num" ta="right">{format.money(p.amount, of.currency)}</Text>
          </Group>
        ))}
        <Divider />
        {line("profit", f.profit === null ? "–" : format.money(f.profit, of.currency), true)}
      </Stack>
      {of.categories.length > 0 && (
        <div className={classes.scroll} tabIndex={0} role="group" aria-label={t("profit.by_categories")}>
          <Table fz="xs" verticalSpacing={3} horizontalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("profit.category")}</Table.Th>
                <Table.Th ta="right">{t("profit.margin")}</Table.Th>
                <Table.Th ta="right">{t("profit.profit")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {of.categories.map((c, i) => (
                <Table.Tr key={c.id + String(i)}>
                  <Table.Td>{of.others > 0 && i === of.categories.length - 1 ? t("profit.others", { count: of.others, number: format.number(of.others) }) : c.name || t("profit.no_category")}</Table.Td>
                  <Table.Td ta="right" className="num">{c.costed_lines > 0 ? format.amount(c.margin) : "–"}</Table.Td>
                  <Table.Td ta="right" className="num">{format.amount(c.profit)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {of.categories.length > 0 && <Text size="xs" c="dimmed">{t("profit.card_shared", { currency: of.currency })}</Text>}
    </Stack>
  );
}
