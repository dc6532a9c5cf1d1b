import { ActionIcon, Alert, Button, Checkbox, Group, NumberInput, Select, Stack, TagsInput, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { versionsQuery, visitDefinitionQuery } from "../../api/queries";
import type { VisitDefinition, VisitNorm } from "../../api/types";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import { columns, rows } from "../matrix/cell";
import { ComputeNow } from "../scoring/compute";

/** Settings › Visits: what counts as contact, and how soon customers of each row or cell are to be contacted again. */
export function VisitSettings() {
  const { t } = useTranslation();
  const definition = useQuery(visitDefinitionQuery);
  return (
    <>
      <PageHeader title={t("nav.visit_settings")}>{t("visit_settings.intro")}</PageHeader>
      <Answered of={definition}>{({ data, tag }) => <Form key={tag} saved={data} tag={tag} />}</Answered>
    </>
  );
}

const places = [...rows, "unknown"] as string[];

function Form({ saved, tag }: { saved: VisitDefinition; tag: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(saved);
  const latest = useQuery(versionsQuery).data?.items.map((v) => v.as_of).sort().at(-1);
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/visits/definition", { body: draft, params: { header: { "If-Match": tag } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: visitDefinitionQuery.queryKey }),
  });
  const normOf = (place: string): VisitNorm => draft.norms.find((n) => n.place === place) ?? { place, none: true, green: 180, yellow: 270 };
  // A row that had no norm gets one when it is changed; the order of the others stays.
  const set = (norm: VisitNorm) =>
    setDraft({ ...draft, norms: draft.norms.some((n) => n.place === norm.place) ? draft.norms.map((n) => (n.place === norm.place ? norm : n)) : [...draft.norms, norm] });
  const own = draft.norms.filter((n) => !places.includes(n.place));
  const free = rows.flatMap((r) => columns.map((c) => `${r}_${c}`)).filter((c) => !own.some((n) => n.place === c));
  const add = (place: string) => set({ ...normOf(place.slice(0, place.indexOf("_"))), place });
  return (
    <Stack maw={760}>
      <Panel title={t("visit_settings.kinds")}>
        <TagsInput aria-label={t("visit_settings.kinds")} description={t("visit_settings.kinds_help")} data={["visit", "meeting", "call", "email", "letter"]} value={draft.kinds}
          onChange={(kinds) => setDraft({ ...draft, kinds: kinds.map((k) => k.trim().toLowerCase()) })} />
      </Panel>
      <Panel title={t("visit_settings.norms")}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">{t("visit_settings.norms_help")}</Text>
          {places.map((p) => <NormFields key={p} name={t(`row.${p}`)} norm={normOf(p)} onChange={set} />)}
        </Stack>
      </Panel>
      <Panel title={t("visit_settings.cells")}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">{t("visit_settings.cells_help")}</Text>
          {own.map((n) => (
            <NormFields key={n.place} name={t(`cell.${n.place}`)} norm={n} onChange={set} onRemove={() => setDraft({ ...draft, norms: draft.norms.filter((x) => x.place !== n.place) })} />
          ))}
          {free.length > 0 && (
            <Select label={t("visit_settings.add")} leftSection={<IconPlus size={14} />} placeholder={t("visit_settings.choose")} data={free.map((c) => ({ value: c, label: t(`cell.${c}`) }))} value={null}
              onChange={(c) => c && add(c)} w={300} searchable />
          )}
        </Stack>
      </Panel>
      {save.error && <ProblemNotice cause={save.error} />}
      {save.isSuccess && <Alert color="green" role="status">{t("visit_settings.saved")}</Alert>}
      <Group>
        <Button loading={save.isPending} onClick={() => save.mutate()}>{t("action.save")}</Button>
        <Text size="sm" c="dimmed">{t("lifetime_settings.later")}</Text>
      </Group>
      {latest && can("score.run") && <ComputeNow as_of={latest} again />}
    </Stack>
  );
}

function NormFields({ name, norm, onChange, onRemove }: { name: string; norm: VisitNorm; onChange: (n: VisitNorm) => void; onRemove?: () => void }) {
  const { t } = useTranslation();
  return (
    <Group gap="sm" align="flex-end">
      <Text fw={600} size="sm" w={130} pb={8}>{name}</Text>
      {!norm.none && (
        <>
          <NumberInput label={t("visit_settings.green")} aria-label={`${name}: ${t("visit_settings.green")}`} min={1} max={3650} allowDecimal={false} value={norm.green} onChange={(v) => onChange({ ...norm, green: Number(v) || 1 })} w={150} />
          <NumberInput label={t("visit_settings.yellow")} aria-label={`${name}: ${t("visit_settings.yellow")}`} min={norm.green} max={3650} allowDecimal={false} value={norm.yellow} onChange={(v) => onChange({ ...norm, yellow: Number(v) || norm.green })} w={150} />
        </>
      )}
      <Checkbox pb={8} label={t("visit_settings.none")} aria-label={`${name}: ${t("visit_settings.none")}`} checked={norm.none} onChange={(e) => onChange({ ...norm, none: e.currentTarget.checked })} />
      {onRemove && (
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("visit_settings.remove", { name })} onClick={onRemove}>
          <IconTrash size={16} />
        </ActionIcon>
      )}
    </Group>
  );
}
