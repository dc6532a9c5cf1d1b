import { Alert, Button, Group, SegmentedControl, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import { measuresQuery } from "../../api/queries";
import type { Gathered, Segment, Tree } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { Answered, ProblemNotice } from "../../ui/states";
import { RuleBuilder } from "./builder";
import { useFields, useRuleWords } from "./fields";
import { toGroup, toTree, type Group as Parts } from "./tree";

/** Map › Segments › New segment. */
export function NewSegmentPage() {
  const { t } = useTranslation();
  const measures = useQuery(measuresQuery());
  return (
    <>
      <PageHeader title={t("segment.new")} crumbs={[{ label: t("nav.segments"), to: "/map/segments" }]}>
        {t("segment.new_words")}
      </PageHeader>
      <Answered of={measures}>{() => <SegmentForm />}</Answered>
    </>
  );
}

/** Codes as people paste them: one in each line, or apart by commas, semicolons or tabs. */
export function codesOf(text: string): string[] {
  return text.split(/[\n\r,;\t]+/).map((c) => c.trim()).filter(Boolean);
}

/** Name, what it is for, who sees it, and its rule or its customers. */
export function SegmentForm({ of, onDone }: { of?: Segment; onDone?: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const fields = useFields(of?.id);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [draft, setDraft] = useState({ name: of?.name ?? "", description: of?.description ?? "", shared: of?.shared ?? false, kind: of?.kind ?? ("live" as Segment["kind"]) });
  const [group, setGroup] = useState<Parts>(() => toGroup(of?.rule, fields, format));
  const [codes, setCodes] = useState("");
  const [made, setMade] = useState<{ id: string; members: Gathered }>();
  const rule = draft.kind === "live" ? toTree(group, fields, format) : undefined;
  const save = useMutation({
    mutationFn: async () => {
      const { name, description, shared, kind } = draft;
      if (of) {
        await ask(api.PATCH("/segments/{id}", { params: { path: { id: of.id }, header: ifMatch(of.version) }, body: { name, description, shared, rule } }));
        return undefined;
      }
      return ask(api.POST("/segments", { body: { name, description, shared, kind, rule, codes: kind === "frozen" ? codesOf(codes) : undefined } }));
    },
    onSuccess: async (answer) => {
      await queries.invalidateQueries({ queryKey: ["segments"] });
      if (!answer) return onDone?.();
      if (answer.members.unknown_codes > 0) return setMade({ id: answer.segment.id, members: answer.members });
      void navigate({ to: "/map/segments/$id", params: { id: answer.segment.id } as never });
    },
  });
  const wrong = save.error ? problemOf(save.error).fields : {};
  if (made) return <Unknown of={made} />;
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        save.mutate();
      }}
    >
      <Stack maw={900}>
        <Panel>
          <Stack gap="sm">
            {!of && (
              <div>
                <SegmentedControl aria-label={t("field.kind")} value={draft.kind} onChange={(kind) => setDraft({ ...draft, kind: kind as Segment["kind"] })} data={(["live", "frozen"] as const).map((k) => ({ value: k, label: t(`segment.kind.${k}`) }))} />
                <Text size="sm" c="dimmed" mt={4}>{t(`segment.kind_help.${draft.kind}`)}</Text>
              </div>
            )}
            <TextInput label={t("field.name")} required maxLength={100} value={draft.name} error={wrong.name} onChange={(e) => setDraft({ ...draft, name: e.currentTarget.value })} />
            <Textarea label={t("segment.description")} autosize minRows={1} maxLength={1000} value={draft.description} error={wrong.description} onChange={(e) => setDraft({ ...draft, description: e.currentTarget.value })} />
            <Switch label={t("segment.share")} description={t("segment.share_help")} checked={draft.shared} error={wrong.shared} onChange={(e) => setDraft({ ...draft, shared: e.currentTarget.checked })} />
          </Stack>
        </Panel>
        {draft.kind === "live" ? (
          <Panel title={t("segment.rule")}>
            <Stack gap="sm">
              <RuleBuilder group={group} onChange={setGroup} fields={fields} />
              <Preview rule={rule} />
            </Stack>
          </Panel>
        ) : (
          !of && (
            <Panel title={t("segment.members")}>
              <Textarea label={t("segment.codes")} description={t("segment.codes_help")} autosize minRows={4} maxRows={12} value={codes} onChange={(e) => setCodes(e.currentTarget.value)} spellCheck={false} />
            </Panel>
          )
        )}
        {save.error && <ProblemNotice cause={save.error} shown={["name", "description", "shared"]} />}
        <Group>
          <Button type="submit" loading={save.isPending} disabled={draft.kind === "live" && !rule}>
            {t("action.save")}
          </Button>
          {onDone && (
            <Button variant="default" onClick={onDone}>
              {t("action.cancel")}
            </Button>
          )}
          {draft.kind === "live" && !rule && <Text size="sm" c="dimmed">{t("segment.unfinished")}</Text>}
        </Group>
      </Stack>
    </form>
  );
}

/** How many customers the rule means, a moment after it was changed. */
function Preview({ rule }: { rule: Tree | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asked] = useDebouncedValue(rule ? JSON.stringify(rule) : "", 400);
  const fields = useFields();
  const words = useRuleWords(fields);
  const preview = useQuery({
    queryKey: ["segments", "preview", asked],
    queryFn: () => ask(api.POST("/segments/preview", { body: { rule: JSON.parse(asked) as Tree } })),
    enabled: asked !== "",
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (asked === "" || !rule) return <Text size="sm" c="dimmed">{t("segment.preview_empty")}</Text>;
  if (preview.error) return <ProblemNotice cause={preview.error} />;
  const p = preview.data;
  return (
    <Stack gap={4} aria-live="polite" style={{ opacity: preview.isFetching ? 0.6 : 1 }}>
      {p && (
        <Text>
          <Figure strong to="/map/customers" search={{ rule: asked }} label={t("segment.preview_label")}>
            {t("segment.preview", { count: p.customers, number: format.number(p.customers) })}
          </Figure>{" "}
          {t("segment.preview_of", { of: format.number(p.of), date: format.date(p.as_of) })}
          {p.untold > 0 && " " + t("segment.preview_untold", { count: p.untold, number: format.number(p.untold) })}
        </Text>
      )}
      <Text size="xs" c="dimmed">{words.rule(rule)}</Text>
    </Stack>
  );
}

/** Codes that nobody has are told before the page of the new segment opens. */
function Unknown({ of }: { of: { id: string; members: Gathered } }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <Stack maw={700}>
      <GatheredNotice of={of.members} />
      <Group>
        <Button onClick={() => void navigate({ to: "/map/segments/$id", params: { id: of.id } as never })}>{t("segment.open")}</Button>
      </Group>
    </Stack>
  );
}

/** How many came in, and which codes nobody has. */
export function GatheredNotice({ of }: { of: Gathered }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Alert color={of.unknown_codes > 0 ? "yellow" : "tide"} role="status" title={t("segment.came_in", { count: of.added, number: format.number(of.added) })}>
      {of.unknown_codes > 0 && (
        <Text size="sm">
          {t("segment.unknown_codes", { count: of.unknown_codes, number: format.number(of.unknown_codes) })} {of.unknown.join(", ")}
          {of.unknown_codes > of.unknown.length && " …"}
        </Text>
      )}
    </Alert>
  );
}
