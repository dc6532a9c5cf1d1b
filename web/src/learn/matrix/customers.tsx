import { Anchor, Button, Group, Menu, Text } from "@mantine/core";
import { IconDownload, IconLink, IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import { customersQuery, matricesQuery, matrixCustomerIds, matrixCustomersQuery, measuresQuery, versionsQuery } from "../../api/queries";
import type { Customer, MatrixCustomer, MatrixListFilter, Measure } from "../../api/types";
import { NewCustomer } from "../../know/customer/edit";
import { InviteDialog } from "../../know/survey/invitations";
import { FilterBar, filtersOf, SearchBox, segmentOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState, type Search } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Answered, Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";
import { conditionsOf } from "../measure/conditions";
import { MeasureFilter } from "../measure/filter";
import { HowButton } from "../measure/how";
import { useMeasureWords } from "../measure/words";
import { AsOf } from "../scoring/as-of";
import { KeepButton } from "../segment/keep";
import { unknown, useMatrixWords } from "./words";

/** Map › Customers: the customers behind any number, or all of them. */
export function CustomersPage() {
  const versions = useQuery(versionsQuery);
  // Before anything was computed there are no measures to list by; the master data is there all the same.
  return <Answered of={versions}>{(v) => (v.items.length > 0 ? <ScoredList /> : <PlainList />)}</Answered>;
}

function useListFrame() {
  const [search, change] = useSearchState();
  const { t } = useTranslation();
  const place = usePlaceNames(search);
  const extra = [
    ...(search.cell ? [{ key: "cell", label: place.matrix || t("field.cell"), text: place.cell }] : []),
    ...(search.row ? [{ key: "row", label: place.matrix || t("figure.potential"), text: place.row }] : []),
    ...(search.column ? [{ key: "column", label: place.matrix || t("field.share"), text: place.column }] : []),
    ...(search.direct ? [{ key: "direct", label: t("field.unit"), text: t("compare.direct_only") }] : []),
  ];
  return { search, change, extra, place };
}

/** What the places in the address are called, in the matrix that the address names. */
function usePlaceNames(search: Search) {
  const { t } = useTranslation();
  const words = useMatrixWords();
  const of = (useQuery({ ...matricesQuery, enabled: Boolean(search.matrix) }).data ?? []).find((m) => m.key === search.matrix);
  const { cell = "", row = "", column = "" } = search;
  if (!search.matrix) return { matrix: "", cell: cell && t(`cell.${cell}`), row: row && t(`row.${row}`), column: column && t(`column.${column}`) };
  if (!of) return { matrix: "", cell, row, column };
  const [r = "", c] = cell.split("_");
  return { matrix: words.name(of), cell: cell && words.cell(of, c === undefined ? unknown : r, c ?? unknown), row: row && words.row(of, row), column: column && words.column(of, column) };
}

function NewButton({ change }: { change: (s: Search) => void }) {
  const { t } = useTranslation();
  const can = useCan();
  if (!can("customer.write")) return null;
  return (
    <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => change({ new: "1" })}>
      {t("customer.new")}
    </Button>
  );
}

