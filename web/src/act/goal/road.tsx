import { Badge, Button, Checkbox, Group, Modal, Select, Stack, Table, Text, TextInput, VisuallyHidden } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { peopleQuery, roadQuery, unitsQuery } from "../../api/queries";
import type { RoadDraft, RoadStep } from "../../api/types";
import { useCalendarLabels } from "../../ui/calendar";
import { ConfirmButton } from "../../ui/confirm";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, Empty, ProblemNotice } from "../../ui/states";
import { UnitSelect } from "../../ui/unit-select";

const today = () => new Date().toISOString().slice(0, 10);

/** The steps on the way to the goals. */
export function RoadTab() {
  const { t } = useTranslation();
  const may = useCan()("goal.write");
  const road = useQuery(roadQuery);
  const [open, setOpen] = useState<RoadStep | "new" | "propose">();
  return (
    <Panel title={t("goal.road")} aside={may && (
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={() => setOpen("propose")}>{t("goal.propose")}</Button>
        <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} onClick={() => setOpen("new")}>{t("goal.add_step")}</Button>
      </Group>
    )}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed" maw={760}>{t("goal.road_help")}</Text>
        <Answered of={road}>{(steps) => (steps.length === 0 ? <Empty title={t("goal.road_none_title")}>{may && t("goal.road_none")}</Empty> : <Steps of={steps} onOpen={setOpen} />)}</Answered>
      </Stack>
      <Modal opened={open !== undefined} onClose={() => setOpen(undefined)} size="lg" closeButtonProps={{ "aria-label": t("action.close") }}
        title={open === "propose" ? t("goal.propose") : open === "new" || !open ? t("goal.add_step") : t("goal.edit_step", { title: open.title })}>
        {open === "propose" ? <Propose onDone={() => setOpen(undefined)} /> : open && <StepForm of={open === "new" ? undefined : open} onDone={() => setOpen(undefined)} />}
      </Modal>
    </Panel>
  );
}

const draftOf = (s: RoadStep): RoadDraft => ({ day: s.day, kind: s.kind, title: s.title, unit_id: s.unit_id, responsible_id: s.responsible_id, done_on: s.done_on });

