import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { problemOf } from "../../api/problem";
import { sessionQuery, settingsQuery } from "../../api/queries";
import type { Settings } from "../../api/types";
import { currencies } from "../../ui/currencies";
import { useNotify } from "../../ui/notify";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";

export function CompanySettings() {
  const { t } = useTranslation();
  const settings = useQuery(settingsQuery);
  return (
    <>
      <PageHeader title={t("nav.company")} />
      <Answered of={settings}>{({ data, tag }) => <Form key={tag} saved={data} tag={tag} />}</Answered>
    </>
  );
}

function Form({ saved, tag }: { saved: Settings; tag: string }) {
  const { t } = useTranslation();
  const may = useCan()("settings.write");
  const queries = useQueryClient();
  const notify = useNotify();
  const form = useForm({ initialValues: { company: saved.company, base_currency: saved.base_currency } });
  const save = useMutation({
    mutationFn: (values: typeof form.values) => {
      const changed = Object.fromEntries(Object.entries(values).filter(([k, v]) => saved[k as keyof Settings] !== v));
      return ask(api.PATCH("/settings", { body: changed, params: { header: tag ? { "If-Match": tag } : {} } }));
    },
    onSuccess: async () => {
      notify(t("settings.saved"));
      await queries.invalidateQueries({ queryKey: settingsQuery.queryKey });
      await queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
    },
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  return (
    <Panel>
      <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
        <Stack maw={460}>
          {save.error && <ProblemNotice cause={save.error} shown={Object.keys(form.values)} />}
          <TextInput label={t("field.company")} required disabled={!may} {...form.getInputProps("company")} />
          <Select label={t("field.base_currency")} description={t("settings.currency_help")} data={[...new Set([saved.base_currency, ...currencies])]} searchable allowDeselect={false} disabled={!may} {...form.getInputProps("base_currency")} />
          {may && (
            <Group>
              <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
                {t("action.save")}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Panel>
  );
}
