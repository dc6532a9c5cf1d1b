import { Stack, Text, Textarea } from "@mantine/core";
import { useId, type CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { scaleOf, textIn, type Asked, type Given } from "./survey";
import classes from "./survey.module.css";

/** The questions of a questionnaire, to be answered: on the card, behind a link, and as a preview. */
export function AnswerFields({ questions, given, onChange, errors = {} }: { questions: Asked[]; given: Given; onChange: (given: Given) => void; errors?: Record<string, string> }) {
  const { t, i18n } = useTranslation();
  return (
    <Stack gap="xl">
      {questions.map((q) => {
        const set = (value: Given[string]) => onChange({ ...given, [q.key]: value });
        const text = textIn(q.text, i18n.language);
        const error = errors[`answers.${q.key}`];
        if (q.topic === "comment") {
          return <Textarea key={q.key} label={text} required={q.required} autosize minRows={3} maxLength={2000} value={String(given[q.key] ?? "")} error={error} onChange={(e) => set(e.currentTarget.value)} styles={{ label: { fontWeight: 550, marginBottom: 8 } }} />;
        }
        return (
          <Choices key={q.key} legend={text} topic={q.topic} required={q.required} value={given[q.key] as number | undefined} error={error} onChange={set}
            clear={q.required || given[q.key] === undefined ? undefined : t("survey.clear")} />
        );
      })}
    </Stack>
  );
}

function Choices({ legend, topic, required, value, error, onChange, clear }: { legend: string; topic: string; required: boolean; value?: number; error?: string; onChange: (value: number | undefined) => void; clear?: string }) {
  const { t } = useTranslation();
  const name = useId();
  const scale = scaleOf(topic);
  if (!scale) return null;
  const scores = Array.from({ length: scale.to - scale.from + 1 }, (_, i) => scale.from + i);
  if (scale.words) scores.reverse();
  return (
    <fieldset className={classes.question} aria-describedby={error ? `${name}-error` : undefined}>
      <legend>
        {legend}
        {required && <Text span c="var(--mantine-color-error)" aria-hidden> *</Text>}
      </legend>
      <div className={scale.words ? classes.words : classes.scale} style={{ "--all": scores.length, "--half": Math.ceil(scores.length / 2) } as CSSProperties}>
        {scores.map((score) => (
          <label key={score} className={classes.choice}>
            <input type="radio" name={name} value={score} required={required} checked={value === score} onChange={() => onChange(score)} />
            <span>{scale.words ? t(topic === "intention" ? `survey.intention_${score}` : `survey.yes_no_${score}`) : score}</span>
          </label>
        ))}
      </div>
      {!scale.words && (
        <div className={classes.ends}>
          <Text size="xs" c="dimmed">{t(topic === "recommendation" ? "survey.unlikely" : "survey.lowest")}</Text>
          <Text size="xs" c="dimmed">{t(topic === "recommendation" ? "survey.likely" : "survey.highest")}</Text>
        </div>
      )}
      {clear && (
        <Text component="button" type="button" size="xs" mt={6} c="var(--mantine-color-anchor)" bg="transparent" p={0} style={{ border: 0, cursor: "pointer" }} onClick={() => onChange(undefined)}>
          {clear}
        </Text>
      )}
      {error && (
        <Text id={`${name}-error`} size="sm" c="var(--mantine-color-error)" mt={4}>
          {error}
        </Text>
      )}
    </fieldset>
  );
}
