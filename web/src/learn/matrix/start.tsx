import { Box, Button, Group, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { contentsQuery, sessionQuery } from "../../api/queries";
import type { Holding } from "../../api/types";
import { useFormat } from "../../ui/format";
import { JobProgress } from "../../ui/job";
import { useCan } from "../../ui/session";
import { Empty, ProblemNotice } from "../../ui/states";
import { ComputeChoice } from "../scoring/choice";
import { ComputeNow } from "../scoring/compute";
import classes from "./start.module.css";

/** In place of a matrix that is not there: why, and the next step for who looks. */
export function NotComputed({ as_of, onComputed }: { as_of?: string; onComputed: () => void }) {
  const { t } = useTranslation();
  const can = useCan();
  const format = useFormat();
  const contents = useQuery({ ...contentsQuery, enabled: can("import.read") && as_of === undefined });
  const count = (kind: Holding["kind"]) => contents.data?.find((h) => h.kind === kind)?.count ?? 0;
  const title = as_of ? t("matrix.not_scored_title", { date: format.date(as_of) }) : t("matrix.never_scored_title");
  if (!can("score.run")) {
    return (
      <Box className="panel">
        <Empty title={title} action={as_of && <Link to="/map/matrix">{t("matrix.latest")}</Link>}>
          {t("matrix.not_scored_ask")}
        </Empty>
      </Box>
    );
  }
  if (as_of) {
    return (
      <Box className="panel">
        <Empty title={title} action={<ComputeNow as_of={as_of} onDone={onComputed} />}>
          {t("matrix.not_scored")}
        </Empty>
      </Box>
    );
  }
  const missing = (["customers", "purchases", "potentials"] as const).filter((kind) => contents.data && count(kind) === 0);
  if (missing.length === 0) {
    return (
      <Box className="panel">
        <Empty title={title} action={<ComputeChoice onDone={onComputed} />}>
          {t("matrix.ready_to_compute")}
        </Empty>
      </Box>
    );
  }
  return (
    <Box className="panel">
      <Empty title={title}>{t("matrix.never_scored")}</Empty>
      <ol className={classes.steps}>
        {(["customers", "purchases", "potentials"] as const).map((kind, i) => (
          <Step key={kind} no={i + 1} done={count(kind) > 0} title={t(`matrix.step_${kind}`)}>
            {count(kind) > 0 ? t("matrix.step_there", { number: format.number(count(kind)) }) : t(`matrix.step_${kind}_help`)}
          </Step>
        ))}
      </ol>
      <Stack align="center" pb="xl" gap="lg" px="md">
        <Group justify="center">
          {can("import.run") && (
            <Button component={Link} to="/data/import/new">
              {t("import.start")}
            </Button>
          )}
          {can("demo.manage") && contents.data?.every((h) => h.count === 0) && <LoadDemo onDone={onComputed} />}
        </Group>
        {count("customers") > 0 && <ComputeChoice onDone={onComputed} />}
      </Stack>
    </Box>
  );
}

function Step({ no, done, title, children }: { no: number; done: boolean; title: string; children: string }) {
  return (
    <li className={classes.step}>
      <ThemeIcon radius="xl" size={28} variant={done ? "filled" : "light"} aria-hidden>
        {done ? <IconCheck size={16} /> : no}
      </ThemeIcon>
      <div>
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <Text size="sm" c="dimmed">
          {children}
        </Text>
      </div>
    </li>
  );
}

/** Loads the demo company and shows how far it is. */
export function LoadDemo({ customers = 3000, onDone }: { customers?: number; onDone?: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const load = useMutation({ mutationFn: () => ask(api.POST("/demo", { body: { customers, seed: 1 } })) });
  const ended = async () => {
    await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
    await queries.invalidateQueries();
    onDone?.();
  };
  if (load.data) {
    return (
      <Box w={{ base: "100%", xs: 360 }}>
        <JobProgress id={load.data.job.id} onEnd={() => void ended()} />
      </Box>
    );
  }
  return (
    <>
      {load.error && <ProblemNotice cause={load.error} />}
      <Button variant="default" loading={load.isPending} onClick={() => load.mutate()}>
        {t("demo.make")}
      </Button>
    </>
  );
}
