import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { moversQuery } from "../../api/queries";
import type { PyramidMover } from "../../api/types";
import { filtersOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { PageHeader } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";
import { useTierName } from "./words";

/** The customers behind a movement between tiers: what they brought then and bring now. */
export function MoversPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useTierName();
  const [search, change] = useSearchState();
  const { as_of, then = "", measure, tier_then, tier_now, temper, columns: chosen } = search;
  const by = search.by === "value" ? "value" : "customers";
  const movers = useInfiniteQuery(moversQuery({ as_of, then, measure, by, tier_then, tier_now, temper, ...filtersOf(search) }));
  const columns = useMemo<ColumnDef<PyramidMover>[]>(
    () => [
      { id: "name", header: t("field.name"), meta: { main: true }, cell: ({ row }) => <Link to="/map/customers/$id" params={{ id: row.original.id }} search={{ as_of } as never} className="quiet-link">{row.original.name}</Link> },
      { id: "code", header: t("field.code"), cell: ({ row }) => row.original.code },
      { id: "owner", header: t("field.owner"), cell: ({ row }) => row.original.owner_name || "–" },
      { id: "from", header: t("pyramid.then_in", { date: format.date(then) }), cell: ({ row }) => name(row.original.from) },
      { id: "to", header: t("pyramid.now_in", { date: format.date(as_of) }), cell: ({ row }) => name(row.original.to) },
      { id: "revenue_then", header: t("pyramid.revenue_at", { date: format.date(then), currency: format.currency }), meta: { numeric: true }, cell: ({ row }) => format.amount(row.original.revenue_then) },
      { id: "revenue_now", header: t("pyramid.revenue_at", { date: format.date(as_of), currency: format.currency }), meta: { numeric: true }, cell: ({ row }) => format.amount(row.original.revenue_now) },
      { id: "temper", header: t("pyramid.temper"), cell: ({ row }) => t(`temper.${row.original.temper}`) },
      { id: "cost_to_serve", header: t("pyramid.effort_in", { currency: format.currency }), meta: { numeric: true, extra: true }, cell: ({ row }) => format.amount(row.original.cost_to_serve) },
      { id: "contacts", header: t("pyramid.contacts"), meta: { numeric: true, extra: true }, cell: ({ row }) => format.number(row.original.contacts) },
    ],
    [t, format, name, then, as_of],
  );
  const back = { ...search, tier_then: undefined, tier_now: undefined, temper: undefined, columns: undefined };
  return (
    <>
      <PageHeader title={t("pyramid.movers")} crumbs={[{ label: t("nav.pyramid"), to: "/map/pyramid", search: back }]}>
        {temper
          ? t("pyramid.movers_temper", { temper: t(`temper.${temper}`), then: format.date(then), date: format.date(as_of) })
          : t("pyramid.movers_shown", { from: name(tier_then ?? ""), to: name(tier_now ?? ""), then: format.date(then), date: format.date(as_of) })}
      </PageHeader>
      <div className="panel">
        <DataTable label={t("pyramid.movers")} columns={columns} of={movers} rowId={(m) => m.id} chosen={chosen} onChoose={(c) => change({ columns: c })} empty={<Empty title={t("pyramid.nobody")} />} />
      </div>
    </>
  );
}
