import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { pyramidDefinitionQuery, pyramidMeasuresQuery, versionsQuery } from "../../api/queries";
import type { PyramidDefinition } from "../../api/types";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import { useMeasureWords } from "../measure/words";
import { ComputeNow } from "../scoring/compute";

type Tier = PyramidDefinition["tiers"][number];

/** Settings › Pyramid: where tiers end, and when a customer is blooming or tiring. */
export function PyramidSettings() {
  const { t } = useTranslation();
  const definition = useQuery(pyramidDefinitionQuery);
  return (
    <>
      <PageHeader title={t("nav.pyramid_settings")}>{t("pyramid_settings.intro")}</PageHeader>
      <Answered of={definition}>{({ data, tag }) => <Form key={tag} saved={data} tag={tag} />}</Answered>
    </>
  );
}

function Form({ saved, tag }: { saved: PyramidDefinition; tag: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const words = useMeasureWords();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(saved);
  const measures = useQuery(pyramidMeasuresQuery).data ?? [];
  const latest = useQuery(versionsQuery).data?.items.map((v) => v.as_of).sort().at(-1);
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/pyramid/definition", { body: draft, params: { header: { "If-Match": tag } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: pyramidDefinitionQuery.queryKey }),
  });
  const set = (change: Partial<PyramidDefinition>) => setDraft({ ...draft, ...change });
  const percent = (x: number) => Math.round(x * 1e4) / 100;
  return (
    <Stack maw={760}>
      <Panel title={t("pyramid_settings.measure")}>
        <Select label={t("pyramid_settings.measure")} description={t("pyramid_settings.measure_help")} data={measures.map((m) => ({ value: m.key, label: words.label(m) }))} value={draft.measure} allowDeselect={false} searchable openOnFocus={false} onChange={(m) => m && set({ measure: m })} maw={360} nothingFoundMessage={t("filter.nothing")} />
      </Panel>
      <Tiers title={t("pyramid_settings.tiers")} help={t("pyramid_settings.tiers_help")} tiers={draft.tiers} onChange={(tiers) => set({ tiers, upper: Math.min(draft.upper, tiers.length - 1) })} />
      <Tiers title={t("pyramid_settings.classes")} help={t("pyramid_settings.classes_help")} tiers={draft.classes} onChange={(classes) => set({ classes })} />
      <Panel title={t("pyramid.tempers")}>
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <NumberInput label={t("pyramid_settings.upper")} description={t("pyramid_settings.upper_help")} min={1} max={draft.tiers.length - 1} allowDecimal={false} value={draft.upper} onChange={(v) => set({ upper: Number(v) || 1 })} />
          <NumberInput label={t("pyramid_settings.fall")} description={t("pyramid_settings.fall_help")} min={0} max={100} suffix=" %" decimalScale={2} value={percent(draft.fall)} onChange={(v) => set({ fall: Number(v) / 100 })} />
          <NumberInput label={t("pyramid_settings.effort")} description={t("pyramid_settings.effort_help")} min={0} max={1000} suffix=" %" decimalScale={2} value={percent(draft.effort)} onChange={(v) => set({ effort: Number(v) / 100 })} />
        </Group>
      </Panel>
      {save.error && <ProblemNotice cause={save.error} />}
      <Group>
        <Button loading={save.isPending} onClick={() => save.mutate()}>{t("action.save")}</Button>
        <Text size="sm" c="dimmed">{t("lifetime_settings.later")}</Text>
      </Group>
      {latest && can("score.run") && <ComputeNow as_of={latest} again />}
    </Stack>
  );
}

function Tiers({ title, help, tiers, onChange }: { title: string; help: string; tiers: Tier[]; onChange: (t: Tier[]) => void }) {
  const { t } = useTranslation();
  const last = tiers.length - 1;
  const set = (i: number, change: Partial<Tier>) => onChange(tiers.map((x, j) => (j === i ? { ...x, ...change } : x)));
  const add = () => {
    const before = tiers[last - 1]?.up_to ?? 0;
    onChange([...tiers.slice(0, last), { name: t("pyramid_settings.new_tier", { no: tiers.length }), up_to: Math.round(((before + 1) / 2) * 1e4) / 1e4 }, ...tiers.slice(last)]);
  };
  return (
    <Panel title={title}>
      <Stack gap="xs">
        <Text size="sm" c="dimmed">{help}</Text>
        {tiers.map((x, i) => (
          <Group key={i} align="flex-end" gap="xs">
            <TextInput label={t("pyramid_settings.name", { no: i + 1 })} maxLength={40} value={x.name} onChange={(e) => set(i, { name: e.currentTarget.value })} w={{ base: 150, xs: 220 }} />
            <NumberInput label={t("pyramid_settings.up_to")} min={0} max={100} decimalScale={2} suffix=" %" disabled={i === last} value={Math.round(x.up_to * 1e4) / 100} onChange={(v) => set(i, { up_to: Number(v) / 100 })} w={110} />
            {i < last && tiers.length > 2 && (
              <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("pyramid_settings.remove", { name: x.name })} onClick={() => onChange(tiers.filter((_, j) => j !== i))}>
                <IconTrash size={16} />
              </ActionIcon>
            )}
          </Group>
        ))}
        {tiers.length < 8 && (
          <Group>
            <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={add}>{t("pyramid_settings.add")}</Button>
          </Group>
        )}
      </Stack>
    </Panel>
  );
}
