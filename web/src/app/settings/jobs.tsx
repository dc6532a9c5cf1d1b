import { Anchor } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { isRunning } from "../../api/client";
import { jobsQuery } from "../../api/queries";
import type { Job } from "../../api/types";
import { useFormat } from "../../ui/format";
import { JobBar } from "../../ui/job";
import { PageHeader, Panel } from "../../ui/page";
import { Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";
import { resultOf } from "../job-tray";

/** Settings › Jobs: all long work, running and ended. */
export function JobList() {
  const { t } = useTranslation();
  const format = useFormat();
  const jobs = useInfiniteQuery({
    ...jobsQuery,
    refetchInterval: (q) => (q.state.data?.pages.some((p) => p.items.some(isRunning)) ? 1000 : false),
  });
  const columns = useMemo<ColumnDef<Job>[]>(
    () => [
      { id: "title", header: t("job.what"), meta: { main: true }, cell: ({ row }) => <JobBar job={row.original} compact /> },
      { id: "state", header: t("import.state"), cell: ({ row }) => t(`job.state.${row.original.state}`) },
      { id: "by", header: t("import.started_by"), cell: ({ row }) => row.original.owner_name || "–" },
      { id: "created", header: t("job.created"), cell: ({ row }) => <span className="num">{format.instant(row.original.created_at)}</span> },
      { id: "ended", header: t("job.ended"), cell: ({ row }) => <span className="num">{format.instant(row.original.ended_at)}</span> },
      {
        id: "result",
        header: t("job.result"),
        cell: ({ row }) => {
          const result = resultOf(row.original);
          return result ? (
            <Anchor component={Link} to={result.to} search={result.search as never} size="sm">
              {t("job.show_result")}
            </Anchor>
          ) : (
            "–"
          );
        },
      },
    ],
    [t, format],
  );
  return (
    <>
      <PageHeader title={t("nav.jobs")}>{t("job.intro")}</PageHeader>
      <Panel flush>
        <DataTable label={t("nav.jobs")} columns={columns} of={jobs} rowId={(j) => j.id} empty={<Empty title={t("job.none")} />} />
      </Panel>
    </>
  );
}
