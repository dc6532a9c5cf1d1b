import { Badge, Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import { matricesQuery, matrixMoversQuery, scenariosQuery } from "../../api/queries";
import type { MatrixMover } from "../../api/types";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";
import { customerMatrix } from "../matrix/words";
import { ForecastModal } from "./forecast";
import classes from "./migration.module.css";
import { groupingOf, migrationFilter, scenariosOf, signed, useMigrationWords, useWhy } from "./scenario";

/** The customers behind a movement in a matrix, and what moved each. */
export function MatrixMoversPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const words = useMigrationWords();
  const why = useWhy();
  const [search, change] = useSearchState();
  const [saying, setSaying] = useState<MatrixMover>();
  const key = search.matrix || customerMatrix;
  const matrix = useQuery(matricesQuery).data?.find((m) => m.key === key);
  const { from = "", to = "" } = scenariosOf(search, useQuery(scenariosQuery).data?.dates[0]);
  const by = groupingOf(search);
  const filter = {
    ...migrationFilter(search, key, from, to), place_from: search.place_from, place_to: search.place_to,
    which: search.which === "moved" || search.which === "stayed" ? (search.which as "moved" | "stayed") : undefined,
    sort: search.sort === "change" || search.sort === "-change" ? (search.sort as "change" | "-change") : ("size" as const),
  };
  const movers = useInfiniteQuery({ ...matrixMoversQuery(filter), enabled: to !== "" });
  const forecast = [to, from].find((s) => s.startsWith("forecast:"))?.slice("forecast:".length);
  const overruling = forecast !== undefined && can("customer.write");
  const columns = useMemo<ColumnDef<MatrixMover>[]>(() => {
    const place = (of: string) => (matrix ? words.place(matrix, by, of) : of);
    const all: ColumnDef<MatrixMover>[] = [
      { id: "name", header: t("field.name"), meta: { main: true }, cell: ({ row }) => <Link to="/map/customers/$id" params={{ id: row.original.id }} className="quiet-link">{row.original.name}</Link> },
      { id: "code", header: t("field.code"), meta: { extra: true }, cell: ({ row }) => row.original.code },
      { id: "owner", header: t("field.owner"), cell: ({ row }) => row.original.owner_name || "–" },
      { id: "unit", header: t("field.unit"), meta: { extra: true }, cell: ({ row }) => row.original.unit_name || "–" },
      { id: "from", header: t("migration.from"), cell: ({ row }) => place(row.original.from) },
      { id: "to", header: t("migration.to"), cell: ({ row }) => place(row.original.to) },
      { id: "revenue_from", header: t("migration.head_revenue_from"), meta: { numeric: true }, cell: ({ row }) => format.amount(row.original.revenue_from) },
      { id: "revenue_to", header: t("migration.head_revenue_to"), meta: { numeric: true }, cell: ({ row }) => format.amount(row.original.revenue_to) },
      { id: "change", header: t("migration.head_revenue_net"), meta: { numeric: true, sort: "change" }, cell: ({ row }) => signed(format, (row.original.revenue_to ?? 0) - (row.original.revenue_from ?? 0)) },
      { id: "potential_from", header: t("migration.potential_from"), meta: { numeric: true, extra: true }, cell: ({ row }) => format.amount(row.original.potential_from) },
      { id: "potential_to", header: t("migration.potential_to"), meta: { numeric: true, extra: true }, cell: ({ row }) => format.amount(row.original.potential_to) },
      {
        id: "why", header: t("migration.why"), meta: { wide: true },
        cell: ({ row }) => (
          <div className={classes.why}>
            {why(row.original)} {row.original.overruled && <Badge variant="light" size="sm">{t("migration.overruled")}</Badge>}
          </div>
        ),
      },
    ];
    if (overruling) {
      all.push({
        id: "say", header: t("migration.forecast"), meta: { label: t("migration.forecast") },
        cell: ({ row }) => (
          <Button size="compact-xs" variant="subtle" onClick={() => setSaying(row.original)} aria-label={t("migration.overrule_named", { name: row.original.name })}>
            {t("migration.overrule")}
          </Button>
        ),
      });
    }
    return all;
  }, [t, format, words, matrix, by, why, overruling]);
  const back = { ...search, place_from: undefined, place_to: undefined, which: undefined, sort: undefined, columns: undefined, view: "migration" };
  const title = matrix ? heading(t, (of) => words.place(matrix, by, of), search.place_from, search.place_to, search.which) : t("view.migration");
  return (
    <>
      <PageHeader title={title} crumbs={[{ label: t("nav.matrix"), to: "/map/matrix", search: back }]}>
        {from && to && t("migration.movers_shown", { from: words.scenario(from), to: words.scenario(to), currency: format.currency })}
      </PageHeader>
      <Panel flush>
        <DataTable label={title} columns={columns} of={movers} rowId={(m) => m.id} sort={filter.sort} onSort={(sort) => change({ sort })} chosen={search.columns} onChoose={(c) => change({ columns: c })}
          csv={address("/matrix/movers/export", { ...filter, direct: filter.direct ? "true" : undefined })} empty={<Empty title={t("migration.nobody")} />} />
      </Panel>
      {saying && forecast && <ForecastModal customer={saying} as_of={forecast} onClose={() => setSaying(undefined)} />}
    </>
  );
}

function heading(t: (key: string, values?: Record<string, string>) => string, place: (key: string) => string, from: string | undefined, to: string | undefined, which: string | undefined): string {
  if (from && to) return t("migration.list_from_to", { from: place(from), to: place(to) });
  if (from) return t(which === "moved" ? "migration.list_left" : "migration.list_from", { from: place(from) });
  if (to) return t(which === "moved" ? "migration.list_came" : "migration.list_to", { to: place(to) });
  return t(which === "moved" ? "migration.list_moved" : "migration.list_all");
}
