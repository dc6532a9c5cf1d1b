import { Alert, Button, Stack, Text, Title } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, askTagged } from "../../api/client";
import { problemOf } from "../../api/problem";
import { sheetOfLinkQuery } from "../../api/survey-queries";
import type { PublicSheet } from "../../api/types";
import { formatOf } from "../../locale";
import { Loading, ProblemNotice } from "../../ui/states";
import { AnswerFields } from "./fields";
import { answersOf, givenOf, textIn } from "./survey";
import classes from "./survey.module.css";

/** Problems that mean the link is of no use, each with its own words. */
const ended: Record<string, string> = {
  "invitation.unknown": "answer_page.unknown",
  "invitation.expired": "answer_page.expired",
  "invitation.closed": "answer_page.closed",
  "invitation.survey_closed": "answer_page.survey_closed",
  "access.too_many_attempts": "answer_page.waiting",
};

/** What somebody with a link sees: the company's name and the questions. Nothing tells of the customer. */
export function AnswerSheet({ tools }: { tools: ReactNode }) {
  const { t } = useTranslation();
  const { token } = useParams({ strict: false }) as { token: string };
  const sheet = useQuery(sheetOfLinkQuery(token));
  useEffect(() => {
    document.title = sheet.data?.data.company ?? t("answer_page.title");
  }, [sheet.data, t]);
  return (
    <div className={classes.public}>
      <div className={classes.sheet}>
        <div className={classes.tools}>{tools}</div>
        <main>
          {sheet.data ? <Sheet sheet={sheet.data.data} tag={sheet.data.tag} token={token} /> : sheet.error ? <Failed cause={sheet.error} retry={() => void sheet.refetch()} /> : <Loading />}
        </main>
      </div>
    </div>
  );
}

function Failed({ cause, retry }: { cause: unknown; retry: () => void }) {
  const { t } = useTranslation();
  const words = ended[problemOf(cause).code];
  if (!words) return <ProblemNotice cause={cause} retry={retry} />;
  return (
    <Stack gap="xs" py="xl">
      <Title order={1}>{t("answer_page.ended")}</Title>
      <Text>{t(words)}</Text>
    </Stack>
  );
}

function Sheet({ sheet, tag, token }: { sheet: PublicSheet; tag: string; token: string }) {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const [given, setGiven] = useState(() => givenOf(sheet.answers));
  const [done, setDone] = useState(false);
  const day = (date: string) => new Intl.DateTimeFormat(formatOf(i18n.language), { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(new Date(date));
  const send = useMutation({
    mutationFn: () => askTagged(api.PUT("/answers/{token}", { params: { path: { token }, header: { "If-Match": tag } }, body: { answers: answersOf(sheet.questions, given) } })),
    onSuccess: (after) => {
      queries.setQueryData(sheetOfLinkQuery(token).queryKey, after);
      setDone(true);
      window.scrollTo({ top: 0 });
    },
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    send.mutate();
  };
  if (send.error && ended[problemOf(send.error).code]) return <Failed cause={send.error} retry={() => send.mutate()} />;
  if (done) {
    return (
      <Stack gap="md" py="xl" align="flex-start" role="status">
        <IconCheck size={40} color="var(--k-accent)" aria-hidden />
        <Title order={1}>{t("answer_page.thanks")}</Title>
        <Text>{t("answer_page.can_correct", { date: day(sheet.expires_on), company: sheet.company })}</Text>
        <Button variant="default" onClick={() => setDone(false)}>
          {t("answer_page.correct")}
        </Button>
      </Stack>
    );
  }
  const introduction = textIn(sheet.introduction, i18n.language);
  const fields = send.error ? problemOf(send.error).fields : {};
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        <div>
          <Text size="sm" c="dimmed">{t("answer_page.asks")}</Text>
          <Title order={1}>{sheet.company}</Title>
        </div>
        {introduction && <Text style={{ whiteSpace: "pre-line" }}>{introduction}</Text>}
        {sheet.answered_on && <Alert>{t("answer_page.answered", { answered: day(sheet.answered_on), date: day(sheet.expires_on) })}</Alert>}
        <AnswerFields questions={sheet.questions} given={given} onChange={setGiven} errors={fields} />
        {send.error && <ProblemNotice cause={send.error} shown={Object.keys(fields)} />}
        <Button type="submit" size="md" loading={send.isPending}>
          {t(sheet.answered_on ? "answer_page.send_again" : "answer_page.send")}
        </Button>
        <Text size="xs" c="dimmed">
          {t("answer_page.until", { date: day(sheet.expires_on) })} {sheet.questions.some((q) => q.required) && t("answer_page.required")}
        </Text>
      </Stack>
    </form>
  );
}
