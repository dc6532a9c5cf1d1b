import { Anchor, Badge, Button, Group, Text } from "@mantine/core";
import { IconLock, IconPlus, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { segmentsQuery } from "../../api/segment-queries";
import type { Segment } from "../../api/types";
import { Figure } from "../../ui/figure";
import { SearchBox } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";

/** Map › Segments: the groups of customers that are kept under a name. */
export function SegmentsPage() {
  const { t } = useTranslation();
  const can = useCan();
  const [search, change] = useSearchState();
  const segments = useQuery(segmentsQuery);
  const wanted = (search.q ?? "").trim().toLowerCase();
  const rows = segments.data?.filter((s) => `${s.name} ${s.description} ${s.owner_name}`.toLowerCase().includes(wanted));
  const columns = useSegmentColumns();
  const add = can("segment.write") && (
    <Button component={Link} to="/map/segments/new" leftSection={<IconPlus size={16} />}>
      {t("segment.new")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("nav.segments")} actions={segments.data?.length ? add : undefined}>
        {t("segment.intro")}
      </PageHeader>
      <Panel flush>
        <DataTable
          label={t("nav.segments")}
          columns={columns}
          of={{ data: rows && { pages: [{ items: rows }] }, error: segments.error, isPending: segments.isPending, isFetchingNextPage: false, hasNextPage: false, fetchNextPage: () => undefined, refetch: segments.refetch }}
          rowId={(s) => s.id}
          toolbar={segments.data?.length ? <SearchBox value={search.q ?? ""} onChange={(q) => change({ q })} label={t("segment.search")} /> : undefined}
          empty={segments.data?.length ? <Empty title={t("segment.none_found")}>{t("list.none")}</Empty> : <Empty title={t("segment.none_title")} action={add}>{t("segment.none")}</Empty>}
        />
      </Panel>
    </>
  );
}

/** Live or frozen, in words with a colour. */
export function KindBadge({ kind }: { kind: Segment["kind"] }) {
  const { t } = useTranslation();
  return (
    <Badge variant={kind === "live" ? "light" : "default"} color="tide" c={kind === "live" ? "var(--k-accent)" : undefined} tt="none" fw={500} radius="sm">
      {t(`segment.kind.${kind}`)}
    </Badge>
  );
}

/** The size, as a link to the customers. */
export function Size({ of }: { of: Segment }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (of.customers === null) return <>{of.trouble ? t("segment.broken") : "–"}</>;
  return (
    <Figure to="/map/customers" search={{ segment: of.id }} label={t("segment.size_label", { name: of.name })}>
      {format.number(of.customers)}
    </Figure>
  );
}

function useSegmentColumns(): ColumnDef<Segment>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return useMemo<ColumnDef<Segment>[]>(
    () => [
      {
        id: "name",
        header: t("field.name"),
        meta: { main: true },
        cell: ({ row: { original: s } }) => (
          <div>
            <Anchor component={Link} to="/map/segments/$id" params={{ id: s.id } as never} size="sm" fw={550}>
              {s.name}
            </Anchor>
            {s.description && <Text size="xs" c="dimmed" lineClamp={1}>{s.description}</Text>}
          </div>
        ),
      },
      { id: "kind", header: t("field.kind"), cell: ({ row }) => <KindBadge kind={row.original.kind} /> },
      { id: "customers", header: t("figure.customers"), meta: { numeric: true }, cell: ({ row }) => <Size of={row.original} /> },
      {
        id: "change",
        header: t("segment.changed"),
        meta: { numeric: true },
        cell: ({ row: { original: s } }) =>
          s.since ? (
            <div>
              {s.entered || s.left ? t("segment.change", { entered: format.number(s.entered), left: format.number(s.left) }) : t("segment.no_change")}
              <Text size="xs" c="dimmed">{t("segment.since", { date: format.date(s.since) })}</Text>
            </div>
          ) : (
            "–"
          ),
      },
      {
        id: "shared",
        header: t("segment.seen_by"),
        cell: ({ row: { original: s } }) => (
          <Group component="span" gap={5} wrap="nowrap" display="inline-flex">
            {s.shared ? <IconUsers size={14} aria-hidden /> : <IconLock size={14} aria-hidden />}
            {t(s.shared ? "segment.everybody" : "segment.only_you")}
          </Group>
        ),
      },
      { id: "owner", header: t("segment.made_by"), cell: ({ row }) => (row.original.mine ? t("segment.you") : row.original.owner_name || "–") },
    ],
    [t, format],
  );
}