function ScoredList() {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const { search, change, extra, place } = useListFrame();
  const measures = useQuery(measuresQuery(search.as_of || undefined)).data?.items ?? noMeasures;
  const conditions = conditionsOf(search.measure);
  const more = useMoreColumns(measures, search.as_of || undefined);
  const chosen = (search.columns ?? "").split(",").filter((c) => more.some((m) => m.id === c)).join(",");
  const filter: MatrixListFilter = {
    as_of: search.as_of || undefined,
    matrix: search.matrix || undefined,
    direct: search.direct === "true" || undefined,
    cell: search.cell || undefined,
    row: search.row || undefined,
    column: search.column || undefined,
    q: search.q || undefined,
    sort: search.sort || "-revenue",
    measure: conditions.length > 0 ? conditions : undefined,
    columns: chosen || undefined,
    ...filtersOf(search),
    ...segmentOf(search),
  };
  const list = useInfiniteQuery(matrixCustomersQuery(filter));
  const latest = useQuery(versionsQuery).data?.items.map((v) => v.as_of).sort().at(-1);
  const shown = search.as_of || latest;
  const usual = useScoredColumns(search.as_of || undefined);
  const columns = useMemo(() => [...usual, ...more], [usual, more]);
  const title = place.cell || place.row || place.column || t("nav.customers");
  return (
    <>
      <PageHeader
        title={title}
        crumbs={[{ label: t("nav.matrix"), to: "/map/matrix", search: { as_of: search.as_of, matrix: search.matrix, direct: search.direct, ...filtersOf(search), ...segmentOf(search) } }]}
        actions={
          <>
            <KeepButton filter={filter} />
            {can("export.run") && <ExportMenu filter={filter} />}
            {can("export.run") && can("answer.write") && <InviteButton filter={filter} />}
            <NewButton change={change} />
            <AsOf shown={shown} onChange={(as_of) => change({ as_of }, true)} />
          </>
        }
      >
        {t("list.measured", { date: format.date(shown), currency: format.currency })}
      </PageHeader>
      <Panel flush>
        <DataTable
          label={title}
          columns={columns}
          of={list}
          rowId={(r) => r.id}
          toolbar={
            <>
              <SearchBox value={search.q ?? ""} onChange={(q) => change({ q })} label={t("list.search")} />
              <FilterBar search={search} change={change} extra={extra} segments />
              <MeasureFilter value={search.measure} onChange={(measure) => change({ measure })} measures={measures} />
            </>
          }
          sort={filter.sort}
          onSort={(sort) => change({ sort })}
          exported
          chosen={search.columns}
          onChoose={(c) => change({ columns: c })}
          empty={<Empty title={t("list.none_title")}>{t("list.none")}</Empty>}
        />
      </Panel>
      <NewCustomer open={search.new === "1"} onClose={() => change({ new: undefined })} />
    </>
  );
}

function ExportMenu({ filter }: { filter: MatrixListFilter }) {
  const { t } = useTranslation();
  const item = (format: "csv" | "xlsx") => (
    <Menu.Item component="a" href={address("/matrix/customers/export", { ...filter, direct: filter.direct ? "true" : undefined, format })} download>
      {t(`list.export_${format}`)}
    </Menu.Item>
  );
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>
          {t("list.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {item("csv")}
        {item("xlsx")}
        <Text size="xs" c="dimmed" px="sm" py={4} maw={220}>
          {t("list.export_note")}
        </Text>
      </Menu.Dropdown>
    </Menu>
  );
}

function InviteButton({ filter }: { filter: MatrixListFilter }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<IconLink size={16} />} onClick={() => setOpen(true)}>
        {t("survey.invite")}
      </Button>
      <InviteDialog opened={open} onClose={() => setOpen(false)} invitees={{ all: () => matrixCustomerIds(filter) }} />
    </>
  );
}

const noMeasures: Measure[] = [];

/** What every row of the list has anyhow, with its own column. */
const inLine = new Set(["revenue", "potential", "share", "unused", "potential_source", "last_purchase", "cell", "potential_class", "share_class"]);

/** Any other measure as a column, hidden until it is chosen. */
function useMoreColumns(measures: Measure[], as_of: string | undefined): ColumnDef<MatrixCustomer>[] {
  const words = useMeasureWords();
  const format = useFormat();
  return useMemo(
    () =>
      measures
        .filter((m) => !inLine.has(m.key))
        .map((m) => ({
          id: m.key,
          header: words.label(m),
          meta: { numeric: m.unit !== "word", sort: m.key, extra: true, aside: <HowButton measure={m.key} label={words.label(m)} as_of={as_of} /> },
          // Money as in the other columns, whose page says the currency.
          cell: ({ row }) => (m.unit === "money" ? format.amount(row.original.measures?.[m.key] as number | null | undefined) : words.value(m, row.original.measures?.[m.key])),
        })),
    [measures, words, format, as_of],
  );
}

