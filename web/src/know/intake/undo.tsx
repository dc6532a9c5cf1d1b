import { Alert, Anchor, List, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { undoQuery } from "../../api/queries";
import type { Import } from "../../api/types";
import { ConfirmButton } from "../../ui/confirm";
import { useFormat } from "../../ui/format";
import { JobProgress } from "../../ui/job";
import { Panel } from "../../ui/page";

/** Takes an import back, or says what keeps it from that and where to go. */
export function Undo({ of }: { of: Import }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [job, setJob] = useState<string>();
  const blockers = useQuery(undoQuery(of.id));
  const running = job ?? (of.state === "accepted" ? of.undo_job_id : undefined);
  if (running) {
    return (
      <Panel title={t("import.undoing")}>
        <JobProgress
          id={running}
          onEnd={() => {
            setJob(undefined);
            void queries.invalidateQueries();
          }}
        />
      </Panel>
    );
  }
  if (!blockers.data) return null;
  const start = async () => {
    const begun = await ask(api.POST("/imports/{id}/undo", { params: { path: { id: of.id } } }));
    setJob(begun.job.id);
  };
  return (
    <Panel title={t("import.undo")}>
      {blockers.data.length > 0 ? (
        <>
          <Text size="sm" mb="xs">
            {t("import.undo_blocked")}
          </Text>
          <List size="sm" spacing={4}>
            {blockers.data.map((b, i) => (
              <List.Item key={i}>
                {b.text}{" "}
                {b.import_id && (
                  <Anchor underline="always" component={Link} to={`/data/import/${b.import_id}`} size="sm">
                    {t("import.undo_open", { no: b.import_no })}
                  </Anchor>
                )}
                {b.record === "customer" && b.record_id && (
                  <Anchor underline="always" component={Link} to={`/map/customers/${b.record_id}`} size="sm">
                    {t("import.undo_customer")}
                  </Anchor>
                )}
              </List.Item>
            ))}
          </List>
        </>
      ) : (
        <>
          <Text size="sm" mb="sm">
            {t("import.undo_help")}
          </Text>
          <ConfirmButton label={t("import.undo_button")} title={t("import.undo_title", { no: of.no })} confirm={t("import.undo_button")} onConfirm={start}>
            {t("import.undo_sure")}
          </ConfirmButton>
        </>
      )}
    </Panel>
  );
}

/** Says of an import that it was undone. */
export function Undone({ of }: { of: Import }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Alert color="yellow" title={t("import.undone")}>
      {of.undone_at && t("import.undone_by", { name: of.undone_by_name, at: format.instant(of.undone_at) })} {of.note}
    </Alert>
  );
}
