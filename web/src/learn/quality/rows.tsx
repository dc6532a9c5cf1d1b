import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import { qualityQuery, qualityRowsQuery } from "../../api/queries";
import type { QualityRow } from "../../api/types";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";
import { useQualityWords } from "./words";

/** The records behind a figure of the data check, each linked to its card. */
export function QualityRowsPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const words = useQualityWords();
  const { kind, finding } = useParams({ strict: false }) as { kind: string; finding: string };
  const [search, change] = useSearchState();
  const figure = { kind, finding, month: search.month || undefined };
  const rows = useInfiniteQuery(qualityRowsQuery(figure));
  const checked = useQuery(qualityQuery).data?.created_at;
  const columns = useColumns(kind);
  const title = figure.month ? t("quality.rows_of_month", { month: format.month(figure.month) }) : words.finding(finding);
  const crumbs = [
    { label: t("quality.title"), to: "/data/check" },
    { label: words.kind(kind), to: `/data/check/${kind}` },
  ];
  return (
    <>
      <PageHeader title={title} crumbs={crumbs}>
        {words.blocks(kind, finding)} {checked && t("quality.rows_intro", { at: format.instant(checked) })}
        {!can("quality.run") && <div>{t("quality.rows_reach")}</div>}
      </PageHeader>
      <Panel flush>
        <DataTable label={title} columns={columns} of={rows} rowId={(r) => r.key} chosen={search.columns} onChoose={(c) => change({ columns: c })}
          csv={address("/quality/rows/export", figure)} empty={<Empty title={t("quality.rows_none_title")}>{t("quality.rows_none")}</Empty>} />
      </Panel>
    </>
  );
}

type Text = { [K in keyof QualityRow]-?: NonNullable<QualityRow[K]> extends string ? K : never }[keyof QualityRow];
type Amount = "revenue" | "cost" | "amount";

// Which columns the records of a kind have; those after the bar are there to be chosen.
const customer = ["industry", "size_employees", "postal_code", "city", "country", "phone", "email", "owner_name", "|", "street", "website", "unit_name"];
const columnsOf: Record<string, string[]> = {
  customers: customer,
  potentials: ["date", "amount", "source"],
  purchases: ["date", "document", "line", "product_name", "quantity", "revenue", "cost", "person_name", "|", "product_code", "channel"],
  budgets: ["date", "revenue"],
  products: ["category_name", "cost", "currency"],
  interactions: ["date", "touch_kind", "person_name", "minutes", "result"],
  people: ["unit_name"],
  units: ["unit_name"],
};
const nameOf: Record<string, string> = { owner_name: "owner", unit_name: "unit", category_name: "category", product_name: "product", product_code: "code", person_name: "person", touch_kind: "kind" };

function useColumns(kind: string): ColumnDef<QualityRow>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return useMemo(() => {
    const label = (id: string) => {
      if (id === "product_code") return `${t("quality.field.product")}: ${t("quality.field.code")}`;
      if (kind === "purchases" && id === "person_name") return t("quality.field.seller");
      return t(`quality.field.${nameOf[id] ?? id}`);
    };
    const cell = (id: string, r: QualityRow) => {
      switch (id) {
        case "revenue":
        case "cost":
        case "amount":
          return format.exact(r[id as Amount], r.currency || format.currency);
        case "quantity":
          return format.quantity(r.quantity);
        case "size_employees":
        case "minutes":
          return format.number(r[id]);
        case "date":
          return kind === "budgets" ? format.month(r.date) : format.date(r.date);
        case "country":
          return format.country(r.country);
        case "source":
          return r.source ? t(`source.${r.source}`) : "–";
        default:
          return (r[id as Text] as string | undefined) || "–";
      }
    };
    const numeric = ["revenue", "cost", "amount", "quantity", "size_employees", "minutes"];
    const all = columnsOf[kind] ?? [];
    const bar = all.indexOf("|");
    const name: ColumnDef<QualityRow> = {
      id: "name",
      header: t(["customers", "products", "people", "units"].includes(kind) ? "quality.field.name" : "quality.field.customer"),
      meta: { main: true },
      cell: ({ row: { original: r } }) => (r.customer_id && r.code ? <Link to="/map/customers/$id" params={{ id: r.customer_id } as never}>{r.name || r.code}</Link> : r.name || r.code || "–"),
    };
    const code: ColumnDef<QualityRow> = { id: "code", header: t("quality.field.code"), cell: ({ row }) => row.original.code || "–" };
    return [
      name,
      code,
      ...all.filter((id) => id !== "|").map((id, i): ColumnDef<QualityRow> => ({
        id,
        header: label(id),
        meta: { numeric: numeric.includes(id), extra: bar >= 0 && i >= bar },
        cell: ({ row }) => cell(id, row.original),
      })),
    ];
  }, [kind, t, format]);
}
