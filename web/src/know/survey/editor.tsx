import { ActionIcon, Alert, Button, Checkbox, Grid, Group, NumberInput, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import type { Survey, SurveyQuestion, SurveyTopic } from "../../api/types";
import { languages } from "../../locale";
import { Panel } from "../../ui/page";
import { useNotify } from "../../ui/notify";
import { ProblemNotice } from "../../ui/states";
import { AnswerFields } from "./fields";
import { formOf, keyFrom, textIn, topics, type Given } from "./survey";

/** The questions of a questionnaire with a preview beside; read-only once somebody has answered. */
export function Editor({ survey, may }: { survey: Survey; may: boolean }) {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const [draft, setDraft] = useState(() => formOf(survey));
  const [language, setLanguage] = useState(languages.find((l) => l.code === i18n.language)?.code ?? "en");
  const [tried, setTried] = useState<Given>({});
  const fixed = !may || survey.answered;
  const save = useMutation({
    mutationFn: () => ask(api.PATCH("/surveys/{id}", { params: { path: { id: survey.id }, header: ifMatch(survey.version) }, body: draft })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["surveys"] });
      notify(t("survey.saved"));
    },
  });
  const wrong = save.error ? problemOf(save.error).fields : {};
  const put = (questions: SurveyQuestion[]) => setDraft({ ...draft, questions });
  const one = (i: number, change: Partial<SurveyQuestion>) => put(draft.questions.map((q, j) => (j === i ? { ...q, ...change } : q)));
  const move = (from: number, to: number) => {
    const next = draft.questions.filter((_, i) => i !== from);
    next.splice(to, 0, draft.questions[from] as SurveyQuestion);
    put(next);
  };
  const add = () => put([...draft.questions, { key: keyFrom("question", draft.questions.map((q) => q.key)), text: {}, topic: "satisfaction", weight: 1, required: false }]);
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            save.mutate();
          }}
        >
          <Stack>
            {survey.answered && <Alert>{t("survey.fixed")}</Alert>}
            <Panel title={t("survey.about")} aside={<Select size="xs" w={130} aria-label={t("survey.language")} allowDeselect={false} data={languages.map((l) => ({ value: l.code, label: l.name }))} value={language} onChange={(l) => l && setLanguage(l as typeof language)} />}>
              <Stack gap="sm">
                <Group grow align="flex-start">
                  <TextInput label={t("field.name")} required maxLength={200} disabled={!may} value={draft.name} error={wrong.name} onChange={(e) => setDraft({ ...draft, name: e.currentTarget.value })} />
                  <TextInput label={t("field.code")} required maxLength={60} disabled={fixed} value={draft.code} error={wrong.code} onChange={(e) => setDraft({ ...draft, code: e.currentTarget.value })} />
                </Group>
                <Select label={t("survey.audience")} disabled={fixed} allowDeselect={false} data={(["customer", "company"] as const).map((a) => ({ value: a, label: t(`survey.for_${a}`) }))} value={draft.audience} onChange={(a) => a && setDraft({ ...draft, audience: a as Survey["audience"] })} />
                <Textarea label={t("survey.introduction")} autosize minRows={2} maxLength={2000} disabled={!may} value={draft.introduction[language] ?? ""} onChange={(e) => setDraft({ ...draft, introduction: { ...draft.introduction, [language]: e.currentTarget.value } })} />
              </Stack>
            </Panel>
            <ol style={{ listStyle: "none", margin: 0, padding: 0, display: "grid", gap: "var(--mantine-spacing-sm)" }}>
              {draft.questions.map((q, i) => (
                <li key={i}>
                  <QuestionCard question={q} no={i + 1} language={language} fixed={fixed} wrong={(f) => wrong[`questions.${i}.${f}`]} onChange={(c) => one(i, c)}
                    onUp={i > 0 ? () => move(i, i - 1) : undefined} onDown={i < draft.questions.length - 1 ? () => move(i, i + 1) : undefined} onRemove={() => put(draft.questions.filter((_, j) => j !== i))} />
                </li>
              ))}
            </ol>
            {save.error && <ProblemNotice cause={save.error} shown={Object.keys(wrong).filter((k) => k !== "questions")} />}
            {may && (
              <Group>
                <Button type="submit" loading={save.isPending}>
                  {t("action.save")}
                </Button>
                {!fixed && (
                  <Button variant="default" leftSection={<IconPlus size={16} />} onClick={add} disabled={draft.questions.length >= 60}>
                    {t("survey.add_question")}
                  </Button>
                )}
              </Group>
            )}
          </Stack>
        </form>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <Panel title={t("survey.preview")}>
          <Stack gap="lg">
            <Text size="xs" c="dimmed">{t("survey.preview_help")}</Text>
            {textIn(draft.introduction, i18n.language) && <Text size="sm" style={{ whiteSpace: "pre-line" }}>{textIn(draft.introduction, i18n.language)}</Text>}
            {draft.questions.length === 0 ? <Text size="sm" c="dimmed">{t("survey.no_questions")}</Text> : <AnswerFields questions={draft.questions} given={tried} onChange={setTried} />}
          </Stack>
        </Panel>
      </Grid.Col>
    </Grid>
  );
}

function QuestionCard({ question: q, no, language, fixed, wrong, onChange, onUp, onDown, onRemove }: {
  question: SurveyQuestion; no: number; language: string; fixed: boolean; wrong: (field: string) => string | undefined;
  onChange: (change: Partial<SurveyQuestion>) => void; onUp?: () => void; onDown?: () => void; onRemove: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Panel
      title={t("survey.question_no", { no })}
      aside={
        !fixed && (
          <Group gap={2}>
            <ActionIcon variant="subtle" color="gray" disabled={!onUp} aria-label={t("survey.up", { no })} onClick={onUp}><IconArrowUp size={16} /></ActionIcon>
            <ActionIcon variant="subtle" color="gray" disabled={!onDown} aria-label={t("survey.down", { no })} onClick={onDown}><IconArrowDown size={16} /></ActionIcon>
            <ActionIcon variant="subtle" color="gray" aria-label={t("survey.remove_question", { no })} onClick={onRemove}><IconTrash size={16} /></ActionIcon>
          </Group>
        )
      }
    >
      <Stack gap="sm">
        <Textarea label={t("survey.text")} required={language === "en"} autosize minRows={1} maxLength={2000} disabled={fixed} value={q.text[language] ?? ""} error={wrong("text")} onChange={(e) => onChange({ text: { ...q.text, [language]: e.currentTarget.value } })} />
        <Group align="flex-start" gap="sm">
          <Select label={t("survey.topic")} w={200} allowDeselect={false} disabled={fixed} data={topics.map((x) => ({ value: x, label: t(`survey.topic_${x}`) }))} value={q.topic} error={wrong("topic")} onChange={(x) => x && onChange({ topic: x as SurveyTopic })} />
          <TextInput label={t(q.topic === "satisfaction" ? "survey.category" : "survey.key")} w={150} required maxLength={60} disabled={fixed} value={q.key} error={wrong("key")} onChange={(e) => onChange({ key: e.currentTarget.value })} />
          {q.topic === "satisfaction" && <NumberInput label={t("survey.weight")} w={90} min={0.1} max={1000} step={1} required disabled={fixed} value={q.weight} error={wrong("weight")} onChange={(w) => onChange({ weight: Number(w) })} />}
        </Group>
        <Checkbox label={t("survey.required")} disabled={fixed} checked={q.required} onChange={(e) => onChange({ required: e.currentTarget.checked })} />
      </Stack>
    </Panel>
  );
}