function useScoredColumns(as_of: string | undefined): ColumnDef<MatrixCustomer>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return useMemo<ColumnDef<MatrixCustomer>[]>(() => {
    const number = (id: "revenue" | "potential" | "unused", label: string): ColumnDef<MatrixCustomer> => ({
      id,
      header: label,
      meta: { numeric: true, sort: id, aside: <HowButton measure={id} label={label} as_of={as_of} /> },
      cell: ({ row }) => format.amount(row.original[id]),
    });
    return [
      {
        id: "name",
        header: t("field.name"),
        meta: { main: true, sort: "name" },
        cell: ({ row }) => (
          <Anchor component={Link} to="/map/customers/$id" params={{ id: row.original.id } as never} search={{ as_of } as never} size="sm" fw={550}>
            {row.original.name}
          </Anchor>
        ),
      },
      { id: "code", header: t("field.code"), meta: { sort: "code", extra: true }, cell: ({ row }) => row.original.code },
      { id: "cell", header: t("field.cell"), cell: ({ row }) => <CellBadge cell={row.original.cell} row={row.original.potential_class} /> },
      number("revenue", t("figure.revenue")),
      number("potential", t("figure.potential")),
      { id: "share", header: t("field.share"), meta: { numeric: true, sort: "share", aside: <HowButton measure="share" label={t("field.share")} as_of={as_of} /> }, cell: ({ row }) => format.percent(row.original.share) },
      number("unused", t("figure.unused")),
      { id: "potential_source", header: t("potential.source"), meta: { extra: true }, cell: ({ row }) => (row.original.potential_source ? t(`source.${row.original.potential_source}`) : "–") },
      { id: "last_purchase", header: t("field.last_purchase"), meta: { numeric: true, sort: "last_purchase" }, cell: ({ row }) => format.date(row.original.last_purchase) },
      { id: "owner", header: t("field.owner"), cell: ({ row }) => row.original.owner_name || "–" },
      { id: "unit", header: t("field.unit"), meta: { extra: true }, cell: ({ row }) => row.original.unit_name || "–" },
      { id: "industry", header: t("field.industry"), meta: { extra: true }, cell: ({ row }) => row.original.industry || "–" },
      { id: "country", header: t("field.country"), cell: ({ row }) => format.country(row.original.country) },
    ];
  }, [t, format, as_of]);
}

/** The name of a cell with the dot of its metal. */
export function CellBadge({ cell, row }: { cell: string; row: string }) {
  const { t } = useTranslation();
  return (
    <Group component="span" gap={7} wrap="nowrap" display="inline-flex" style={{ whiteSpace: "nowrap" }}>
      <span aria-hidden style={{ width: 9, height: 9, flexShrink: 0, borderRadius: "50%", background: `var(--k-${row})` }} />
      {t(`cell.${cell}`)}
    </Group>
  );
}

function PlainList() {
  const { t } = useTranslation();
  const format = useFormat();
  const { search, change } = useListFrame();
  const narrowed = Boolean(search.q) || Object.values(filtersOf(search)).some(Boolean);
  const sort = search.sort && /^-?(name|code)$/.test(search.sort) ? search.sort : "name";
  const list = useInfiniteQuery(customersQuery({ q: search.q || undefined, sort, ...filtersOf(search) }));
  const columns = useMemo<ColumnDef<Customer>[]>(
    () => [
      {
        id: "name",
        header: t("field.name"),
        meta: { main: true, sort: "name" },
        cell: ({ row }) => (
          <Anchor component={Link} to="/map/customers/$id" params={{ id: row.original.id } as never} size="sm" fw={550}>
            {row.original.name}
          </Anchor>
        ),
      },
      { id: "code", header: t("field.code"), meta: { sort: "code" }, cell: ({ row }) => row.original.code },
      { id: "industry", header: t("field.industry"), cell: ({ row }) => row.original.industry || "–" },
      { id: "city", header: t("field.city"), cell: ({ row }) => row.original.city || "–" },
      { id: "country", header: t("field.country"), cell: ({ row }) => format.country(row.original.country) },
      { id: "owner", header: t("field.owner"), cell: ({ row }) => row.original.owner_name || "–" },
      { id: "unit", header: t("field.unit"), cell: ({ row }) => row.original.unit_name || "–" },
    ],
    [t, format],
  );
  return (
    <>
      <PageHeader title={t("nav.customers")} actions={<NewButton change={change} />}>
        {t("list.not_measured")} <Link to="/map/matrix">{t("list.go_compute")}</Link>
      </PageHeader>
      <Panel flush>
        <DataTable label={t("nav.customers")} columns={columns} of={list} rowId={(r) => r.id} sort={sort}
          toolbar={
            <>
              <SearchBox value={search.q ?? ""} onChange={(q) => change({ q })} label={t("list.search")} />
              <FilterBar search={search} change={change} />
            </>
          } onSort={(s) => change({ sort: s })}
          chosen={search.columns} onChoose={(c) => change({ columns: c })}
          empty={narrowed ? <Empty title={t("list.none_title")}>{t("list.none")}</Empty> : <Empty title={t("list.none_yet_title")}>{t("list.none_yet")}</Empty>} />
      </Panel>
      <NewCustomer open={search.new === "1"} onClose={() => change({ new: undefined })} />
    </>
  );
}
