import { ActionIcon, Badge, Group, Modal, Select, Table, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ColumnDef } from "@tanstack/react-table";
import { Anchor } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { changesQuery } from "../../api/queries";
import type { Change } from "../../api/types";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";

// What the server records changes of.
const kinds = ["customer", "potential", "unit", "person", "product", "category", "rate", "user", "token", "setting", "import", "plan"];

/** The fields that differ between before and after, with both values as text. */
export function differences(change: Change): { field: string; before: string; after: string }[] {
  const before = (change.before ?? {}) as Record<string, unknown>;
  const after = (change.after ?? {}) as Record<string, unknown>;
  const text = (v: unknown) => (v === undefined || v === null ? "" : typeof v === "object" ? JSON.stringify(v) : String(v));
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((field) => ({ field, before: text(before[field]), after: text(after[field]) }))
    .filter((d) => d.before !== d.after);
}

/** Settings › Audit log: every change, by whom, with what was before and after. */
export function AuditLog() {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, change] = useSearchState();
  const [open, setOpen] = useState<Change | null>(null);
  const changes = useInfiniteQuery(changesQuery(search.kind || undefined, search.record_id || undefined));
  const columns = useMemo<ColumnDef<Change>[]>(
    () => [
      { id: "at", header: t("audit.at"), cell: ({ row }) => <span className="num">{format.instant(row.original.at)}</span> },
      { id: "actor", header: t("audit.actor"), cell: ({ row }) => row.original.actor_name || "–" },
      {
        id: "action",
        header: t("audit.action"),
        meta: { main: true },
        cell: ({ row }) => (
          <Anchor component="button" type="button" size="sm" ta="left" onClick={() => setOpen(row.original)}>
            {`${row.original.kind} · ${row.original.action}`}
          </Anchor>
        ),
      },
      {
        id: "what",
        header: t("audit.what"),
        cell: ({ row }) => (
          <Text size="sm" lineClamp={1}>
            {differences(row.original).map((d) => d.field).join(", ") || "–"}
          </Text>
        ),
      },
      { id: "seq", header: t("audit.no"), meta: { numeric: true }, cell: ({ row }) => row.original.seq },
    ],
    [t, format],
  );
  return (
    <>
      <PageHeader title={t("nav.audit")}>{t("audit.intro")}</PageHeader>
      <Panel flush>
        <DataTable
          label={t("nav.audit")}
          columns={columns}
          of={changes}
          rowId={(c) => String(c.seq)}
          empty={<Empty title={t("audit.none")} />}
          toolbar={
            <Group gap="xs">
              <Select aria-label={t("audit.kind")} placeholder={t("audit.any_kind")} clearable data={kinds} value={search.kind ?? null} onChange={(kind) => change({ kind: kind ?? undefined })} w={200} />
              {search.record_id && (
                <Badge variant="light" size="lg" radius="sm" tt="none" fw={500} c="var(--k-accent)"
                  rightSection={<ActionIcon size="xs" variant="transparent" aria-label={t("filter.remove", { name: t("audit.record") })} onClick={() => change({ record_id: undefined })}><IconX size={12} /></ActionIcon>}>
                  {t("audit.one_record")}
                </Badge>
              )}
            </Group>
          }
        />
      </Panel>
      <Modal opened={open !== null} onClose={() => setOpen(null)} size="lg" title={open ? `${open.kind} · ${open.action}` : ""} closeButtonProps={{ "aria-label": t("action.close") }}>
        {open && <Details change={open} onRecord={() => { change({ kind: open.kind, record_id: open.record_id }); setOpen(null); }} />}
      </Modal>
    </>
  );
}

function Details({ change, onRecord }: { change: Change; onRecord: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {format.instant(change.at)} · {change.actor_name}
        {change.record_id && (
          <>
            {" · "}
            <Anchor component="button" type="button" size="sm" underline="always" onClick={onRecord}>
              {t("audit.all_of_record")}
            </Anchor>
          </>
        )}
      </Text>
      <Table fz="sm" style={{ overflowWrap: "anywhere" }}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("audit.field")}</Table.Th>
            <Table.Th>{t("audit.before")}</Table.Th>
            <Table.Th>{t("audit.after")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {differences(change).map((d) => (
            <Table.Tr key={d.field}>
              <Table.Td fw={550}>{d.field}</Table.Td>
              <Table.Td>{d.before || "–"}</Table.Td>
              <Table.Td>{d.after || "–"}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
