import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, isRunning } from "../api/client";
import { jobQuery } from "../api/queries";
import type { Job } from "../api/types";
import { useFormat } from "./format";
import { ProblemNotice } from "./states";

/** How far a job is, in words: "1,200 of 60,855". */
export function useJobWords(): (job: Job) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (job) => {
    if (job.cancelling && job.state === "running") return t("job.cancelling");
    if (job.state === "running" && job.total > 0) {
      const words = t("job.of", { done: format.number(job.done), total: format.number(job.total) });
      return job.note ? `${job.note} · ${words}` : words;
    }
    if (job.state === "running" && job.note) return job.note;
    return t(`job.state.${job.state}`);
  };
}

/** One job's bar, words and cancel button, for a job whose data is at hand. */
export function JobBar({ job, compact }: { job: Job; compact?: boolean }) {
  const { t } = useTranslation();
  const words = useJobWords()(job);
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => ask(api.POST("/jobs/{id}/cancel", { params: { path: { id: job.id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["jobs"] }),
  });
  const running = isRunning(job);
  const part = job.total > 0 ? Math.min(100, (100 * job.done) / job.total) : running ? 100 : 0;
  return (
    <Stack gap={6}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" fw={compact ? 500 : 600} truncate>
          {job.title}
        </Text>
        {running && (
          <Button size="compact-xs" variant="subtle" color="gray" loading={cancel.isPending || job.cancelling} onClick={() => cancel.mutate()} aria-label={t("job.cancel", { title: job.title })}>
            {t("action.cancel")}
          </Button>
        )}
      </Group>
      {running && <Progress value={part} size="sm" animated={running} striped={job.total === 0} aria-label={job.title} />}
      <Text size="xs" c={job.state === "failed" ? "var(--mantine-color-error)" : "dimmed"} className="num" style={{ whiteSpace: "normal" }} aria-live={compact ? "off" : "polite"}>
        {job.state === "failed" && job.error ? job.error : words}
      </Text>
    </Stack>
  );
}

/** Follows one job until it ends; `onEnd` is called once with how it ended. */
export function JobProgress({ id, onEnd }: { id: string; onEnd?: (job: Job) => void }) {
  const job = useQuery(jobQuery(id));
  const ended = useRef(false);
  useEffect(() => {
    if (job.data && !isRunning(job.data) && !ended.current) {
      ended.current = true;
      onEnd?.(job.data);
    }
  }, [job.data, onEnd]);
  if (job.error && !job.data) return <ProblemNotice cause={job.error} retry={() => void job.refetch()} />;
  if (!job.data) return null;
  return <JobBar job={job.data} />;
}
