import { Button, Tabs } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { surveyQuery, surveysQuery } from "../../api/survey-queries";
import type { Survey } from "../../api/types";
import { ConfirmButton } from "../../ui/confirm";
import { PageHeader } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import { Editor } from "./editor";
import { Invitations } from "./invitations";
import { StateBadge } from "./page";
import { AnswerList, Results } from "./results";
import { formOf, keyFrom } from "./survey";

/** One questionnaire: what was answered, by whom, who was invited, and its questions. */
export function SurveyPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const survey = useQuery(surveyQuery(id));
  return <Answered of={survey}>{(s) => <One survey={s} key={`${s.id} ${s.version} ${s.answered}`} />}</Answered>;
}

function One({ survey: s }: { survey: Survey }) {
  const { t } = useTranslation();
  const can = useCan();
  const [search, change] = useSearchState();
  const tab = search.tab ?? (s.state === "draft" ? "questions" : "results");
  return (
    <>
      <PageHeader title={s.name} crumbs={[{ label: t("nav.surveys"), to: "/data/surveys" }]} actions={can("survey.write") && <Actions survey={s} />}>
        <StateBadge state={s.state} /> {t(`survey.for_${s.audience}`)} · {s.code}
      </PageHeader>
      <Tabs value={tab} onChange={(next) => change({ tab: next ?? undefined, question: undefined, score: undefined })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="results">{t("survey.results")}</Tabs.Tab>
          <Tabs.Tab value="answers">{t("survey.answers")}</Tabs.Tab>
          {s.audience === "customer" && <Tabs.Tab value="invitations">{t("survey.invitations")}</Tabs.Tab>}
          <Tabs.Tab value="questions">{t("survey.questions")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="results"><Results survey={s} /></Tabs.Panel>
        <Tabs.Panel value="answers"><AnswerList survey={s} /></Tabs.Panel>
        <Tabs.Panel value="invitations"><Invitations survey={s} /></Tabs.Panel>
        <Tabs.Panel value="questions"><Editor survey={s} may={can("survey.write")} /></Tabs.Panel>
      </Tabs>
    </>
  );
}

function Actions({ survey: s }: { survey: Survey }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const again = () => queries.invalidateQueries({ queryKey: surveysQuery.queryKey });
  const state = useMutation({
    mutationFn: (next: Survey["state"]) => ask(api.PATCH("/surveys/{id}", { params: { path: { id: s.id }, header: ifMatch(s.version) }, body: { state: next } })),
    onSuccess: again,
  });
  const copy = useMutation({
    mutationFn: async () => {
      const taken = (await queries.fetchQuery(surveysQuery)).map((x) => x.code);
      return ask(api.POST("/surveys", { body: { ...formOf(s), name: t("survey.copy_of", { name: s.name }).slice(0, 200), code: keyFrom(s.code, taken) } }));
    },
    onSuccess: async (made) => {
      await again();
      await navigate({ to: "/data/surveys/$id", params: { id: made.id } as never, search: { tab: "questions" } as never });
    },
  });
  const remove = async () => {
    await ask(api.DELETE("/surveys/{id}", { params: { path: { id: s.id }, header: ifMatch(s.version) } }));
    await navigate({ to: "/data/surveys" });
    await again();
  };
  return (
    <>
      {(state.error ?? copy.error) && <ProblemNotice cause={state.error ?? copy.error} />}
      {!s.answered && (
        <ConfirmButton label={t("action.delete")} title={t("survey.delete_title")} confirm={t("action.delete")} onConfirm={remove}>
          {t("survey.delete_text")}
        </ConfirmButton>
      )}
      <Button variant="default" loading={copy.isPending} onClick={() => copy.mutate()}>{t("survey.copy")}</Button>
      {s.state === "open" ? (
        <Button variant="default" loading={state.isPending} onClick={() => state.mutate("closed")}>{t("survey.close")}</Button>
      ) : (
        <Button loading={state.isPending} onClick={() => state.mutate("open")} disabled={s.questions.length === 0}>{t(s.state === "draft" ? "survey.open" : "survey.open_again")}</Button>
      )}
    </>
  );
}