function Steps({ of, onOpen }: { of: RoadStep[]; onOpen: (s: RoadStep) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const again = () => queries.invalidateQueries({ queryKey: ["road"] });
  const done = useMutation({
    mutationFn: ({ step, on }: { step: RoadStep; on: boolean }) => ask(api.PUT("/road-map/steps/{id}", { params: { path: { id: step.id }, header: ifMatch(step.version) }, body: { ...draftOf(step), done_on: on ? today() : undefined } })),
    onSettled: again,
  });
  const remove = async (s: RoadStep) => {
    await ask(api.DELETE("/road-map/steps/{id}", { params: { path: { id: s.id }, header: ifMatch(s.version) } }));
    await again();
  };
  return (
    <>
      {done.error && <ProblemNotice cause={done.error} />}
      <Table.ScrollContainer minWidth={640} type="native" tabIndex={0} role="region" aria-label={t("goal.road")}>
        <Table fz="sm" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr><Table.Th>{t("goal.done")}</Table.Th><Table.Th>{t("goal.day")}</Table.Th><Table.Th>{t("goal.step_kind")}</Table.Th><Table.Th>{t("goal.step")}</Table.Th><Table.Th>{t("goal.for")}</Table.Th><Table.Th>{t("goal.responsible")}</Table.Th><Table.Th><VisuallyHidden>{t("action.edit")}</VisuallyHidden></Table.Th></Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.map((s) => (
              <Table.Tr key={s.id}>
                <Table.Td>{s.may_change ? <Checkbox size="xs" checked={!!s.done_on} aria-label={t("goal.mark_done", { title: `${s.title}, ${format.date(s.day)}` })} onChange={(e) => done.mutate({ step: s, on: e.currentTarget.checked })} /> : s.done_on ? format.date(s.done_on) : t("goal.open")}</Table.Td>
                <Table.Td><Group gap={6} wrap="nowrap">{format.date(s.day)}{s.late && <Badge variant="default" tt="none" fw={550} radius="sm">{t("goal.late")}</Badge>}</Group></Table.Td>
                <Table.Td>{t(`goal.kind_${s.kind}`)}</Table.Td>
                <Table.Td>{s.title}</Table.Td>
                <Table.Td>{s.unit_name || t("goal.company")}</Table.Td>
                <Table.Td>{s.responsible_name || "–"}</Table.Td>
                <Table.Td>
                  {s.may_change && (
                    <Group gap={4} wrap="nowrap" justify="flex-end">
                      <Button size="compact-xs" variant="default" aria-label={t("goal.edit_step", { title: `${s.title}, ${format.date(s.day)}` })} onClick={() => onOpen(s)}>{t("action.edit")}</Button>
                      <ConfirmButton compact label={t("action.delete")} ariaLabel={t("goal.delete_step", { title: `${s.title}, ${format.date(s.day)}` })} title={t("goal.delete_step", { title: s.title })} confirm={t("action.delete")} onConfirm={() => remove(s)}>{t("goal.delete_step_words")}</ConfirmButton>
                    </Group>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

function StepForm({ of, onDone }: { of?: RoadStep; onDone: () => void }) {
  const { t } = useTranslation();
  const labels = useCalendarLabels();
  const queries = useQueryClient();
  const units = useQuery(unitsQuery).data ?? [];
  const people = useQuery(peopleQuery).data ?? [];
  const [draft, setDraft] = useState<RoadDraft>(() => (of ? draftOf(of) : { day: today(), kind: "review", title: "" }));
  const save = useMutation({
    mutationFn: async () => {
      if (of) await ask(api.PUT("/road-map/steps/{id}", { params: { path: { id: of.id }, header: ifMatch(of.version) }, body: draft }));
      else await ask(api.POST("/road-map/steps", { body: { steps: [draft] } }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["road"] });
      onDone();
    },
  });
  return (
    <form onSubmit={(e) => { e.preventDefault(); save.mutate(); }}>
      <Stack>
        <TextInput label={t("goal.step")} required maxLength={200} value={draft.title} onChange={(e) => setDraft({ ...draft, title: e.currentTarget.value })} data-autofocus />
        <Group grow>
          <DateInput ariaLabels={labels} label={t("goal.day")} required valueFormat="D MMM YYYY" value={draft.day} onChange={(day) => day && setDraft({ ...draft, day })} />
          <Select label={t("goal.step_kind")} allowDeselect={false} data={(["workshop", "review", "check", "other"] as const).map((k) => ({ value: k, label: t(`goal.kind_${k}`) }))} value={draft.kind} onChange={(k) => k && setDraft({ ...draft, kind: k as RoadDraft["kind"] })} />
        </Group>
        <UnitSelect units={units} label={t("goal.unit")} description={t("goal.unit_help")} value={draft.unit_id ?? null} onChange={(u) => setDraft({ ...draft, unit_id: u ?? undefined })} />
        <Select searchable clearable label={t("goal.responsible")} data={people.map((p) => ({ value: p.id, label: p.name }))} value={draft.responsible_id ?? null} onChange={(p) => setDraft({ ...draft, responsible_id: p ?? undefined })} />
        <DateInput ariaLabels={labels} label={t("goal.done_on")} clearable valueFormat="D MMM YYYY" value={draft.done_on ?? null} onChange={(d) => setDraft({ ...draft, done_on: d ?? undefined })} />
        {save.error && <ProblemNotice cause={save.error} />}
        <Group><Button type="submit" loading={save.isPending}>{t("action.save")}</Button></Group>
      </Stack>
    </form>
  );
}

function Propose({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useCalendarLabels();
  const queries = useQueryClient();
  const [from, setFrom] = useState(today());
  const [months, setMonths] = useState(6);
  const proposal = useQuery({ queryKey: ["road", "proposal", from, months], queryFn: async () => (await ask(api.GET("/road-map/proposal", { params: { query: { from, months } } }))).items });
  const add = useMutation({
    mutationFn: (steps: RoadDraft[]) => ask(api.POST("/road-map/steps", { body: { steps } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["road"] });
      onDone();
    },
  });
  return (
    <Stack>
      <Group grow>
        <DateInput ariaLabels={labels} label={t("goal.propose_from")} valueFormat="D MMM YYYY" value={from} onChange={(d) => d && setFrom(d)} />
        <Select label={t("goal.propose_months")} allowDeselect={false} data={["3", "4", "5", "6"]} value={String(months)} onChange={(m) => setMonths(Number(m))} />
      </Group>
      <Answered of={proposal}>
        {(steps) => (
          <>
            {steps.length === 0 ? <Text size="sm">{t("goal.propose_none")}</Text> : (
              <Table fz="sm" verticalSpacing={4} aria-label={t("goal.propose")}>
                <Table.Tbody>{steps.map((s) => <Table.Tr key={s.day + s.kind}><Table.Td className="num">{format.date(s.day)}</Table.Td><Table.Td>{t(`goal.kind_${s.kind}`)}</Table.Td><Table.Td>{s.title}</Table.Td></Table.Tr>)}</Table.Tbody>
              </Table>
            )}
            {add.error && <ProblemNotice cause={add.error} />}
            <Group><Button disabled={steps.length === 0} loading={add.isPending} onClick={() => add.mutate(steps)}>{t("goal.propose_add")}</Button></Group>
          </>
        )}
      </Answered>
    </Stack>
  );
}
