import { Alert, Button, Group, NumberInput, Select, Stack, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import { matricesQuery, matrixPreviewQuery, measuresQuery } from "../../api/queries";
import type { AnyMatrix, MatrixAxis, Measure, OfferedMatrix } from "../../api/types";
import { major, minor, useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { ProblemNotice } from "../../ui/states";
import { useMeasureWords } from "../measure/words";
import { AnyGrid } from "./any-grid";
import { axisOf, classesOf, cutsOf, keyOf, tidied, waysOf } from "./draft";
import { weightOf } from "./figures";
import classes from "./matrix.module.css";
import { useMatrixWords } from "./words";

const colours = ["blue", "sky", "green", "yellow", "orange", "red", "purple", "grey"] as const;
const strategies = ["bind", "care", "develop", "minimal"] as const;

/** A first draft of a new matrix: revenue against the potential that is unused. */
function blank(measures: Measure[]): AnyMatrix {
  const find = (key: string) => measures.find((m) => m.key === key) ?? measures[0]!;
  return { key: "", name: "", description: "", rows: axisOf(find("revenue"), true), columns: axisOf(find("unused"), true), cells: [] };
}

/** Makes, changes or copies a matrix, with what it would show beside it. */
export function MatrixEditor({ of, copy, onClose }: { of?: OfferedMatrix; copy: boolean; onClose: (key?: string) => void }) {
  const { t } = useTranslation();
  const measures = useQuery(measuresQuery(undefined)).data?.items;
  const words = useMatrixWords();
  if (!measures) return null;
  const start = of ? plain(of, copy ? { key: "", name: t("matrices.copy_of", { name: words.name(of) }) } : {}) : blank(measures);
  return <Editor start={start} version={of && !copy ? of.version : undefined} measures={measures} onClose={onClose} />;
}

function plain({ key, name, description, rows, columns, cells }: AnyMatrix, more: Partial<AnyMatrix>): AnyMatrix {
  return { key, name, description, rows, columns, cells, ...more };
}

function Editor({ start, version, measures, onClose }: { start: AnyMatrix; version?: number; measures: Measure[]; onClose: (key?: string) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(start);
  const made = version === undefined;
  const whole = tidied({ ...draft, key: made ? keyOf(draft.name) || "new" : draft.key });
  const [settled] = useDebouncedValue(JSON.stringify({ ...whole, name: whole.name || "–" }), 350);
  const preview = useQuery({ ...matrixPreviewQuery(JSON.parse(settled) as AnyMatrix), placeholderData: keepPreviousData });
  // The last picture that could be drawn stays while the fields cannot stand.
  const [last, setLast] = useState(preview.data);
  if (preview.data && preview.data !== last) setLast(preview.data);
  const save = useMutation({
    mutationFn: () =>
      made ? ask(api.POST("/matrices", { body: whole })) : ask(api.PUT("/matrices/{key}", { body: whole, params: { path: { key: whole.key }, header: ifMatch(version) } })),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["matrix"] });
      onClose(saved.key);
    },
  });
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE("/matrices/{key}", { params: { path: { key: whole.key }, header: ifMatch(version ?? 0) } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: matricesQuery.queryKey });
      onClose();
    },
  });
  const cause = save.error ?? preview.error;
  const faults = cause ? problemOf(cause).fields : {};
  // What the name lacks is said when it is saved, not while it is being thought of.
  const at = (path: string) => (path === "name" && !save.error ? undefined : faults[path]);
  return (
    <div className={classes.fields}>
      <Stack gap="md">
        <Panel title={t("matrices.what")}>
          <Stack gap="sm">
            <TextInput label={t("matrices.name")} required maxLength={60} value={draft.name} error={at("name") ?? (made ? at("key") : undefined)} onChange={(e) => setDraft({ ...draft, name: e.currentTarget.value })} />
            <Textarea label={t("matrices.description")} autosize minRows={2} maxLength={500} value={draft.description} error={at("description")} onChange={(e) => setDraft({ ...draft, description: e.currentTarget.value })} />
          </Stack>
        </Panel>
        {(["rows", "columns"] as const).map((side) => (
          <Panel key={side} title={t(`matrices.${side}`)}>
            <AxisFields side={side} axis={draft[side]} measures={measures} at={at} onChange={(axis) => setDraft({ ...draft, [side]: axis })} />
          </Panel>
        ))}
        <Panel title={t("matrices.cells")}>
          <CellFields draft={draft} at={at} onChange={(cells) => setDraft({ ...draft, cells })} />
        </Panel>
        {cause && <ProblemNotice cause={cause} />}
        <Group>
          <Button loading={save.isPending} onClick={() => save.mutate()}>{t("action.save")}</Button>
          <Button variant="default" onClick={() => onClose()}>{t("action.cancel")}</Button>
          {!made && (
            <Button variant="subtle" color="red" leftSection={<IconTrash size={15} />} loading={remove.isPending} onClick={() => remove.mutate()}>
              {t("matrices.remove")}
            </Button>
          )}
        </Group>
        {remove.error && <ProblemNotice cause={remove.error} />}
      </Stack>
      <div className={classes.beside}>
        <Panel title={t("matrices.preview")}>
        {last ? <Preview of={last} measures={measures} stale={Boolean(preview.error)} /> : <Text size="sm" c="dimmed">{preview.error ? t("matrices.preview_none") : t("state.loading")}</Text>}
        </Panel>
      </div>
    </div>
  );
}

