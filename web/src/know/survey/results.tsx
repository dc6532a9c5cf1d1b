import { ActionIcon, Anchor, Button, Group, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { IconTable, IconChartBar } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import { surveyAnswersQuery, surveyResultsQuery } from "../../api/survey-queries";
import type { Survey, SurveyGiven, SurveyOutcome, SurveyResult } from "../../api/types";
import { useCalendarLabels } from "../../ui/calendar";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useSearchState, type Search } from "../../ui/search";
import { Answered, Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";
import { scaleOf, textIn } from "./survey";
import classes from "./survey.module.css";

function usePeriod(): { from?: string; to?: string } {
  const [search] = useSearchState();
  return { from: search.from || undefined, to: search.to || undefined };
}

function PeriodFields() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const labels = useCalendarLabels();
  return (
    <Group gap="xs" align="flex-end">
      {(["from", "to"] as const).map((end) => (
        <DateInput key={end} ariaLabels={labels} clearable size="xs" w={150} label={t(`survey.${end}`)} valueFormat="D MMM YYYY" value={search[end] || null} onChange={(d) => change({ [end]: d ?? undefined })} />
      ))}
    </Group>
  );
}

/** What was answered: how many, the mean and the distribution of each question. */
export function Results({ survey }: { survey: Survey }) {
  const { t } = useTranslation();
  const results = useQuery(surveyResultsQuery(survey.id, usePeriod()));
  return (
    <Stack>
      <PeriodFields />
      <Answered of={results}>
        {(of) =>
          of.responses === 0 && of.sent.invited === 0 ? (
            <Panel>
              <Empty title={t("survey.no_answers_title")}>{t(survey.audience === "customer" ? "survey.no_answers" : "survey.no_answers_company")}</Empty>
            </Panel>
          ) : (
            <Outcome survey={survey} of={of} />
          )
        }
      </Answered>
    </Stack>
  );
}

function Outcome({ survey, of }: { survey: Survey; of: SurveyOutcome }) {
  const { t } = useTranslation();
  const format = useFormat();
  const behind = { tab: "answers" };
  const here = `/data/surveys/${survey.id}`;
  const tile = (label: string, value: React.ReactNode, note?: string) => (
    <Panel key={label}>
      <Text size="sm" c="dimmed">{label}</Text>
      <Text fw={650} fz={26} component="div" className="num">{value}</Text>
      {note && <Text size="xs" c="dimmed">{note}</Text>}
    </Panel>
  );
  const categories = of.results.filter((r) => r.topic === "satisfaction").length;
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }}>
        {tile(t("survey.responses"), <Figure to={here} search={behind} label={t("survey.show_answers")}>{format.number(of.responses)}</Figure>,
          of.responses > 0 ? t("survey.about_customers", { count: of.customers, from: format.date(of.first), to: format.date(of.last) }) : undefined)}
        {survey.audience === "customer" &&
          tile(t("survey.rate"), of.sent.invited > 0 ? format.percent(of.sent.answered / of.sent.invited) : "–",
            of.sent.invited > 0 ? t("survey.rate_of", { answered: format.number(of.sent.answered), invited: format.number(of.sent.invited), open: format.number(of.sent.open) }) : t("survey.nobody_invited"))}
        {categories > 0 && tile(t("survey.satisfaction"), of.satisfaction == null ? <Text size="sm" c="dimmed">{t("survey.too_few", { floor: of.floor })}</Text> : format.quantity(of.satisfaction), t("survey.satisfaction_help", { count: categories }))}
        {categories > 0 && tile(t("survey.weighted"), of.weighted_satisfaction == null ? <Text size="sm" c="dimmed">{t("survey.too_few", { floor: of.floor })}</Text> : format.quantity(of.weighted_satisfaction), t("survey.weighted_help"))}
      </SimpleGrid>
      {of.results.length > 0 && <Questions survey={survey} of={of} />}
    </>
  );
}

