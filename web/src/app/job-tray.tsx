import { ActionIcon, Anchor, Indicator, Popover, ScrollArea, Stack, Text } from "@mantine/core";
import { IconProgressCheck } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isRunning } from "../api/client";
import { recentJobsQuery } from "../api/queries";
import type { Job } from "../api/types";
import { useFormat } from "../ui/format";
import { JobBar } from "../ui/job";
import type { Search } from "../ui/search";

/** Where the result of a finished job is to be seen; undefined when it has no page. */
export function resultOf(job: Job): { to: string; search?: Search } | undefined {
  if (job.state !== "done") return undefined;
  const result = (job.result ?? {}) as { as_of?: string; import_id?: string; id?: string };
  if (job.kind.startsWith("import")) {
    const id = result.import_id ?? result.id;
    return { to: id ? `/data/import/${id}` : "/data/import" };
  }
  if (job.kind === "source") return { to: result.import_id ? `/data/import/${result.import_id}` : "/data/sources" };
  if (job.kind.startsWith("scor")) return { to: "/map/matrix", search: { as_of: result.as_of } };
  if (job.kind.startsWith("demo")) return { to: "/map/matrix" };
  if (job.kind.startsWith("warehouse")) return { to: "/data/company" };
  return undefined;
}

/** What runs and what has lately ended, one click from every page. */
export function JobTray() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const jobs = useQuery(recentJobsQuery).data?.items ?? [];
  const running = jobs.filter(isRunning).length;
  useRefreshAfterJobs(jobs);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={340} shadow="md" trapFocus>
      <Indicator label={running} disabled={running === 0} size={16} offset={6} processing color="tide">
        <Popover.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" onClick={() => setOpen(!open)} aria-expanded={open} aria-label={t("job.tray", { count: running })} title={t("job.tray", { count: running })}>
            <IconProgressCheck size={19} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p={0}>
        <ScrollArea.Autosize mah={420}>
          <Stack gap={0} role="list" aria-label={t("nav.jobs")}>
            {jobs.length === 0 && (
              <Text size="sm" c="dimmed" p="md">
                {t("job.none")}
              </Text>
            )}
            {jobs.map((job) => (
              <TrayJob key={job.id} job={job} onFollow={() => setOpen(false)} />
            ))}
          </Stack>
        </ScrollArea.Autosize>
        <Text size="sm" p="sm" ta="center">
          <Anchor component={Link} to="/settings/jobs" size="sm" onClick={() => setOpen(false)}>
            {t("job.all")}
          </Anchor>
        </Text>
      </Popover.Dropdown>
    </Popover>
  );
}

function TrayJob({ job, onFollow }: { job: Job; onFollow: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const result = resultOf(job);
  return (
    <Stack gap={2} p="sm" role="listitem" style={{ borderBottom: "1px solid var(--k-line)" }}>
      <JobBar job={job} compact />
      {!isRunning(job) && (
        <Text size="xs" c="dimmed">
          {format.instant(job.ended_at ?? job.created_at)}
          {result && (
            <>
              {" · "}
              <Anchor component={Link} to={result.to} search={result.search as never} size="xs" underline="always" onClick={onFollow}>
                {t("job.result")}
              </Anchor>
            </>
          )}
        </Text>
      )}
    </Stack>
  );
}

// A job that ends changes what pages show; one that was seen running and now is
// not makes them ask again.
function useRefreshAfterJobs(jobs: Job[]) {
  const queries = useQueryClient();
  const before = useRef(new Set<string>());
  useEffect(() => {
    const now = new Set(jobs.filter(isRunning).map((j) => j.id));
    const ended = [...before.current].some((id) => !now.has(id));
    before.current = now;
    if (ended) {
      for (const key of ["matrix", "customers", "imports", "sources", "warehouse", "units", "people"]) {
        void queries.invalidateQueries({ queryKey: [key] });
      }
    }
  }, [jobs, queries]);
}