type Fault = (path: string) => string | undefined;

function AxisFields({ side, axis, measures, at, onChange }: { side: "rows" | "columns"; axis: MatrixAxis; measures: Measure[]; at: Fault; onChange: (a: MatrixAxis) => void }) {
  const { t } = useTranslation();
  const words = useMeasureWords();
  const format = useFormat();
  const measure = measures.find((m) => m.key === axis.measure);
  const summable = measure?.unit === "money" || measure?.unit === "count";
  const count = axis.classes.length;
  const money = axis.by === "value" && measure?.unit === "money";
  const percent = axis.by !== "value" || measure?.unit === "share" || measure?.unit === "chance";
  const shown = (x: number) => (percent ? Math.round(x * 1000) / 10 : money ? major(x, format.currency) : x);
  const held = (x: number) => (percent ? x / 100 : money ? minor(x, format.currency) : x);
  const resize = (n: number, by = axis.by) =>
    onChange(by === "word" ? { ...axis, by, at: undefined, classes: Array.from({ length: n }, (_, i) => axis.classes[i] ?? { key: `class-${i + 1}`, name: String(i + 1), words: [] }) } : { ...axis, by, at: by === axis.by && n === count ? axis.at : cutsOf(by, n), classes: classesOf(n, axis.classes) });
  const choices = measures.filter((m) => m.unit !== "date").map((m) => ({ value: m.key, label: words.label(m) }));
  return (
    <Stack gap="sm">
      <Select label={t("matrices.measure")} searchable data={choices} value={axis.measure} allowDeselect={false} error={at(`${side}.measure`)}
        onChange={(key) => {
          const next = measures.find((m) => m.key === key);
          if (next) onChange(axisOf(next, next.unit === "money" || next.unit === "count", next.unit === "word" ? 1 : Math.max(2, count)));
        }} />
      {measure && <Text size="xs" c="dimmed">{words.definition(measure)}</Text>}
      <Group grow align="flex-start">
        <Select label={t("matrices.by")} data={waysOf(measure, summable).map((w) => ({ value: w, label: t(`matrices.by_${w}`) }))} value={axis.by} allowDeselect={false} error={at(`${side}.by`)} onChange={(by) => by && resize(count, by as MatrixAxis["by"])} />
        <NumberInput label={t("matrices.classes")} min={1} max={7} allowDecimal={false} value={count} error={at(`${side}.classes`) ?? at(`${side}.at`)} onChange={(n) => Number(n) >= 1 && Number(n) <= 7 && resize(Number(n))} />
      </Group>
      <Text size="xs" c="dimmed">{t(`matrices.by_${axis.by}_help`)}</Text>
      {axis.classes.map((c, i) => (
        <Group key={i} grow align="flex-start">
          <TextInput label={t("matrices.class_name", { no: i + 1 })} maxLength={60} value={c.name} error={at(`${side}.classes[${i}].name`) ?? at(`${side}.classes[${i}].key`)}
            onChange={(e) => onChange({ ...axis, classes: axis.classes.map((o, j) => (j === i ? { ...o, name: e.currentTarget.value } : o)) })} />
          {axis.by === "word" ? (
            <TagsInput label={t("matrices.words")} value={(c.words ?? []).filter(Boolean)} error={at(`${side}.classes[${i}].words`)}
              onChange={(list) => onChange({ ...axis, classes: axis.classes.map((o, j) => (j === i ? { ...o, words: list } : o)) })} />
          ) : i === 0 ? (
            <TextInput label={t("matrices.begins")} value={t("matrices.lowest")} disabled />
          ) : (
            <NumberInput label={t(`matrices.begins_${axis.by}`)} value={shown(axis.at?.[i - 1] ?? 0)} decimalScale={percent ? 1 : 2} suffix={percent ? " %" : money ? ` ${format.currency}` : undefined} error={at(`${side}.at[${i - 1}]`)}
              onChange={(x) => onChange({ ...axis, at: (axis.at ?? []).map((o, j) => (j === i - 1 ? held(Number(x)) : o)) })} />
          )}
        </Group>
      ))}
    </Stack>
  );
}

