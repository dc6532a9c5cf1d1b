import { Button, Grid, Group, SegmentedControl, Stack, Switch, Text, Textarea, TextInput, Select } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import { importKindsQuery, sourcesQuery } from "../../api/queries";
import type { Feed, FeedInput, ImportKind, Preview, Schedule, Source } from "../../api/types";
import { ConfirmButton } from "../../ui/confirm";
import { useNotify } from "../../ui/notify";
import { PageHeader, Panel } from "../../ui/page";
import { Answered, Empty, ProblemNotice } from "../../ui/states";
import { MapStep } from "../intake/map-step";
import { mappingOf, missing, ruleOf, type Rule } from "../intake/mapping";
import { FirstRows } from "../intake/recognise";
import { ScheduleFields } from "./schedule";
import classes from "./source.module.css";

/** Data › Sources › what is read: the SELECT, what its columns are, and when it runs. */
export function FeedPage() {
  const { t } = useTranslation();
  const { id, feed } = useParams({ strict: false }) as { id: string; feed: string };
  const sources = useQuery({ ...sourcesQuery, refetchInterval: false });
  const kinds = useQuery(importKindsQuery);
  return (
    <Answered of={sources}>
      {(list) => {
        const source = list.find((s) => s.id === id);
        const old = source?.feeds?.find((f) => f.id === feed);
        if (!source || (feed !== "new" && !old)) return <Empty title={t("sources.gone")}>{t("sources.gone_help")}</Empty>;
        return <Answered of={kinds}>{(all) => <Edit key={feed} source={source} feed={old} kinds={all} />}</Answered>;
      }}
    </Answered>
  );
}

const rulesOf = (columns: Feed["mapping"]["columns"], names: string[]): Record<string, Rule> => Object.fromEntries(Object.entries(columns).map(([f, e]) => [f, ruleOf(e, names)]));

type Draft = { name: string; statement: string; watermark_column: string; watermark: string; schedule: Schedule; enabled: boolean };

