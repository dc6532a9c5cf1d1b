import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { importQuery } from "../../api/queries";
import type { Begun } from "../../api/types";
import { JobProgress } from "../../ui/job";
import { Panel } from "../../ui/page";
import { Answered } from "../../ui/states";
import { Report } from "./report";

/** The last step: how far it is, then what came of it. The job goes on if this page is left. */
export function RunStep({ started, after }: { started: Begun; after?: ReactNode }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [ended, setEnded] = useState(false);
  const found = useQuery({ ...importQuery(started.import.id), enabled: ended });
  return (
    <Stack>
      {!ended && (
        <Panel title={t("import.running")}>
          <JobProgress
            id={started.job.id}
            onEnd={() => {
              setEnded(true);
              for (const key of ["imports", "customers", "units", "people", "matrix", "warehouse"]) void queries.invalidateQueries({ queryKey: [key] });
            }}
          />
          <Text size="sm" c="dimmed" mt="sm">
            {t("import.may_leave")}
          </Text>
        </Panel>
      )}
      {ended && (
        <>
          <Group justify="flex-end">
            <Button component="a" href="/data/import/new" variant="default">
              {t("import.another")}
            </Button>
          </Group>
          <Answered of={found}>{(i) => <Report found={i} after={i.state === "accepted" && after} />}</Answered>
        </>
      )}
    </Stack>
  );
}
