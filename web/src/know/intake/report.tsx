import { Alert, Anchor, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import { importKindsQuery, importQuery, stubsQuery } from "../../api/queries";
import type { Import, Mapping } from "../../api/types";
import { useFormat } from "../../ui/format";
import { JobProgress } from "../../ui/job";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered } from "../../ui/states";
import classes from "./intake.module.css";
import { SaveMapping } from "./mapping-file";
import { Mend } from "./mend";
import { Undo, Undone } from "./undo";

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
      {i.state === "removed" && <Undone of={i} />}
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
          {[label(i.kind), i.source, i.started_by_name, format.instant(i.created_at)].filter(Boolean).join(" · ")} · <Files of={i} />
        </Text>
        {i.follows && (
          <Text size="sm" mt="xs">
            {t("import.follows")}{" "}
            <Anchor underline="always" component={Link} to={`/data/import/${i.follows}`} size="sm">
              {t("import.follows_open")}
            </Anchor>
          </Text>
        )}
        {i.note && i.state === "accepted" && <Text size="sm" mt="xs">{i.note}</Text>}
        {i.unchanged > 0 && i.created === 0 && i.updated === 0 && i.rejected === 0 && <Text size="sm" mt="xs">{t("import.nothing_new")}</Text>}
      </Panel>
      {i.created + i.updated + i.unchanged > 0 && after}
      {i.stubs > 0 && i.state === "accepted" && <Stubs of={i} />}
      {i.rejected > 0 && i.state === "accepted" && <Mend of={i} />}
      {i.state === "accepted" && can("import.run") && <Undo of={i} />}
      <Panel
        title={t("import.mapping")}
        aside={
          can("import.run") && (
            <Group gap="xs">
              <Button component={Link} to="/data/import/new" search={{ like: i.id } as never} size="compact-sm" variant="default">
                {t("import.use_again")}
              </Button>
              <SaveMapping mapping={() => i.mapping} />
            </Group>
          )
        }
      >
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

/** What the import made of codes alone, to be filled by later imports. */
function Stubs({ of }: { of: Import }) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = useKindLabel();
  const stubs = useQuery(stubsQuery(of.id));
  const kinds = [...new Set(stubs.data?.map((s) => s.kind))];
  return (
    <Panel title={t("import.stubs", { count: of.stubs, number: format.number(of.stubs) })}>
      <Text size="sm" c="dimmed" mb="xs">
        {t("import.stubs_help")}
      </Text>
      {kinds.map((kind) => (
        <Text size="sm" key={kind} className={classes.stubs}>
          <b>{label(kind)}:</b> {stubs.data?.filter((s) => s.kind === kind).map((s) => (s.name === s.code ? s.code : `${s.code} (${s.name})`)).join(", ")}
        </Text>
      ))}
    </Panel>
  );
}

/** The files of the import, as they were uploaded. */
function Files({ of }: { of: Import }) {
  const format = useFormat();
  return (
    <>
      {of.files.map((f, i) => (
        <span key={f.id + f.name}>
          {i > 0 && ", "}
          <Anchor underline="always" href={address(`/files/${f.id}`, { name: f.name })} download size="sm">
            {f.name}
          </Anchor>{" "}
          <Text span size="xs" c="dimmed" className="num">
            {format.bytes(f.size)}
          </Text>
        </span>
      ))}
    </>
  );
}
