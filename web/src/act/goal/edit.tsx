import { Button, Group, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { problemOf } from "../../api/problem";
import { matricesQuery, measuresQuery, peopleQuery, sessionQuery, unitsQuery, versionsQuery } from "../../api/queries";
import type { AnyMatrix, GoalForm, GoalWhat, Measure } from "../../api/types";
import { conditionsOf } from "../../learn/measure/conditions";
import { MeasureFilter } from "../../learn/measure/filter";
import { useMeasureWords } from "../../learn/measure/words";
import { cellKey, customerMatrix, useMatrixWords } from "../../learn/matrix/words";
import { scoredDates } from "../../learn/scoring/as-of";
import { useCalendarLabels } from "../../ui/calendar";
import { major, minor, useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { Answered, ProblemNotice } from "../../ui/states";
import { UnitSelect } from "../../ui/unit-select";
import { useGoalWords } from "./words";

/** Plan › Goals › new. A what-if fills it in by its address: of, from, to, customers, revenue, as_of. */
export function NewGoalPage() {
  const { t } = useTranslation();
  const measures = useQuery(measuresQuery());
  const matrices = useQuery(matricesQuery);
  return (
    <>
      <PageHeader title={t("goal.new")} crumbs={[{ label: t("nav.goals"), to: "/plan/goals" }]} />
      <Answered of={measures}>{(m) => <Answered of={matrices}>{(all) => <NewGoal measures={m.items} matrices={all.filter((x) => x.usable)} />}</Answered>}</Answered>
    </>
  );
}

const kinds = ["sum", "average", "count", "share", "cell_move"] as const;

function inMonths(n: number): string {
  const d = new Date();
  d.setUTCMonth(d.getUTCMonth() + n);
  return d.toISOString().slice(0, 10);
}

type Draft = { title: string; kind: GoalWhat["kind"]; measure: string; matrix: string; row: string; from: string; to: string; meeting?: string; among?: string; unit?: string; person?: string; start?: string; target: number | string; due: string; revenue: number | string };

function NewGoal({ measures, matrices }: { measures: Measure[]; matrices: AnyMatrix[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useCalendarLabels();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const words = useGoalWords();
  const told = useMeasureWords();
  const named = useMatrixWords();
  const [search] = useSearchState();
  const me = useQuery({ ...sessionQuery, enabled: false }).data;
  const units = useQuery(unitsQuery).data ?? [];
  const people = useQuery(peopleQuery).data ?? [];
  const versions = scoredDates(useQuery(versionsQuery).data?.items ?? []);
  const [d, setDraft] = useState<Draft>(() => {
    const move = search.of === "cell_move";
    const what = { kind: "cell_move", matrix: search.matrix } as GoalWhat;
    return {
      title: move && search.customers && search.from && search.to ? t("goal.proposed_title", { number: search.customers, from: words.cell(what, search.from), to: words.cell(what, search.to) }) : "",
      kind: kinds.find((k) => k === search.of) ?? "sum",
      measure: search.measure ?? "revenue",
      matrix: search.matrix ?? customerMatrix,
      row: "",
      from: search.from ?? "",
      to: search.to ?? "",
      start: search.as_of,
      target: search.customers ? Number(search.customers) : "",
      due: inMonths(6),
      revenue: search.revenue ? major(Number(search.revenue), format.currency) : "",
      unit: search.unit ?? (me?.user.scope === "unit" ? me.user.unit_id : undefined),
      person: search.owner,
    };
  });
  const set = (change: Partial<Draft>) => setDraft({ ...d, ...change });
  const measure = measures.find((m) => m.key === d.measure);
  const matrix = matrices.find((m) => m.key === d.matrix) ?? matrices[0];
  const onMeasure = d.kind === "sum" || d.kind === "average";
  const money = onMeasure && measure?.unit === "money";
  const percent = d.kind === "share" || (onMeasure && (measure?.unit === "share" || measure?.unit === "chance"));
  const form = (): GoalForm => ({
    title: d.title,
    what: {
      kind: d.kind,
      measure: onMeasure ? d.measure : undefined,
      matrix: d.matrix === customerMatrix ? undefined : d.matrix,
      row: d.kind === "cell_move" ? undefined : d.row || undefined,
      from: d.kind === "cell_move" ? d.from : undefined,
      to: d.kind === "cell_move" ? d.to : undefined,
      meeting: d.kind === "count" || d.kind === "share" ? conditionsOf(d.meeting) : undefined,
      among: conditionsOf(d.among),
      revenue: d.revenue === "" ? undefined : minor(Number(d.revenue), format.currency),
    },
    unit_id: d.unit,
    person_id: d.person,
    start_as_of: d.start,
    target: money ? minor(Number(d.target), format.currency) : percent ? Number(d.target) / 100 : Number(d.target),
    due_on: d.due,
  });
  const preview = useMutation({ mutationFn: () => ask(api.POST("/goals/preview", { body: form() })) });
  const save = useMutation({
    mutationFn: () => ask(api.POST("/goals", { body: form() })),
    onSuccess: async (g) => {
      await queries.invalidateQueries({ queryKey: ["goals"] });
      void navigate({ to: "/plan/goals/$id", params: { id: g.id } as never });
    },
  });
  const cause = save.error ?? preview.error;
  const wrong = cause ? problemOf(cause).fields : {};
  const choices = measures.filter((m) => (d.kind === "sum" ? m.unit === "money" || m.unit === "count" : m.unit !== "word" && m.unit !== "date"));
  const cells = matrix ? matrix.rows.classes.flatMap((r) => matrix.columns.classes.map((c) => ({ value: cellKey(r.key, c.key), label: named.cell(matrix, r.key, c.key) }))) : [];
  return (
    <form onSubmit={(e) => { e.preventDefault(); save.mutate(); }}>
      <Stack maw={820}>
        <Panel title={t("goal.kind")}>
          <Stack gap="sm">
            <Select label={t("goal.kind")} allowDeselect={false} data={kinds.map((k) => ({ value: k, label: t(`goal.kind_${k}`) }))} value={d.kind} onChange={(k) => k && set({ kind: k as Draft["kind"] })} />
            {onMeasure && <Select searchable allowDeselect={false} label={t("goal.measure")} error={wrong["what.measure"]} data={choices.map((m) => ({ value: m.key, label: told.label(m) }))} value={d.measure} onChange={(m) => m && set({ measure: m })} />}
            <Group grow align="flex-start">
              <Select allowDeselect={false} label={t("goal.matrix")} data={matrices.map((m) => ({ value: m.key, label: named.name(m) }))} value={matrix?.key ?? null} onChange={(m) => m && set({ matrix: m, row: "", from: "", to: "" })} />
              {d.kind !== "cell_move" && matrix && <Select allowDeselect={false} label={t("goal.row")} data={[{ value: "", label: t("goal.everybody") }, ...matrix.rows.classes.map((r) => ({ value: r.key, label: named.row(matrix, r.key) }))]} value={d.row} onChange={(r) => set({ row: r ?? "" })} />}
            </Group>
            {d.kind === "cell_move" && (
              <Group grow align="flex-start">
                <Select searchable label={t("goal.from")} error={wrong["what.from"]} data={cells} value={d.from || null} onChange={(c) => set({ from: c ?? "" })} />
                <Select searchable label={t("goal.to")} error={wrong["what.to"]} data={cells} value={d.to || null} onChange={(c) => set({ to: c ?? "" })} />
              </Group>
            )}
            {(d.kind === "count" || d.kind === "share") && (
              <div>
                <Text size="sm" fw={500} mb={4}>{t("goal.meeting")}</Text>
                <MeasureFilter value={d.meeting} onChange={(meeting) => set({ meeting })} measures={measures} />
                {wrong["what.meeting"] && <Text size="xs" c="var(--mantine-color-error)">{wrong["what.meeting"]}</Text>}
              </div>
            )}
            <div>
              <Text size="sm" fw={500} mb={4}>{t("goal.among")}</Text>
              <MeasureFilter value={d.among} onChange={(among) => set({ among })} measures={measures} />
            </div>
          </Stack>
        </Panel>
        <Panel title={t("goal.target")}>
          <Stack gap="sm">
            <TextInput label={t("goal.title")} placeholder={t("goal.title_help")} required maxLength={200} value={d.title} error={wrong.title} onChange={(e) => set({ title: e.currentTarget.value })} />
            <Group grow align="flex-start">
              <UnitSelect units={units} label={t("goal.unit")} description={t("goal.unit_help")} inputWrapperOrder={["label", "input", "description", "error"]} value={d.unit ?? null} error={wrong.unit_id} onChange={(unit) => set({ unit: unit ?? undefined })} />
              <Select searchable clearable label={t("goal.person")} data={people.map((p) => ({ value: p.id, label: p.name }))} value={d.person ?? null} error={wrong.person_id} onChange={(person) => set({ person: person ?? undefined })} />
            </Group>
            <Group grow align="flex-start">
              <NumberInput required label={money ? t("goal.target_money", { currency: format.currency }) : percent ? t("goal.target_share") : onMeasure ? t("goal.target") : t("goal.target_customers")} value={d.target} error={wrong.target} thousandSeparator onChange={(target) => set({ target })} />
              <DateInput ariaLabels={labels} required label={t("goal.due")} valueFormat="D MMM YYYY" value={d.due} error={wrong.due_on} onChange={(due) => due && set({ due })} />
            </Group>
            <Group grow align="flex-start">
              <Select label={t("goal.start_as_of")} allowDeselect={false} data={versions.map((v) => ({ value: v.as_of, label: format.date(v.as_of) }))} value={d.start ?? versions[0]?.as_of ?? null} onChange={(start) => set({ start: start ?? undefined })} />
              {!onMeasure && <NumberInput label={t("goal.expected_revenue", { currency: format.currency })} min={0} thousandSeparator value={d.revenue} error={wrong["what.revenue"]} onChange={(revenue) => set({ revenue })} />}
            </Group>
            {preview.data && <Text size="sm" role="status">{t("goal.starts_with", { value: words.value(preview.data.what, preview.data.start_value), date: format.date(preview.data.start_as_of) })}</Text>}
          </Stack>
        </Panel>
        {cause && <ProblemNotice cause={cause} shown={["title", "target", "due_on", "unit_id", "person_id", "what.measure", "what.from", "what.to", "what.meeting", "what.revenue"]} />}
        <Group>
          <Button type="submit" loading={save.isPending}>{t("goal.save")}</Button>
          <Button variant="default" loading={preview.isPending} onClick={() => { save.reset(); preview.mutate(); }}>{t("goal.see_start")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
