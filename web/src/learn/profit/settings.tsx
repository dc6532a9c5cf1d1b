import { ActionIcon, Button, Group, NumberInput, Radio, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { profitDefinitionQuery, versionsQuery } from "../../api/queries";
import type { ProfitDefinition } from "../../api/types";
import { digitsOf, major, minor, useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import { ComputeNow } from "../scoring/compute";

/** Settings › Cost to serve: what serving a customer costs, and where classes of profit begin. */
export function ProfitSettings() {
  const { t } = useTranslation();
  const definition = useQuery(profitDefinitionQuery);
  return (
    <>
      <PageHeader title={t("nav.profit_settings")}>{t("profit_settings.intro")}</PageHeader>
      <Answered of={definition}>{({ data, tag }) => <Form key={tag} saved={data} tag={tag} />}</Answered>
    </>
  );
}

type Costs = ProfitDefinition["costs"];
type Set = (change: Partial<ProfitDefinition>) => void;

function Form({ saved, tag }: { saved: ProfitDefinition; tag: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(saved);
  const latest = useQuery(versionsQuery).data?.items.map((v) => v.as_of).sort().at(-1);
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/profit/definition", { body: draft, params: { header: { "If-Match": tag } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: profitDefinitionQuery.queryKey }),
  });
  const set: Set = (change) => setDraft({ ...draft, ...change });
  return (
    <Stack maw={760}>
      <CostsPanel costs={draft.costs} onChange={(costs) => set({ costs })} />
      <CutsPanel draft={draft} set={set} />
      <RatesPanel draft={draft} set={set} />
      {save.error && <ProblemNotice cause={save.error} />}
      <Group>
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("action.save")}
        </Button>
        <Text size="sm" c="dimmed">
          {t("profit_settings.later")}
        </Text>
      </Group>
      {latest && can("score.run") && <ComputeNow as_of={latest} again />}
    </Stack>
  );
}

function Amount({ label, help, value, onChange, negative }: { label: string; help?: string; value: number; onChange: (minor: number) => void; negative?: boolean }) {
  const format = useFormat();
  return <NumberInput label={label} description={help} min={negative ? undefined : 0} decimalScale={digitsOf(format.currency)} value={major(value, format.currency)} onChange={(v) => onChange(minor(Number(v), format.currency))} suffix={` ${format.currency}`} />;
}

function Percent({ label, help, value, onChange }: { label: string; help?: string; value: number; onChange: (share: number) => void }) {
  return <NumberInput label={label} description={help} decimalScale={2} suffix=" %" value={Math.round(value * 1e4) / 100} onChange={(v) => onChange(Number(v) / 100)} />;
}

function CostsPanel({ costs, onChange }: { costs: Costs; onChange: (costs: Costs) => void }) {
  const { t } = useTranslation();
  const set = (change: Partial<Costs>) => onChange({ ...costs, ...change });
  const setKind = (i: number, change: Partial<Costs["contacts"][number]>) => set({ contacts: costs.contacts.map((c, j) => (j === i ? { ...c, ...change } : c)) });
  return (
    <Panel title={t("profit_settings.costs")}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t("profit_settings.assumed")}
        </Text>
        {costs.contacts.map((c, i) => (
          <Group key={i} gap="xs" align="flex-end" wrap="nowrap">
            <TextInput label={t("profit_settings.kind")} value={c.kind} onChange={(e) => setKind(i, { kind: e.currentTarget.value.toLowerCase() })} style={{ flex: 1 }} />
            <Amount label={t("profit_settings.each")} value={c.cost} onChange={(cost) => setKind(i, { cost })} />
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("profit_settings.remove", { kind: c.kind })} onClick={() => set({ contacts: costs.contacts.filter((_, j) => j !== i) })}>
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => set({ contacts: [...costs.contacts, { kind: "", cost: 0 }] })}>
            {t("profit_settings.add")}
          </Button>
        </Group>
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <Amount label={t("profit_settings.other")} help={t("profit_settings.other_help")} value={costs.other_contact} onChange={(other_contact) => set({ other_contact })} />
          <Amount label={t("profit_settings.minute")} help={t("profit_settings.minute_help")} value={costs.minute} onChange={(minute) => set({ minute })} />
        </Group>
        <Group align="flex-start" grow>
          <Amount label={t("profit_settings.order")} help={t("profit_settings.order_help")} value={costs.order} onChange={(order) => set({ order })} />
          <Amount label={t("profit_settings.line")} help={t("profit_settings.line_help")} value={costs.line} onChange={(line) => set({ line })} />
          <Amount label={t("profit_settings.return")} help={t("profit_settings.return_help")} value={costs.return} onChange={(back) => set({ return: back })} />
        </Group>
        <Text size="sm" c="dimmed">
          {t("profit_settings.acquisition")} <Link to="/settings/lifetime">{t("nav.lifetime_settings")}</Link>
        </Text>
      </Stack>
    </Panel>
  );
}

function CutsPanel({ draft, set }: { draft: ProfitDefinition; set: Set }) {
  const { t } = useTranslation();
  const { cuts } = draft;
  const change = (c: Partial<ProfitDefinition["cuts"]>) => set({ cuts: { ...cuts, ...c } });
  return (
    <Panel title={t("profit_settings.cuts")}>
      <Stack gap="sm">
        <Radio.Group label={t("profit_settings.by")} value={cuts.by} onChange={(by) => change({ by: by as ProfitDefinition["cuts"]["by"] })}>
          <Stack gap={6} mt={6}>
            {(["customers", "profit", "amount"] as const).map((by) => (
              <Radio key={by} value={by} label={t(`profit_settings.by_${by}`)} description={t(`profit_settings.by_${by}_help`)} />
            ))}
          </Stack>
        </Radio.Group>
        <Group align="flex-start" grow>
          {cuts.by === "amount" ? (
            <>
              <Amount negative label={t("profit_settings.high_amount")} value={cuts.high_amount} onChange={(high_amount) => change({ high_amount })} />
              <Amount negative label={t("profit_settings.medium_amount")} value={cuts.medium_amount} onChange={(medium_amount) => change({ medium_amount })} />
            </>
          ) : (
            <>
              <Percent label={t("profit_settings.high_share")} value={cuts.high_share} onChange={(high_share) => change({ high_share })} />
              <Percent label={t("profit_settings.medium_share")} value={cuts.medium_share} onChange={(medium_share) => change({ medium_share })} />
            </>
          )}
        </Group>
      </Stack>
    </Panel>
  );
}

function RatesPanel({ draft, set }: { draft: ProfitDefinition; set: Set }) {
  const { t } = useTranslation();
  const { rates } = draft;
  const change = (r: Partial<ProfitDefinition["rates"]>) => set({ rates: { ...rates, ...r } });
  return (
    <Panel title={t("profit_settings.rates")}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t("profit_settings.rates_help")}
        </Text>
        <Group align="flex-start" grow>
          {(["high", "profitable", "medium"] as const).map((k) => (
            <Percent key={k} label={t("profit_settings.class_from", { name: t(`profit_grade.${k}`) })} value={rates[k]} onChange={(v) => change({ [k]: v })} />
          ))}
        </Group>
        <Group align="flex-start" grow>
          {(["plus_plus", "plus", "minus"] as const).map((k) => (
            <Percent key={k} label={t(`profit_settings.mark_${k}`)} value={rates[k]} onChange={(v) => change({ [k]: v })} />
          ))}
        </Group>
        <Percent label={t("profit_settings.falling")} help={t("profit_settings.falling_help")} value={draft.falling} onChange={(falling) => set({ falling })} />
      </Stack>
    </Panel>
  );
}
