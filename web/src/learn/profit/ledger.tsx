import { Group, SegmentedControl, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Profit, ProfitLedger } from "../../api/types";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import classes from "./profit.module.css";
import { Save } from "./words";

type Figures = ProfitLedger["total"];

/** The whole company by category and by product. */
export function LedgerPanel({ of, ledger }: { of: Profit; ledger: ProfitLedger }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, change] = useSearchState();
  const by = search.by === "products" ? "products" : "categories";
  const items = by === "products" ? ledger.products : ledger.categories;
  const rest = by === "products" ? ledger.other_products : ledger.other_categories;
  return (
    <Panel
      title={t("profit.ledger")}
      aside={
        <Group gap="xs">
          <SegmentedControl size="xs" aria-label={t("profit.ledger_by")} value={by} onChange={(v) => change({ by: v === "products" ? v : undefined })} data={[{ value: "categories", label: t("profit.by_categories") }, { value: "products", label: t("profit.by_products") }]} />
          <Save of={of} table={by} />
        </Group>
      }
    >
      <Text size="sm" c="dimmed" mb="sm">
        {t("profit.ledger_explain")} {ledger.unshared > 0 && t("profit.unshared", { amount: format.money(ledger.unshared, of.currency) })}
      </Text>
      <div className={classes.scroll} style={{ maxHeight: 620 }} tabIndex={0} role="group" aria-label={t("profit.ledger")}>
        <Table stickyHeader fz="sm" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t(by === "products" ? "profit.product" : "profit.category")}</Table.Th>
              <Table.Th>{t("profit.grade")}</Table.Th>
              {(["revenue", "cost", "margin", "cost_to_serve", "profit"] as const).map((k) => (
                <Table.Th key={k} ta="right">{t(`profit.${k}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((c) => (
              <Table.Tr key={c.id || "none"}>
                <Table.Td className={classes.name}>{c.name || c.code || t(by === "products" ? "profit.no_product" : "profit.no_category")}</Table.Td>
                <Table.Td>{c.grade ? t(`profit_grade.${c.grade}`) : t("profit.grade_none")}</Table.Td>
                <Amounts of={c} />
              </Table.Tr>
            ))}
            {rest && (
              <Table.Tr>
                <Table.Td>{by === "products" ? t("profit.others", { count: ledger.other_count, number: format.number(ledger.other_count) }) : t("profit.rest")}</Table.Td>
                <Table.Td />
                <Amounts of={rest} />
              </Table.Tr>
            )}
            <Table.Tr className={classes.total}>
              <Table.Th scope="row">{t("profit.together_in", { currency: of.currency })}</Table.Th>
              <Table.Td />
              <Amounts of={ledger.total} />
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </div>
    </Panel>
  );
}

function Amounts({ of }: { of: Figures }) {
  const format = useFormat();
  return (
    <>
      {[of.revenue, of.cost, of.costed_lines > 0 ? of.margin : null, of.cost_to_serve, of.profit].map((x, i) => (
        <Table.Td key={i} ta="right" className="num">{format.amount(x)}</Table.Td>
      ))}
    </>
  );
}