function Edit({ source, feed, kinds }: { source: Source; feed?: Feed; kinds: ImportKind[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const notify = useNotify();
  const [draft, setDraft] = useState<Draft>({
    name: feed?.name ?? "", statement: feed?.statement ?? "", watermark_column: feed?.watermark_column ?? "", watermark: feed?.watermark ?? "",
    schedule: feed?.schedule ?? { every: "hand" }, enabled: feed?.enabled ?? true,
  });
  const [onlyNew, setOnlyNew] = useState(!!feed?.watermark_column);
  const [kind, setKind] = useState(feed?.kind);
  const [rules, setRules] = useState<Record<string, Rule>>(feed ? rulesOf(feed.mapping.columns, []) : {});
  const [unknown, setUnknown] = useState<Record<string, string>>(feed?.mapping.unknown ?? {});
  const [from, setFrom] = useState(feed?.mapping.source ?? source.name);
  const [preview, setPreview] = useState<Preview>();
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));

  const show = useMutation({
    mutationFn: (ask_: { kind?: string; mapping_text?: string }) =>
      ask(api.POST("/sources/{id}/preview", { params: { path: { id: source.id } }, body: { statement: draft.statement, watermark: onlyNew ? draft.watermark : "", ...ask_ } })),
    onSuccess: (found, asked) => {
      const first = Object.keys(rules).length === 0;
      setPreview(found);
      if (!first && !asked.mapping_text && asked.kind === kind) return; // what was set stays; only the rows are new
      setKind(found.kind || undefined);
      setRules(rulesOf(found.mapping.columns, found.columns.map((c) => c.name)));
      setUnknown(found.mapping.unknown ?? {});
      if (found.mapping.source) setFrom(found.mapping.source);
    },
  });
  const done = async (name: string) => {
    await queries.invalidateQueries({ queryKey: ["sources"] });
    notify(t("sources.saved", { name }));
    void navigate({ to: "/data/sources" });
  };
  const save = useMutation({
    mutationFn: (key: string) => {
      const body: FeedInput = { ...draft, kind: key, mapping: mappingOf(key, from, rules, unknown), ...(onlyNew ? {} : { watermark_column: "" }) };
      // A watermark that was not touched here is left to the runs, which move it meanwhile.
      if (feed && draft.watermark === feed.watermark) delete body.watermark;
      return feed
        ? ask(api.PATCH("/feeds/{id}", { params: { path: { id: feed.id }, header: ifMatch(feed.version) }, body }))
        : ask(api.POST("/sources/{id}/feeds", { params: { path: { id: source.id } }, body }));
    },
    onSuccess: (saved) => done(saved.name),
  });
  const errors = { ...(show.error ? problemOf(show.error).fields : {}), ...(save.error ? problemOf(save.error).fields : {}) };
  const chosen = kinds.find((k) => k.key === kind);
  const lacking = chosen ? missing(chosen, rules) : [];
  const shown = ["name", "statement", "watermark", "watermark_column", "schedule", ...(chosen?.fields.map((f) => `mapping.columns.${f.name}`) ?? [])];
  // What stands at a field of this page is not said twice.
  const atField = (cause: unknown) => {
    const at = Object.keys(problemOf(cause).fields);
    return at.length > 0 && at.every((name) => shown.includes(name));
  };
  const title = feed ? t("sources.edit_feed", { name: feed.name }) : t("sources.new_feed", { name: source.name });
  return (
    <>
      <PageHeader title={title} crumbs={[{ label: t("nav.sources"), to: "/data/sources" }]}
        actions={feed && (
          <ConfirmButton label={t("sources.remove")} title={t("sources.remove_feed_title", { name: feed.name })} confirm={t("sources.remove")}
            onConfirm={async () => {
              await ask(api.DELETE("/feeds/{id}", { params: { path: { id: feed.id } } }));
              await queries.invalidateQueries({ queryKey: ["sources"] });
              void navigate({ to: "/data/sources" });
            }}>
            {t("sources.remove_feed_text")}
          </ConfirmButton>
        )}>
        {feed ? t("sources.runs_as", { name: feed.owner_name }) : undefined}
      </PageHeader>
      <Stack>
        <Panel title={t("sources.step_select")}>
          <Stack gap="sm">
            <TextInput label={t("field.name")} required maw={420} value={draft.name} error={errors.name} onChange={(e) => change({ name: e.currentTarget.value })} />
            <Textarea label={t("sources.select")} description={t("sources.select_help")} required autosize minRows={5} maxRows={20} className={classes.statement} spellCheck={false}
              placeholder={"SELECT customer_no, name, city\nFROM customers"} value={draft.statement} error={errors.statement} onChange={(e) => change({ statement: e.currentTarget.value })} />
            <div>
              <Text size="sm" fw={500} mb={4} id="what-new">{t("sources.what_new")}</Text>
              <SegmentedControl aria-labelledby="what-new" value={onlyNew ? "new" : "all"} onChange={(v) => setOnlyNew(v === "new")} data={[{ value: "all", label: t("sources.all") }, { value: "new", label: t("sources.new") }]} />
            </div>
            {onlyNew && <NewRows draft={draft} columns={preview?.columns.map((c) => c.name)} errors={errors} onChange={change} />}
            {show.error && !atField(show.error) && <ProblemNotice cause={show.error} />}
            <Group>
              <Button variant="light" loading={show.isPending} disabled={!draft.statement.trim()} onClick={() => show.mutate({ kind })}>
                {t("sources.show")}
              </Button>
            </Group>
          </Stack>
        </Panel>
        {preview && (
          <Panel title={t("sources.step_rows")}>
            {preview.rows.length === 0 ? <Text size="sm" c="dimmed">{t("sources.no_rows")}</Text> : <FirstRows preview={preview} busy={show.isPending} />}
          </Panel>
        )}
        <Panel title={t("sources.step_map")}>
          {preview ? (
            <MapStep kinds={kinds} kind={chosen} onKind={(k) => show.mutate({ kind: k })} preview={preview} rules={rules} onRules={setRules} unknown={unknown} onUnknown={setUnknown} errors={errors} lookups={[]} onLookups={() => undefined}
              source={from} onSource={setFrom} mapping={chosen && (() => mappingOf(chosen.key, from, rules, unknown))} onMappingText={(mapping_text) => show.mutate({ mapping_text })} busy={show.isPending} />
          ) : (
            <Text size="sm" c="dimmed">{t(feed ? "sources.kept_mapping" : "sources.first_show")}</Text>
          )}
        </Panel>
        <Panel title={t("sources.step_when")}>
          <Stack gap="sm">
            <div>
              <ScheduleFields value={draft.schedule} onChange={(schedule) => change({ schedule })} error={errors.schedule} />
            </div>
            <Switch label={t("sources.enabled")} description={t("sources.enabled_help")} checked={draft.enabled} onChange={(e) => change({ enabled: e.currentTarget.checked })} />
          </Stack>
        </Panel>
        {save.error && !atField(save.error) && <ProblemNotice cause={save.error} />}
        <Group justify="flex-end" gap="sm">
          {lacking.length > 0 && (
            <Text size="sm" c="var(--mantine-color-error)" role="status">
              {t("import.lacking", { fields: lacking.join(", ") })}
            </Text>
          )}
          <Button disabled={!chosen || lacking.length > 0 || !draft.name.trim() || !draft.statement.trim()} loading={save.isPending} onClick={() => chosen && save.mutate(chosen.key)}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </>
  );
}

/** What says what is new: the column that grows, and from where to go on. */
function NewRows({ draft, columns, errors, onChange }: { draft: Draft; columns?: string[]; errors: Record<string, string>; onChange: (part: Partial<Draft>) => void }) {
  const { t } = useTranslation();
  const column = draft.watermark_column;
  return (
    <>
      <Text size="sm" c="dimmed" maw={760}>{t("sources.since_help")}</Text>
      <Grid gap="sm" align="flex-end">
        <Grid.Col span={{ base: 12, xs: 6 }}>
          {columns ? (
            <Select label={t("sources.watermark_column")} description={t("sources.watermark_column_help")} searchable data={column && !columns.includes(column) ? [column, ...columns] : columns} value={column || null} error={errors.watermark_column}
              onChange={(c) => onChange({ watermark_column: c ?? "" })} placeholder={t("import.pick_column")} />
          ) : (
            <TextInput label={t("sources.watermark_column")} description={t("sources.watermark_column_help")} value={column} error={errors.watermark_column} onChange={(e) => onChange({ watermark_column: e.currentTarget.value })} />
          )}
        </Grid.Col>
        <Grid.Col span={{ base: 12, xs: 6 }}>
          <TextInput label={t("sources.watermark")} description={t("sources.watermark_help")} placeholder="1900-01-01" value={draft.watermark} error={errors.watermark} onChange={(e) => onChange({ watermark: e.currentTarget.value })} />
        </Grid.Col>
      </Grid>
    </>
  );
}
