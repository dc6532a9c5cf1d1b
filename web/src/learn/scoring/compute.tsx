import { Box, Button, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { useFormat } from "../../ui/format";
import { JobProgress } from "../../ui/job";
import { ProblemNotice } from "../../ui/states";

/** Computes all measures of all customers as of a date, and of the months' ends from a day on, and shows how far it is. */
export function ComputeNow({ as_of, from, onDone, again }: { as_of: string; from?: string; onDone?: () => void; again?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const start = useMutation({
    mutationFn: () => ask(api.POST("/scorings", { body: { as_of, from } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["jobs"] }),
  });
  const ended = () => {
    for (const computed of ["matrix", "measures", "rfm", "lifetime", "contracts", "wallet", "pyramid", "allocation", "loyalty", "profit"]) void queries.invalidateQueries({ queryKey: [computed] });
    onDone?.();
  };
  return (
    <Stack gap="xs" miw={260}>
      {start.error && <ProblemNotice cause={start.error} />}
      {start.data ? (
        <Box ta="left">
          <JobProgress id={start.data.job.id} onEnd={ended} />
        </Box>
      ) : (
        <Button loading={start.isPending} onClick={() => start.mutate()} variant={again ? "default" : "filled"}>
          {from ? t("scoring.months", { from: format.month(from), to: format.month(as_of) }) : t(again ? "scoring.again" : "scoring.now", { date: format.date(as_of) })}
        </Button>
      )}
    </Stack>
  );
}
