import { Button, Checkbox, Group, Loader, NumberInput, Radio, Select, Stack, Text } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { allocationSegmentsQuery } from "../../api/queries";
import type { Allocation } from "../../api/types";
import { major, useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { Empty, ProblemNotice } from "../../ui/states";
import { useMeasureWords } from "../measure/words";
import { draftOfProblem, emptyRow, example, problemOfDraft, unfinished, without, type Draft } from "./draft";
import { Grid } from "./grid";
import { PasteButton } from "./sheet";
import { PlansPanel } from "./plans";
import { Result } from "./result";

/** From segments and what they return to the spend that brings most. */
export function Allocator() {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<Draft>();
  const [asked, setAsked] = useState<Draft>(); // what the answer is of
  const solve = useMutation({ mutationFn: (d: Draft) => ask(api.POST("/allocation/solve", { body: problemOfDraft(d) })), onSuccess: (_, d) => setAsked(d) });
  const take = (d: Draft) => {
    setDraft(d);
    solve.reset();
    setAsked(undefined);
  };
  const change = (d: Partial<Draft>) => draft && setDraft({ ...draft, ...d });
  const open = draft ? unfinished(draft) : [];
  return (
    <Stack gap="md">
      <Start onTake={take} started={draft !== undefined} />
      {draft && (
        <>
          <Grid draft={draft} onChange={setDraft} />
          <Money draft={draft} onChange={change} />
          <Group>
            <Button loading={solve.isPending} disabled={draft.rows.length === 0 || open.length > 0} onClick={() => solve.mutate(draft)}>
              {t("allocation.work_out")}
            </Button>
            {open.length > 0 && <Text size="sm" c="dimmed">{t("allocation.unfinished", { count: open.length })}</Text>}
            {asked && asked !== draft && <Text size="sm" c="dimmed">{t("allocation.changed")}</Text>}
          </Group>
          {solve.error && <ProblemNotice cause={solve.error} />}
          {solve.data && asked && <Result draft={asked} answer={solve.data as Allocation} />}
        </>
      )}
      <PlansPanel onOpen={(k) => take(draftOfProblem(k.problem, k.segments_by, k.as_of ?? undefined))} />
    </Stack>
  );
}

/** Where the segments come from: a measure, a sheet, or the example. */
function Start({ onTake, started }: { onTake: (d: Draft) => void; started: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMeasureWords();
  const [by, setBy] = useState("tier");
  const segments = useQuery(allocationSegmentsQuery(by));
  const fromMeasure = () => {
    const s = segments.data;
    if (!s) return;
    const rows = s.items.filter((f) => f.customers > 0).map((f) => ({
      ...emptyRow(f.key || without, f.customers, 3),
      now: f.cost_to_serve === null ? "" : Math.round(major(f.cost_to_serve, s.currency) / f.customers),
    }));
    onTake({ by, as_of: s.as_of, budget: "", method: "points", gross: false, rows });
  };
  const choose = (
    <Group align="flex-end" gap="sm" justify={started ? "flex-start" : "center"}>
      <Select label={t("allocation.by")} data={(segments.data?.choices ?? [{ key: by, label: t("pyramid.tier") }]).map((c) => ({ value: c.key, label: words.label(c) }))} value={by} allowDeselect={false} searchable openOnFocus={false} onChange={(v) => v && setBy(v)} w={220} nothingFoundMessage={t("filter.nothing")} />
      <Button variant={started ? "default" : "filled"} disabled={!segments.data} onClick={fromMeasure}>
        {segments.isPending ? <Loader size="xs" aria-label={t("state.loading")} /> : t("allocation.take", { count: segments.data?.items.length ?? 0 })}
      </Button>
      <PasteButton onRows={(rows) => onTake({ by: "", budget: "", method: "points", gross: false, rows })} />
      <Button variant="default" leftSection={<IconSparkles size={16} />} onClick={() => onTake(example([1, 2, 3, 4, 5].map((no) => t("allocation.example_segment", { no }))))}>
        {t("allocation.example")}
      </Button>
    </Group>
  );
  return (
    <Panel title={t("allocation.start")}>
      {started ? choose : <Empty title={t("allocation.start_title")} action={choose}>{t("allocation.start_help")}</Empty>}
      {segments.error && <ProblemNotice cause={segments.error} />}
      {segments.data && <Text size="xs" c="dimmed" mt="xs" ta={started ? "left" : "center"}>{t("allocation.figures_of", { date: format.date(segments.data.as_of) })}</Text>}
    </Panel>
  );
}

/** The budget, and how the given points are read. */
function Money({ draft, onChange }: { draft: Draft; onChange: (d: Partial<Draft>) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const customers = draft.rows.reduce((n, r) => n + (Number(r.customers) || 0), 0);
  return (
    <Panel title={t("allocation.money")}>
      <Group align="flex-start" gap="xl">
        <NumberInput label={t("allocation.budget")} description={customers > 0 && draft.budget !== "" ? t("allocation.per_customer", { amount: format.quantity(Number(draft.budget) / customers), currency: format.currency, customers: format.number(customers) }) : t("allocation.budget_help")}
          min={0} decimalScale={2} thousandSeparator=" " suffix={` ${format.currency}`} value={draft.budget} onChange={(budget) => onChange({ budget })} w={280} />
        <Radio.Group label={t("allocation.method")} value={draft.method} onChange={(m) => onChange({ method: m as Draft["method"] })} maw={440}>
          <Stack gap={6} mt={6}>
            <Radio value="points" label={t("allocation.by_points")} description={t("allocation.by_points_help")} />
            <Radio value="curve" label={t("allocation.by_curve")} description={t("allocation.by_curve_help")} />
            <Radio value="adbudg" label={t("allocation.by_adbudg")} description={t("allocation.by_adbudg_help")} />
          </Stack>
        </Radio.Group>
        <Checkbox label={t("allocation.gross")} description={t("allocation.gross_help")} checked={draft.gross} onChange={(e) => onChange({ gross: e.currentTarget.checked })} maw={320} />
      </Group>
    </Panel>
  );
}
