import { Button, Group, NumberInput, Radio, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { lifetimeDefinitionQuery, versionsQuery } from "../../api/queries";
import type { LifetimeDefinition } from "../../api/types";
import { digitsOf, major, minor, useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import { ComputeNow } from "../scoring/compute";
import { ContractSettings } from "../survival/settings";

/** Settings › Lifetime value: how far ahead is looked, at what interest, and who is alike. */
export function LifetimeSettings() {
  const { t } = useTranslation();
  const definition = useQuery(lifetimeDefinitionQuery);
  return (
    <>
      <PageHeader title={t("nav.lifetime_settings")}>{t("lifetime_settings.intro")}</PageHeader>
      <Stack maw={760}>
        <Answered of={definition}>{({ data, tag }) => <Form key={tag} saved={data} tag={tag} />}</Answered>
        <ContractSettings />
      </Stack>
    </>
  );
}

function Form({ saved, tag }: { saved: LifetimeDefinition; tag: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(saved);
  const latest = useQuery(versionsQuery).data?.items.map((v) => v.as_of).sort().at(-1);
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/lifetime/definition", { body: draft, params: { header: { "If-Match": tag } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: lifetimeDefinitionQuery.queryKey }),
  });
  const set = (change: Partial<LifetimeDefinition>) => setDraft({ ...draft, ...change });
  return (
    <Stack>
      <Panel title={t("lifetime_settings.time")}>
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <NumberInput label={t("lifetime_settings.ahead")} description={t("lifetime_settings.ahead_help")} min={1} max={60} allowDecimal={false} value={draft.ahead_months} onChange={(v) => set({ ahead_months: Number(v) || 12 })} />
          <NumberInput label={t("lifetime_settings.horizon")} description={t("lifetime_settings.horizon_help")} min={1} max={240} allowDecimal={false} value={draft.horizon_months} onChange={(v) => set({ horizon_months: Number(v) || 36 })} />
        </Group>
      </Panel>
      <Panel title={t("lifetime_settings.money")}>
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <NumberInput label={t("lifetime_settings.interest")} description={t("lifetime_settings.interest_help")} min={1} max={100} decimalScale={2} suffix=" %" value={Math.round(draft.interest * 1e4) / 100} onChange={(v) => set({ interest: Number(v) / 100 })} />
          <NumberInput label={t("lifetime_settings.acquisition", { currency: format.currency })} description={t("lifetime_settings.acquisition_help")} min={0} decimalScale={digitsOf(format.currency)} value={major(draft.acquisition_cost, format.currency)} onChange={(v) => set({ acquisition_cost: minor(Number(v), format.currency) })} />
        </Group>
      </Panel>
      <Panel title={t("lifetime_settings.who")}>
        <Stack gap="sm">
          <Radio.Group label={t("lifetime_settings.alike")} value={draft.alike} onChange={(v) => set({ alike: v as LifetimeDefinition["alike"] })}>
            <Stack gap={6} mt={6}>
              <Radio value="together" label={t("lifetime_settings.together")} />
              <Radio value="industry" label={t("lifetime_settings.industry")} />
              <Radio value="country" label={t("lifetime_settings.country")} />
            </Stack>
          </Radio.Group>
          <NumberInput label={t("lifetime_settings.minimum")} description={t("lifetime_settings.minimum_help")} min={20} max={1_000_000} allowDecimal={false} maw={360} value={draft.minimum} onChange={(v) => set({ minimum: Number(v) || 100 })} />
          <NumberInput label={t("lifetime_settings.occasion")} description={t("lifetime_settings.occasion_help")} min={0} max={24} allowDecimal={false} maw={360} value={draft.occasion_months} onChange={(v) => set({ occasion_months: Number(v) || 0 })} />
        </Stack>
      </Panel>
      {save.error && <ProblemNotice cause={save.error} />}
      <Group>
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("action.save")}
        </Button>
        <Text size="sm" c="dimmed">
          {t("lifetime_settings.later")}
        </Text>
      </Group>
      {latest && can("score.run") && <ComputeNow as_of={latest} again />}
    </Stack>
  );
}
