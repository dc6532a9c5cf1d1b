import { Alert, Button, Stack, Table, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import { importKindsQuery, importQuery, rejectsQuery } from "../../api/queries";
import type { Import, Mapping, Reject } from "../../api/types";
import { useFormat } from "../../ui/format";
import { JobProgress } from "../../ui/job";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";
import classes from "./intake.module.css";
import { SaveMapping } from "./mapping-file";

/** The words of an import kind, as the server calls it. */
export function useKindLabel(): (key: string) => string {
  const kinds = useQuery(importKindsQuery).data;
  return (key) => kinds?.find((k) => k.key === key)?.label ?? key;
}

/** One import. `after` is offered below what came of it. */
export function ImportReport({ after }: { after?: ReactNode }) {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation();
  const label = useKindLabel();
  const found = useQuery(importQuery(id));
  return (
    <Answered of={found}>
      {(i) => (
        <>
          <PageHeader title={t("import.report_title", { no: i.no, kind: label(i.kind) })} crumbs={[{ label: t("nav.import"), to: "/data/import" }]} />
          {i.job_id && (i.state === "running" || i.state === "queued") && (
            <Panel>
              <JobProgress id={i.job_id} onEnd={() => void found.refetch()} />
            </Panel>
          )}
          <Report found={i} after={i.state === "accepted" && after} />
        </>
      )}
    </Answered>
  );
}

/** What came of an import: the counts, the mapping, and every row that was not taken, with the reason. */
export function Report({ found: i, after }: { found: Import; after?: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const label = useKindLabel();
  const counts = ["read", "created", "updated", "unchanged", "rejected"] as const;
  return (
    <Stack>
      {i.error && (
        <Alert color="red" role="alert" title={t("import.failed")}>
          {i.error}
        </Alert>
      )}
      <Panel title={t("import.came_of_it")}>
        <dl className={classes.counts}>
          {counts.map((c) => (
            <div key={c}>
              <dt>{t(`import.count_${c}`)}</dt>
              <dd>{format.number(i[c])}</dd>
            </div>
          ))}
        </dl>
        <Text size="sm" c="dimmed" mt="sm">
          {[label(i.kind), i.source, i.files.map((f) => f.name).join(", "), i.started_by_name, format.instant(i.created_at)].filter(Boolean).join(" · ")}
        </Text>
        {i.unchanged > 0 && i.created === 0 && i.updated === 0 && <Text size="sm" mt="xs">{t("import.nothing_new")}</Text>}
      </Panel>
      {i.created + i.updated + i.unchanged > 0 && after}
      {i.rejected > 0 && <Rejects id={i.id} count={i.rejected} />}
      <Panel title={t("import.mapping")} aside={can("import.run") && <SaveMapping mapping={() => i.mapping} />}>
        <MappingTable mapping={i.mapping} />
      </Panel>
    </Stack>
  );
}

/** Where each field came from; what was done to it in the words of a mapping file. */
function MappingTable({ mapping }: { mapping: Mapping }) {
  const { t } = useTranslation();
  const kind = useQuery(importKindsQuery).data?.find((k) => k.key === mapping.kind);
  const fields = Object.entries(mapping.columns).map(([name, entry]) => ({ name, label: kind?.fields.find((f) => f.name === name)?.label ?? name, entry }));
  return (
    <Table fz="sm" verticalSpacing={5} layout="auto">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("import.field")}</Table.Th>
          <Table.Th>{t("import.comes_from")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map((f) => (
          <Table.Tr key={f.name}>
            <Table.Td>{f.label}</Table.Td>
            <Table.Td className={classes.raw}>{typeof f.entry === "string" ? f.entry : flow(f.entry)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** An entry as a mapping file writes it on one line: {column: A, factor: 0.3}. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (value !== null && typeof value === "object") return `{${Object.entries(value).map(([k, v]) => `${k}: ${flow(v)}`).join(", ")}}`;
  return String(value);
}

function Rejects({ id, count }: { id: string; count: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const rejects = useInfiniteQuery(rejectsQuery(id));
  const columns = useMemo<ColumnDef<Reject>[]>(
    () => [
      { id: "line", header: t("import.line"), meta: { numeric: true }, cell: ({ row }) => format.number(row.original.line) },
      { id: "reason", header: t("import.reason"), meta: { main: true }, cell: ({ row }) => row.original.reason },
      { id: "column", header: t("import.by_column"), cell: ({ row }) => row.original.column || "–" },
      { id: "value", header: t("import.value"), cell: ({ row }) => row.original.value || "–" },
      { id: "file", header: t("import.file"), cell: ({ row }) => row.original.file },
      { id: "raw", header: t("import.raw"), cell: ({ row }) => <span className={classes.raw}>{row.original.raw}</span> },
    ],
    [t, format],
  );
  return (
    <Panel
      flush
      title={t("import.rejected_rows", { count, number: format.number(count) })}
      aside={
        <Button component="a" href={address(`/imports/${id}/rejects/export`)} download size="compact-sm" variant="default" leftSection={<IconDownload size={14} />}>
          {t("import.download_rejects")}
        </Button>
      }
    >
      <DataTable label={t("import.rejects")} columns={columns} of={rejects} rowId={(r, i) => `${i}|${r.line}`} empty={<Empty title={t("import.no_rejects")} />} />
    </Panel>
  );
}
