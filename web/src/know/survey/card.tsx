import { Badge, Box, Button, Group, Modal, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { IconLink, IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import { responsesQuery, standingQuery, surveysQuery } from "../../api/survey-queries";
import type { Survey, SurveyResponse, SurveyStanding } from "../../api/types";
import { useCalendarLabels } from "../../ui/calendar";
import { ConfirmButton } from "../../ui/confirm";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, Empty, ProblemNotice } from "../../ui/states";
import { AnswerFields } from "./fields";
import { InviteDialog } from "./invitations";
import { scoreWords } from "./results";
import { answersOf, bs, givenOf, textIn, type Given } from "./survey";
import classes from "./survey.module.css";

const today = () => new Date().toISOString().slice(0, 10);

/** What was answered about a customer: each topic, and the responses that people entered. */
export function Answers({ customerId }: { customerId: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const standing = useQuery(standingQuery(customerId));
  const responses = useInfiniteQuery(responsesQuery(customerId));
  const [open, setOpen] = useState<SurveyResponse | "new" | "invite" | null>(null);
  const may = can("answer.write");
  return (
    <Stack p="md" gap="lg">
      {may && (
        <Group gap="xs">
          <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />} onClick={() => setOpen("new")}>{t("survey.record")}</Button>
          <Button size="compact-sm" variant="default" leftSection={<IconLink size={14} />} onClick={() => setOpen("invite")}>{t("survey.invite")}</Button>
        </Group>
      )}
      <Answered of={standing}>{(s) => <Topics of={s} />}</Answered>
      <Answered of={responses}>
        {(data) => {
          const items = data.pages.flatMap((p) => p.items);
          if (items.length === 0) return standing.data?.topics.length === 0 ? <Empty title={t("survey.card_none_title")}>{t("survey.card_none")}</Empty> : null;
          return (
            <Stack gap="md" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
              {items.map((r) => <ResponseRow key={r.id} response={r} customerId={customerId} onEdit={may ? () => setOpen(r) : undefined} />)}
              {responses.hasNextPage && (
                <li><Button size="compact-sm" variant="default" loading={responses.isFetchingNextPage} onClick={() => void responses.fetchNextPage()}>{t("table.more")}</Button></li>
              )}
            </Stack>
          );
        }}
      </Answered>
      <Modal opened={open !== null && open !== "invite"} onClose={() => setOpen(null)} size="lg" title={t(open === "new" ? "survey.record" : "survey.correct")} closeButtonProps={{ "aria-label": t("action.close") }}>
        {open !== null && open !== "invite" && <RecordForm customerId={customerId} response={open === "new" ? undefined : open} audience="any" onDone={() => setOpen(null)} />}
      </Modal>
      <InviteDialog opened={open === "invite"} onClose={() => setOpen(null)} invitees={{ one: customerId }} />
    </Stack>
  );
}

function Topics({ of }: { of: SurveyStanding }) {
  const { t } = useTranslation();
  const format = useFormat();
  const told = of.topics.filter((x) => !(bs as readonly string[]).includes(x.topic));
  if (told.length === 0) return null;
  return (
    <Table.ScrollContainer minWidth={360} type="native" tabIndex={0} role="region" aria-label={t("survey.answers")}>
      <Table verticalSpacing={6} fz="sm" aria-label={t("survey.answers")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("survey.topic")}</Table.Th>
            <Table.Th ta="right">{t("survey.latest")}</Table.Th>
            <Table.Th ta="right">{t("field.date")}</Table.Th>
            <Table.Th ta="right">{t("survey.answers")}</Table.Th>
            <Table.Th ta="right">{t("survey.mean")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {told.map((x) => (
            <Table.Tr key={x.topic}>
              <Table.Td>{t(`survey.topic_${x.topic}`)}</Table.Td>
              <Table.Td ta="right" className="num">{scoreWords(t, x.topic, x.score, format.quantity)}</Table.Td>
              <Table.Td ta="right" className="num">{format.date(x.last)}</Table.Td>
              <Table.Td ta="right" className="num">{format.number(x.count)}</Table.Td>
              <Table.Td ta="right" className="num">{x.mean == null ? <Text size="xs" c="dimmed">{t("survey.too_few_short")}</Text> : format.quantity(x.mean)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function useRefresh(customerId: string) {
  const queries = useQueryClient();
  return async () => {
    await queries.invalidateQueries({ queryKey: responsesQuery(customerId).queryKey });
    await queries.invalidateQueries({ queryKey: standingQuery(customerId).queryKey });
    await queries.invalidateQueries({ queryKey: surveysQuery.queryKey });
  };
}

function ResponseRow({ response: r, customerId, onEdit }: { response: SurveyResponse; customerId: string; onEdit?: () => void }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const refresh = useRefresh(customerId);
  const asked = useQuery(surveysQuery).data?.find((s) => s.id === r.survey_id);
  const remove = async () => {
    await ask(api.DELETE("/responses/{id}", { params: { path: { id: r.id }, header: ifMatch(r.version) } }));
    await refresh();
  };
  const name = t("survey.response_of", { survey: r.survey_name, date: format.date(r.answered_on) });
  return (
    <li>
      <Group gap="xs">
        <Text fw={600} size="sm">{r.survey_name}</Text>
        {r.invitation_id && <Badge variant="default" tt="none" fw={450}>{t("survey.by_link")}</Badge>}
      </Group>
      <Text size="xs" c="dimmed">
        {[format.date(r.answered_on), r.respondent, r.author_name && r.author_name !== r.respondent ? t("survey.entered_by", { name: r.author_name }) : ""].filter(Boolean).join(" · ")}
      </Text>
      <Box component="dl" m={0} mt={6}>
        {r.answers.map((a) => {
          const q = asked?.questions.find((x) => x.key === a.question);
          return (
            <Group key={a.question} justify="space-between" wrap="nowrap" gap="sm" align="flex-start">
              <Text component="dt" size="sm" c="dimmed">{q ? textIn(q.text, i18n.language) : a.question}</Text>
              <Text component="dd" m={0} size="sm" fw={550} ta="right" style={{ overflowWrap: "anywhere" }}>{a.score != null ? scoreWords(t, q?.topic ?? "", a.score, format.quantity) : a.text}</Text>
            </Group>
          );
        })}
      </Box>
      {onEdit && asked?.state === "open" && (
        <Group gap={4} ml={-7} mt={4}>
          <Button size="compact-xs" variant="subtle" onClick={onEdit} aria-label={`${t("survey.correct")}: ${name}`}>{t("survey.correct")}</Button>
          <ConfirmButton compact label={t("action.delete")} ariaLabel={`${t("action.delete")}: ${name}`} title={t("survey.remove_title")} confirm={t("action.delete")} onConfirm={remove}>
            {t("survey.remove_text", { name })}
          </ConfirmButton>
        </Group>
      )}
    </li>
  );
}

/** Choose a questionnaire, who answered and when, and the answers. `audience` narrows to those of the company's own people. */
function RecordForm({ customerId, response, audience, onDone }: { customerId: string; response?: SurveyResponse; audience: "any" | "company"; onDone: () => void }) {
  const { t } = useTranslation();
  const labels = useCalendarLabels();
  const refresh = useRefresh(customerId);
  const surveys = useQuery(surveysQuery);
  const offered = (surveys.data ?? []).filter((s) => s.state === "open" && (audience === "any" || isRelation(s)));
  const [id, setId] = useState(response?.survey_id);
  const [respondent, setRespondent] = useState(response?.respondent ?? "");
  const [day, setDay] = useState<string | null>(response?.answered_on ?? today());
  const [given, setGiven] = useState<Given>(() => givenOf(response?.answers ?? []));
  const chosen = offered.find((s) => s.id === id) ?? (id ? undefined : offered[0]);
  const save = useMutation({
    mutationFn: async () => {
      if (!chosen) return;
      const body = { answered_on: day ?? undefined, respondent, answers: answersOf(chosen.questions, given) };
      if (response) await ask(api.PATCH("/responses/{id}", { params: { path: { id: response.id }, header: ifMatch(response.version) }, body }));
      else await ask(api.POST("/customers/{id}/responses", { params: { path: { id: customerId } }, body: { ...body, survey_id: chosen.id } }));
    },
    onSuccess: async () => {
      await refresh();
      onDone();
    },
  });
  const fields = save.error ? problemOf(save.error).fields : {};
  return (
    <Answered of={surveys}>
      {() =>
        !chosen ? (
          <Text size="sm">{t(audience === "company" ? "survey.none_relation" : "survey.none_open")}</Text>
        ) : (
          <form
            onSubmit={(e) => {
              e.preventDefault();
              save.mutate();
            }}
          >
            <Stack>
              {save.error && <ProblemNotice cause={save.error} shown={Object.keys(fields).filter((k) => k !== "answers")} />}
              <Group grow align="flex-start">
                <Select label={t("survey.questionnaire")} allowDeselect={false} disabled={!!response} data={offered.map((s) => ({ value: s.id, label: s.name }))} value={chosen.id}
                  onChange={(v) => {
                    if (v) setId(v);
                    setGiven({});
                  }} />
                <DateInput ariaLabels={labels} label={t("survey.answered_day")} valueFormat="D MMM YYYY" required maxDate={today()} value={day} error={fields.answered_on} onChange={setDay} />
              </Group>
              {chosen.audience === "customer" ? (
                <TextInput label={t("survey.who_answered")} maxLength={200} value={respondent} error={fields.respondent} onChange={(e) => setRespondent(e.currentTarget.value)} />
              ) : (
                <Text size="sm" c="dimmed">{t("survey.you_answer")}</Text>
              )}
              <AnswerFields questions={chosen.questions} given={given} onChange={setGiven} errors={fields} />
              <Group justify="flex-end">
                <Button type="submit" loading={save.isPending}>{t("action.save")}</Button>
              </Group>
            </Stack>
          </form>
        )
      }
    </Answered>
  );
}

const isRelation = (s: Survey) => s.audience === "company" && bs.every((b) => s.questions.some((q) => q.topic === b));

/** The five Bs as the people who know the customer scored them last: a small chart, and its table by person. */
export function RelationPanel({ customerId }: { customerId: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const standing = useQuery(standingQuery(customerId));
  const [scoring, setScoring] = useState(false);
  return (
    <Panel
      title={t("survey.relation")}
      aside={can("answer.write") && <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setScoring(true)}>{t("survey.score_relation")}</Button>}
    >
      <Answered of={standing} height={80}>
        {(s) => (s.scorers.length === 0 ? <Text size="sm" c="dimmed">{t("survey.relation_none")}</Text> : <Relation of={s} />)}
      </Answered>
      <Modal opened={scoring} onClose={() => setScoring(false)} size="lg" title={t("survey.score_relation")} closeButtonProps={{ "aria-label": t("action.close") }}>
        {scoring && <RecordForm customerId={customerId} audience="company" onDone={() => setScoring(false)} />}
      </Modal>
    </Panel>
  );
}

function Relation({ of }: { of: SurveyStanding }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  return (
    <Stack gap="xs">
      {bs.map((b) => (
        <div key={b}>
          <Group justify="space-between" gap="xs">
            <Text size="sm">{t(`survey.topic_${b}`)}</Text>
            <Text size="sm" fw={600} className="num">{format.quantity(of.means[b])}</Text>
          </Group>
          <div className={classes.bar} aria-hidden>
            <div style={{ width: `${(of.means[b] ?? 0) * 10}%` }} />
          </div>
        </div>
      ))}
      <Text size="xs" c="dimmed">{t("survey.relation_of", { count: of.scorers.length, date: format.date(of.scorers[0]?.answered_on) })}</Text>
      <Button size="compact-xs" variant="subtle" ml={-7} style={{ alignSelf: "flex-start" }} aria-expanded={open} onClick={() => setOpen(!open)}>
        {t(open ? "survey.hide_people" : "survey.show_people")}
      </Button>
      {open && (
        <Table.ScrollContainer minWidth={200} type="native" tabIndex={0} role="region" aria-label={t("survey.relation")}>
          <Table fz="xs" verticalSpacing={4} horizontalSpacing={3} aria-label={t("survey.relation")}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("survey.by_whom")}</Table.Th>
                {bs.map((b) => <Table.Th key={b} ta="right" title={t(`survey.topic_${b}`)}>{t(`survey.topic_${b}`).slice(0, 3)}</Table.Th>)}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {of.scorers.map((s) => (
                <Table.Tr key={s.name}>
                  <Table.Td>{s.name || t("survey.unnamed")}<Text size="xs" c="dimmed">{format.date(s.answered_on)}</Text></Table.Td>
                  {bs.map((b) => <Table.Td key={b} ta="right" className="num">{format.quantity(s.scores[b])}</Table.Td>)}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}