/** The cells one at a time: chosen, then named. */
function CellFields({ draft, at, onChange }: { draft: AnyMatrix; at: Fault; onChange: (cells: AnyMatrix["cells"]) => void }) {
  const { t } = useTranslation();
  const all = draft.rows.classes.flatMap((r) => draft.columns.classes.map((c) => ({ row: r.key, column: c.key, label: `${r.name} · ${c.name}` })));
  const [chosen, setChosen] = useState<string | null>(null);
  const place = all.find((c) => `${c.row}_${c.column}` === chosen) ?? all[0];
  if (!place) return null;
  const index = draft.cells.findIndex((c) => c.row === place.row && c.column === place.column);
  const cell = draft.cells[index] ?? { row: place.row, column: place.column };
  const set = (more: Partial<AnyMatrix["cells"][number]>) => onChange([...draft.cells.filter((_, i) => i !== index), { ...cell, ...more }]);
  return (
    <Stack gap="sm">
      <Select label={t("matrices.cell")} data={all.map((c) => ({ value: `${c.row}_${c.column}`, label: draft.cells.find((d) => d.row === c.row && d.column === c.column)?.name ? `${c.label}: ${draft.cells.find((d) => d.row === c.row && d.column === c.column)?.name}` : c.label }))}
        value={`${place.row}_${place.column}`} allowDeselect={false} onChange={setChosen} />
      <Group grow align="flex-start">
        <TextInput label={t("matrices.cell_name")} maxLength={60} value={cell.name ?? ""} error={at(`cells[${index}].name`)} onChange={(e) => set({ name: e.currentTarget.value || undefined })} />
        <Select label={t("matrices.colour")} clearable data={colours.map((c) => ({ value: c, label: t(`colour.${c}`) }))} value={cell.colour ?? null} onChange={(c) => set({ colour: (c ?? undefined) as (typeof colours)[number] | undefined })} />
        <Select label={t("matrices.strategy")} clearable data={strategies.map((s) => ({ value: s, label: t(`strategy.${s}`) }))} value={cell.strategy ?? null} onChange={(s) => set({ strategy: (s ?? undefined) as (typeof strategies)[number] | undefined })} />
      </Group>
      <Textarea label={t("matrices.advice")} autosize minRows={2} maxLength={500} value={cell.advice ?? ""} error={at(`cells[${index}].advice`)} onChange={(e) => set({ advice: e.currentTarget.value || undefined })} />
    </Stack>
  );
}

function Preview({ of, measures, stale }: { of: Parameters<typeof AnyGrid>[0]["of"] & { as_of: string }; measures: Measure[]; stale: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMeasureWords();
  const most = Math.max(0, ...of.cells.map((c) => c.customers));
  const label = (key: string) => words.label(measures.find((m) => m.key === key) ?? { key, label: key });
  return (
    <Stack gap="xs" style={{ opacity: stale ? 0.55 : 1 }} aria-live="polite">
      <Text size="xs" c="dimmed">{t("matrices.preview_of", { date: format.date(of.as_of), number: format.number(of.total.customers) })}</Text>
      {stale && <Alert color="gray" p="xs">{t("matrices.preview_stale")}</Alert>}
      <AnyGrid of={of} label={t("matrices.preview")} unitOf={(key) => measures.find((m) => m.key === key)?.unit} axes={{ rows: label(of.matrix.rows.measure), columns: label(of.matrix.columns.measure) }}
        weight={(c) => weightOf(c.customers, most)} show={(f) => <span className={`num ${classes.count}`}>{format.number(f.customers)}</span>} />
    </Stack>
  );
}
