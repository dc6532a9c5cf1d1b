import { Button, Group, Modal, Select, Stack, Text, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import type { VarianceCause, VarianceForm } from "../../api/types";
import { ProblemNotice } from "../../ui/states";

export const causeKinds = ["target_wrong", "product_trend", "event", "selling_everywhere", "selling_channel", "other"] as const;

/** Records why a part of the business differs from its budget, or changes what was found. `where` says of what, in words. */
export function CauseModal({ where, cut, cause, onClose }: { where: string; cut?: Pick<VarianceForm, "from" | "to" | "at">; cause?: VarianceCause; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { kind: (cause?.kind ?? "") as VarianceForm["kind"] | "", comment: cause?.comment ?? "" },
    validate: { kind: (v) => (v ? null : t("variance.kind_needed")), comment: (v) => (v.trim() ? null : t("variance.comment_needed")) },
  });
  const save = useMutation({
    mutationFn: async ({ kind, comment }: typeof form.values) => {
      if (!kind) return;
      if (cause) await ask(api.PUT("/budget/causes/{id}", { params: { path: { id: cause.id }, header: ifMatch(cause.version) }, body: { kind, comment } }));
      else if (cut) await ask(api.POST("/budget/causes", { body: { ...cut, kind, comment } }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["budget", "causes"] });
      onClose();
    },
    onError: (problem) => form.setErrors(problemOf(problem).fields),
  });
  return (
    <Modal opened onClose={onClose} title={t(cause ? "variance.change_title" : "variance.record_title")} closeButtonProps={{ "aria-label": t("action.close") }}>
      <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
        <Stack>
          {save.error && <ProblemNotice cause={save.error} shown={["kind", "comment"]} />}
          <Text size="sm">{where}</Text>
          <Select label={t("variance.kind")} required allowDeselect={false} data-autofocus data={causeKinds.map((k) => ({ value: k, label: t(`variance.kind_${k}`) }))} {...form.getInputProps("kind")} />
          <Textarea label={t("variance.comment")} description={t("variance.comment_help")} required autosize minRows={3} maxLength={2000} {...form.getInputProps("comment")} />
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending}>{t("action.save")}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