function Questions({ survey, of }: { survey: Survey; of: SurveyOutcome }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const [search] = useSearchState();
  const [asTable, setAsTable] = useState(false);
  const here = `/data/surveys/${survey.id}`;
  const behind = (r: SurveyResult, score?: number): Search => ({ from: search.from, to: search.to, tab: "answers", question: r.question, score: score === undefined ? undefined : String(score) });
  const asked = new Map(survey.questions.map((q) => [q.key, textIn(q.text, i18n.language)]));
  return (
    <Panel flush title={t("survey.by_question")} aside={
      <ActionIcon variant="subtle" color="gray" aria-label={t(asTable ? "chart.as_chart" : "chart.as_table")} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
        {asTable ? <IconChartBar size={18} /> : <IconTable size={18} />}
      </ActionIcon>
    }>
      <Table.ScrollContainer minWidth={620} type="native" tabIndex={0} role="region" aria-label={t("survey.by_question")}>
        <Table verticalSpacing="sm" horizontalSpacing="md" aria-label={t("survey.by_question")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("survey.text")}</Table.Th>
              <Table.Th>{t("survey.topic")}</Table.Th>
              <Table.Th ta="right">{t("survey.answers")}</Table.Th>
              <Table.Th ta="right">{t("survey.mean")}</Table.Th>
              <Table.Th>{t("survey.distribution")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.results.map((r) => (
              <Table.Tr key={`${r.topic} ${r.question}`}>
                <Table.Td maw={300}>
                  <Text size="sm">{asked.get(r.question) ?? r.question}</Text>
                  {r.topic === "satisfaction" && <Text size="xs" c="dimmed">{t("survey.with_weight", { weight: format.quantity(r.weight) })}</Text>}
                </Table.Td>
                <Table.Td>{t(`survey.topic_${r.topic}`)}</Table.Td>
                <Table.Td ta="right"><Figure to={here} search={behind(r)} label={t("survey.show_answers")}>{format.number(r.count)}</Figure></Table.Td>
                <Table.Td ta="right" className="num">{r.mean == null ? <Text size="xs" c="dimmed" style={{ whiteSpace: "normal" }}>{t("survey.too_few", { floor: of.floor })}</Text> : format.quantity(r.mean)}</Table.Td>
                <Table.Td>{r.mean != null && <Distribution result={r} here={here} behind={behind} asTable={asTable} />}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Panel>
  );
}

function Distribution({ result: r, here, behind, asTable }: { result: SurveyResult; here: string; behind: (r: SurveyResult, score?: number) => Search; asTable: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const scale = scaleOf(r.topic);
  if (!scale) return null;
  const word = (score: number) => (scale.words ? t(r.topic === "intention" ? `survey.intention_${score}` : `survey.yes_no_${score}`) : String(score));
  const counts = new Map(r.distribution.map((d) => [d.score, d.count]));
  const scores = Array.from({ length: scale.to - scale.from + 1 }, (_, i) => scale.from + i);
  const most = Math.max(1, ...counts.values());
  if (asTable) {
    return (
      <Group gap="sm">
        {scores.filter((s) => counts.has(s)).map((s) => (
          <Text key={s} size="xs" className="num">
            {word(s)}: <Figure to={here} search={behind(r, s)} label={t("survey.show_answers")}>{format.number(counts.get(s))}</Figure>
          </Text>
        ))}
      </Group>
    );
  }
  return (
    <div className={classes.dist}>
      {scores.map((s) => (
        <Link key={s} to={here} search={behind(r, s) as never} title={t("survey.bar", { score: word(s), count: counts.get(s) ?? 0 })} aria-label={t("survey.bar", { score: word(s), count: counts.get(s) ?? 0 })}>
          <span style={{ height: (30 * (counts.get(s) ?? 0)) / most, flexShrink: 0 }} />
          <span aria-hidden>{s}</span>
        </Link>
      ))}
    </div>
  );
}

/** The answers behind a figure, entered and imported. */
export function AnswerList({ survey }: { survey: Survey }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const [search, change] = useSearchState();
  const narrow = { ...usePeriod(), question: search.question || undefined, score: search.score || undefined };
  const list = useInfiniteQuery(surveyAnswersQuery(survey.id, narrow));
  const columns = useMemo<ColumnDef<SurveyGiven>[]>(() => {
    const asked = new Map(survey.questions.map((q) => [q.key, textIn(q.text, i18n.language)]));
    return [
      { id: "name", header: t("survey.customer"), meta: { main: true }, cell: ({ row }) => <Anchor component={Link} to="/map/customers/$id" params={{ id: row.original.customer_id } as never} search={{ tab: "answers" } as never} size="sm" fw={550}>{row.original.customer_name}</Anchor> },
      { id: "date", header: t("field.date"), meta: { numeric: true }, cell: ({ row }) => format.date(row.original.answered_on) },
      { id: "question", header: t("survey.text"), meta: { wide: true }, cell: ({ row }) => asked.get(row.original.question) ?? row.original.question },
      { id: "score", header: t("survey.score"), meta: { numeric: true }, cell: ({ row }) => scoreWords(t, row.original.topic, row.original.score, format.quantity) },
      { id: "respondent", header: t("survey.respondent"), cell: ({ row }) => row.original.respondent || "–" },
      { id: "imported", header: t("survey.how"), meta: { extra: true }, cell: ({ row }) => t(row.original.imported ? "survey.imported" : "survey.entered") },
    ];
  }, [t, i18n.language, format, survey.questions]);
  const narrowed = search.question || search.score || search.from || search.to;
  return (
    <Panel flush>
      <DataTable label={t("survey.answers")} columns={columns} of={list} rowId={(r) => r.id} chosen={search.columns} onChoose={(c) => change({ columns: c })}
        toolbar={
          <Group gap="xs" align="flex-end">
            <PeriodFields />
            {(search.question || search.score) && (
              <Button size="xs" variant="default" onClick={() => change({ question: undefined, score: undefined })}>
                {t("survey.all_answers")}
              </Button>
            )}
          </Group>
        }
        csv={address(`/surveys/${survey.id}/answers/export`, narrow)} empty={<Empty title={t("survey.no_answers_title")}>{narrowed ? t("survey.no_answers_here") : t(survey.audience === "customer" ? "survey.no_answers" : "survey.no_answers_company")}</Empty>} />
    </Panel>
  );
}

/** A score in words where the topic has words for it. */
export function scoreWords(t: (key: string) => string, topic: string, score: number, quantity: (n: number) => string): string {
  const scale = scaleOf(topic);
  if (!scale?.words || !Number.isInteger(score)) return quantity(score);
  return topic === "intention" ? t(`survey.intention_${score}`) : t(`survey.yes_no_${score}`);
}
