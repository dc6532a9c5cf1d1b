import { Anchor, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { sourceRunsQuery } from "../../api/queries";
import type { SourceRun } from "../../api/types";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";

/** What came of a run, in a few words, with the way to its import. */
export function Outcome({ run }: { run: SourceRun }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (run.state === "failed") return <Text span size="sm" c="var(--mantine-color-error)">{t("sources.run_state.failed")}</Text>;
  if (run.state === "reading" || run.state === "importing") return <>{t(`sources.run_state.${run.state}`)}</>;
  if (run.rows === 0) return <>{t("sources.nothing_new")}</>;
  const rows = t("sources.rows", { count: run.rows, number: format.number(run.rows) });
  if (!run.import_id) return <>{rows}</>;
  return (
    <Anchor component={Link} to={`/data/import/${run.import_id}`} size="sm" aria-label={`${t("sources.open_import")}: ${rows}`}>
      {rows}
    </Anchor>
  );
}

/** The last runs of all sources, the newest first. */
export function Runs() {
  const { t } = useTranslation();
  const format = useFormat();
  const runs = useInfiniteQuery(sourceRunsQuery());
  const columns = useMemo<ColumnDef<SourceRun>[]>(
    () => [
      { id: "feed", header: t("sources.feed"), meta: { main: true }, cell: ({ row }) => <Text size="sm" fw={550}>{row.original.feed_name}</Text> },
      { id: "at", header: t("sources.from"), cell: ({ row }) => <span className="num">{format.instant(row.original.started_at)}</span> },
      {
        id: "outcome",
        header: t("sources.came_of_it"),
        meta: { wide: true },
        cell: ({ row }) => (
          <div style={{ maxWidth: 520 }}>
            <Outcome run={row.original} />
            {row.original.error && <Text size="xs" c="dimmed">{row.original.error}</Text>}
          </div>
        ),
      },
      { id: "until", header: t("sources.until"), cell: ({ row }) => <span className="num">{row.original.until || t("sources.no_such")}</span> },
      { id: "by", header: t("import.started_by"), cell: ({ row }) => row.original.started_by_name },
    ],
    [t, format],
  );
  return (
    <Panel flush title={t("sources.runs")}>
      <DataTable label={t("sources.runs")} columns={columns} of={runs} rowId={(r) => r.id} empty={<Empty title={t("sources.no_runs")} />} />
    </Panel>
  );
}
