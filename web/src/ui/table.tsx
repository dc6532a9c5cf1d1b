import { ActionIcon, Box, Button, Checkbox, Group, Menu, Table, Text, UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowDown, IconArrowUp, IconArrowsSort, IconColumns3 } from "@tabler/icons-react";
import { flexRender, getCoreRowModel, useReactTable, type ColumnDef, type RowData } from "@tanstack/react-table";
import type { KeyboardEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { DownloadArea, DownloadMenu, FileOffer } from "./download";
import { useCan } from "./session";
import { Loading, ProblemNotice } from "./states";
import classes from "./table.module.css";

declare module "@tanstack/react-table" {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  interface ColumnMeta<TData extends RowData, TValue> {
    /** Right-aligned, with digits of equal width. */
    numeric?: boolean;
    /** Hidden until the user chooses it. */
    extra?: boolean;
    /** Head of the card on a phone; always shown. */
    main?: boolean;
    /** Takes the whole width of the card on a phone: long texts that do not break well. */
    wide?: boolean;
    /** The server's name to sort by; without it the column cannot be sorted. */
    sort?: string;
    /** Name in the column choice when the header is not a text. */
    label?: string;
    /** Stands beside the header, such as a button that explains the column. */
    aside?: ReactNode;
  }
}

/** One page after the other, as TanStack Query's infinite queries give them. */
type Paged<T> = {
  data: { pages: { items: T[] }[] } | undefined;
  error: unknown;
  isPending: boolean;
  isFetchingNextPage: boolean;
  hasNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
};

type Props<T> = {
  label: string;
  columns: ColumnDef<T>[];
  of: Paged<T>;
  rowId: (row: T, index: number) => string;
  empty: ReactNode;
  /** "-revenue": the server's sort, from the address. */
  sort?: string;
  onSort?: (sort: string) => void;
  /** Chosen column ids, comma-separated, from the address; absent = the usual ones. */
  chosen?: string;
  onChoose?: (chosen: string | undefined) => void;
  toolbar?: ReactNode;
  /** Address of the whole list as comma-separated text; else the rows that are shown can be saved. */
  csv?: string;
  /** The toolbar saves the whole list already. */
  exported?: boolean;
};

/**
 * The table of every list: sorted by the server, paged by cursor ("load
 * more"), with a choice of columns; cards on a phone. State lives in the
 * address, so the page passes it in and takes changes out.
 */
export function DataTable<T>(props: Props<T>) {
  return (
    <DownloadArea name={props.label}>
      <List {...props} />
    </DownloadArea>
  );
}

function List<T>(props: Props<T>) {
  const { columns, of, rowId, chosen } = props;
  const { t } = useTranslation();
  const can = useCan();
  const phone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const rows = of.data?.pages.flatMap((p) => p.items) ?? [];
  const picked = chosen?.split(",");
  const visible = Object.fromEntries(
    columns.map((c) => [c.id, c.meta?.main || (picked ? picked.includes(c.id ?? "") : !c.meta?.extra)]),
  );
  const table = useReactTable({
    data: rows,
    columns,
    getCoreRowModel: getCoreRowModel(),
    getRowId: rowId,
    manualSorting: true,
    manualPagination: true,
    state: { columnVisibility: visible },
  });
  let body: ReactNode;
  if (of.error && !of.data) body = <Box p="md"><ProblemNotice cause={of.error} retry={() => void of.refetch()} /></Box>;
  else if (of.isPending) body = <Loading />;
  else if (rows.length === 0) body = props.empty;
  else if (phone) body = <Cards table={table} label={props.label} />;
  else body = <Rows table={table} {...props} />;
  return (
    <Box data-downloads data-own>
      {props.csv && <FileOffer kind="csv" href={props.csv} label={props.label} />}
      {(props.toolbar || props.onChoose) && (
        <Group justify="space-between" gap="xs" px="sm" py="xs" className={classes.toolbar}>
          <Group gap="xs" style={{ flex: 1 }}>{props.toolbar}</Group>
          {phone && props.onSort && <SortMenu columns={columns} sort={props.sort} onSort={props.onSort} />}
          {props.onChoose && <ColumnMenu columns={columns} visible={visible} onChoose={props.onChoose} />}
        </Group>
      )}
      {body}
      {of.error != null && of.data && <Box p="sm"><ProblemNotice cause={of.error} retry={() => void of.refetch()} /></Box>}
      {rows.length > 0 && (
        <Group justify="space-between" px="sm" py="xs" className={classes.foot}>
          <Text size="xs" c="dimmed" className="num" aria-live="polite" data-shown-here>
            {t(of.hasNextPage ? "table.shown_more" : "table.shown_all", { count: rows.length })}
          </Text>
          {of.hasNextPage && (
            <Button size="compact-sm" variant="default" loading={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
              {t("table.more")}
            </Button>
          )}
          {!props.exported && can("export.run") && (!phone || props.csv) && <DownloadMenu always />}
        </Group>
      )}
    </Box>
  );
}

type Grid<T> = ReturnType<typeof useReactTable<T>>;

function Rows<T>({ table, label, sort, onSort }: Props<T> & { table: Grid<T> }) {
  return (
    <Box className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
      <Table highlightOnHover stickyHeader verticalSpacing={7} horizontalSpacing="sm" fz="sm" onKeyDown={walk}>
        <Table.Thead>
          {table.getHeaderGroups().map((group) => (
            <Table.Tr key={group.id}>
              {group.headers.map((h) => (
                <HeadCell key={h.id} numeric={h.column.columnDef.meta?.numeric} name={h.column.columnDef.meta?.sort} aside={h.column.columnDef.meta?.aside} sort={sort} onSort={onSort}>
                  {flexRender(h.column.columnDef.header, h.getContext())}
                </HeadCell>
              ))}
            </Table.Tr>
          ))}
        </Table.Thead>
        <Table.Tbody>
          {table.getRowModel().rows.map((row) => (
            <Table.Tr key={row.id}>
              {row.getVisibleCells().map((cell) => {
                const { numeric, main } = cell.column.columnDef.meta ?? {};
                return (
                  <Table.Td key={cell.id} ta={numeric ? "right" : "left"} className={numeric ? "num" : main ? classes.main : undefined}>
                    {flexRender(cell.column.columnDef.cell, cell.getContext())}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  );
}

// Up and down move between the rows' links; Enter follows one, as any link.
function walk(e: KeyboardEvent<HTMLElement>) {
  if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
  const row = (e.target as HTMLElement).closest("tbody tr");
  const next = e.key === "ArrowDown" ? row?.nextElementSibling : row?.previousElementSibling;
  const link = next?.querySelector<HTMLElement>("a, button");
  if (!link) return;
  e.preventDefault();
  link.focus();
}

function HeadCell({ numeric, name, aside, sort, onSort, children }: { numeric?: boolean; name?: string; aside?: ReactNode; sort?: string; onSort?: (s: string) => void; children: ReactNode }) {
  const up = name !== undefined && sort === name;
  const down = name !== undefined && sort === `-${name}`;
  const align = numeric ? "right" : "left";
  if (!name || !onSort) {
    return (
      <Table.Th ta={align} className={classes.head}>
        {children}
        {aside}
      </Table.Th>
    );
  }
  // Numbers start with the largest, texts with A.
  const next = numeric ? (down ? name : `-${name}`) : up ? `-${name}` : name;
  const Icon = down ? IconArrowDown : up ? IconArrowUp : IconArrowsSort;
  return (
    <Table.Th ta={align} className={classes.head} aria-sort={up ? "ascending" : down ? "descending" : "none"}>
      <UnstyledButton className={classes.sort} data-on={up || down} onClick={() => onSort(next)}>
        {children}
        <Icon size={13} aria-hidden />
      </UnstyledButton>
      {aside}
    </Table.Th>
  );
}

function Cards<T>({ table, label }: { table: Grid<T>; label: string }) {
  return (
    <ul className={classes.cards} aria-label={label}>
      {table.getRowModel().rows.map((row) => (
        <li key={row.id} className={classes.card}>
          {row.getVisibleCells().map((cell) => {
            const { meta, header, cell: render } = cell.column.columnDef;
            if (meta?.main) return <div key={cell.id} className={classes.title}>{flexRender(render, cell.getContext())}</div>;
            return (
              <div key={cell.id} className={classes.pair} data-wide={meta?.wide}>
                <Text size="xs" c="dimmed">{meta?.label ?? (typeof header === "string" ? header : "")}</Text>
                <Text size="sm" component="div" className={meta?.numeric ? "num" : undefined}>{flexRender(render, cell.getContext())}</Text>
              </div>
            );
          })}
        </li>
      ))}
    </ul>
  );
}

function nameOf<T>(column: ColumnDef<T>): string {
  return column.meta?.label ?? (typeof column.header === "string" ? column.header : (column.id ?? ""));
}

function ColumnMenu<T>({ columns, visible, onChoose }: { columns: ColumnDef<T>[]; visible: Record<string, boolean | undefined>; onChoose: (chosen: string | undefined) => void }) {
  const { t } = useTranslation();
  const toggle = (id: string) => {
    const ids = columns.map((c) => c.id ?? "").filter((c) => (c === id ? !visible[c] : visible[c]));
    onChoose(ids.join(","));
  };
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size="md" aria-label={t("table.columns")} title={t("table.columns")}>
          <IconColumns3 size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("table.columns")}</Menu.Label>
        {columns.filter((c) => !c.meta?.main).map((c) => (
          <Menu.Item key={c.id} onClick={() => toggle(c.id ?? "")} role="menuitemcheckbox" aria-checked={!!visible[c.id ?? ""]}
            leftSection={<Checkbox size="xs" checked={!!visible[c.id ?? ""]} readOnly tabIndex={-1} aria-hidden />}>
            {nameOf(c)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => onChoose(undefined)}>{t("table.usual_columns")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function SortMenu<T>({ columns, sort, onSort }: { columns: ColumnDef<T>[]; sort?: string; onSort: (s: string) => void }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size="md" aria-label={t("table.sort")} title={t("table.sort")}>
          <IconArrowsSort size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("table.sort")}</Menu.Label>
        {columns.filter((c) => c.meta?.sort).map((c) => {
          const name = (c.meta?.numeric ? "-" : "") + (c.meta?.sort ?? "");
          return (
            <Menu.Item key={c.id} onClick={() => onSort(name)} fw={sort === name ? 600 : undefined}>
              {nameOf(c)}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
