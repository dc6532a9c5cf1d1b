import { Button, Group, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { ProblemNotice } from "../../ui/states";
import { problemOfDraft, type Draft } from "./draft";

/** Keeps the answer under a name, as the plan of the company or to compare. */
export function KeepPlan({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const keep = useMutation({
    mutationFn: (in_force: boolean) => ask(api.POST("/plans", { body: { name, in_force, as_of: draft.as_of, segments_by: draft.by, problem: problemOfDraft(draft) } })),
    onSuccess: () => {
      setName("");
      return queries.invalidateQueries({ queryKey: ["plans"] });
    },
  });
  return (
    <>
      <Group align="flex-end" gap="sm">
        <TextInput label={t("allocation.plan_name")} maxLength={100} value={name} onChange={(e) => setName(e.currentTarget.value)} w={{ base: "100%", xs: 260 }} />
        <Button disabled={name.trim() === ""} loading={keep.isPending && keep.variables} onClick={() => keep.mutate(true)}>{t("allocation.make_plan")}</Button>
        <Button variant="default" disabled={name.trim() === ""} loading={keep.isPending && !keep.variables} onClick={() => keep.mutate(false)}>{t("allocation.keep")}</Button>
      </Group>
      {keep.error && <ProblemNotice cause={keep.error} />}
    </>
  );
}
