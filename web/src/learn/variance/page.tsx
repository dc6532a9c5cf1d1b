import { Button, Group, Menu, Select, Stack, Text } from "@mantine/core";
import { MonthPickerInput } from "@mantine/dates";
import { IconDownload, IconPencilPlus } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import { budgetQuery } from "../../api/queries";
import type { VarianceReport } from "../../api/types";
import { useCalendarLabels } from "../../ui/calendar";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState, type Search } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Empty, Loading, ProblemNotice } from "../../ui/states";
import { CauseModal } from "./cause-form";
import { Causes } from "./causes";
import { Parts, Way, Whole } from "./parts";
import { questionOf } from "./way";
import { useMonths, usePartName } from "./words";
import classes from "./variance.module.css";

/** Check › Budget: what was bought against the budget, drilled into until the cause shows, which is then recorded (C5). */
export function BudgetPage() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const question = questionOf(search);
  const answer = useQuery({ ...budgetQuery(question), placeholderData: keepPreviousData });
  const report = answer.data;
  return (
    <>
      <PageHeader title={t("nav.budget")} actions={report && <Actions report={report} search={search} />}>
        {t("variance.intro")}
      </PageHeader>
      <Stack gap="md" style={{ opacity: answer.isPlaceholderData ? 0.55 : 1, transition: "opacity 120ms" }} aria-busy={answer.isPlaceholderData}>
        {answer.error && <ProblemNotice cause={answer.error} retry={() => void answer.refetch()} />}
        {answer.error && <div><Button variant="default" onClick={() => change({ at: undefined, by: undefined, from: undefined, to: undefined }, true)}>{t("variance.again")}</Button></div>}
        {answer.isPending && <Loading height={420} />}
        {report && !answer.error && (
          <>
            <Controls report={report} change={change} />
            <Way report={report} search={search} />
            {report.budget_to ? <Shown report={report} search={search} /> : <Panel><Empty title={t("variance.no_budget_title")}>{t("variance.no_budget")}</Empty></Panel>}
            <Causes report={report} search={search} change={change} />
          </>
        )}
      </Stack>
    </>
  );
}

function Controls({ report, change }: { report: VarianceReport; change: (change: Search, push?: boolean) => void }) {
  const { t } = useTranslation();
  const labels = useCalendarLabels();
  // Months outside one another move along, so that no choice is refused.
  const from = (m: string | null) => m && change({ from: m.slice(0, 7), to: m > report.to ? m.slice(0, 7) : report.to.slice(0, 7) }, true);
  const to = (m: string | null) => m && change({ to: m.slice(0, 7), from: m < report.from ? m.slice(0, 7) : report.from.slice(0, 7) }, true);
  return (
    <Group gap="sm" align="flex-end" className="no-print">
      <MonthPickerInput label={t("variance.from")} valueFormat="MMM YYYY" value={report.from} onChange={from} ariaLabels={labels} w={130} />
      <MonthPickerInput label={t("variance.to")} valueFormat="MMM YYYY" value={report.to} onChange={to} ariaLabels={labels} w={130} />
      <Select label={t("variance.divide")} allowDeselect={false} value={report.by} data={report.choices.concat(report.choices.includes(report.by) ? [] : [report.by]).map((d) => ({ value: d, label: t(`variance.by_${d}`) }))}
        onChange={(by) => change({ by: by ?? undefined }, true)} w={190} />
    </Group>
  );
}

function Actions({ report, search }: { report: VarianceReport; search: Search }) {
  const { t } = useTranslation();
  const can = useCan();
  const months = useMonths();
  const name = usePartName();
  const [recording, setRecording] = useState(false);
  const question = questionOf(search);
  const file = (format: "csv" | "xlsx") => (
    <Menu.Item component="a" href={address("/budget/export", { from: question.from, to: question.to, at: question.at ?? undefined, by: report.by, format })} download>
      {t(`list.export_${format}`)}
    </Menu.Item>
  );
  return (
    <>
      {can("export.run") && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" leftSection={<IconDownload size={16} />}>{t("list.export")}</Button>
          </Menu.Target>
          <Menu.Dropdown>{file("csv")}{file("xlsx")}</Menu.Dropdown>
        </Menu>
      )}
      {report.may_record && report.budget_to && (
        <Button leftSection={<IconPencilPlus size={16} />} onClick={() => setRecording(true)}>{t("variance.record")}</Button>
      )}
      {recording && (
        <CauseModal
          where={`${[t("variance.company"), ...report.way.map((s) => name(s.by, s))].join(" › ")}, ${months(report.from, report.to)}`}
          cut={{ from: report.from, to: report.to, at: report.way.map((s) => s.step) }}
          onClose={() => setRecording(false)}
        />
      )}
    </>
  );
}

function Shown({ report, search }: { report: VarianceReport; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (report.parts.length === 0) {
    return <Panel><Empty title={t("variance.nothing_title")}>{t("variance.nothing", { from: format.month(report.budget_from), to: format.month(report.budget_to) })}</Empty></Panel>;
  }
  return (
    <>
      <Tiles report={report} search={search} />
      <Panel title={t("variance.sentence_title")}>
        <Stack gap={6}>
          <Text size="sm" fw={600}><Sentence report={report} /></Text>
          <Notes report={report} />
        </Stack>
      </Panel>
      <Parts report={report} search={search} />
    </>
  );
}

function Tiles({ report, search }: { report: VarianceReport; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { budget, actual, difference, percent } = report.total;
  const tile = (label: string, value: string, more?: string) => (
    <div className={`panel ${classes.tile}`}>
      <Text size="sm" c="dimmed">{label}</Text>
      <div className={`num ${classes.large}`}><Whole report={report} search={search}>{value}</Whole>{more && <Text span size="sm" c="dimmed" ml={8}>{more}</Text>}</div>
    </div>
  );
  return (
    <div className={classes.tiles}>
      {tile(t("variance.budget"), `${format.amount(budget)} ${report.currency}`)}
      {tile(t("variance.actual_until", { date: format.date(report.until) }), `${format.amount(actual)} ${report.currency}`)}
      {tile(t(difference < 0 ? "variance.missing" : "variance.above"), `${format.amount(Math.abs(difference))} ${report.currency}`, percent === null ? undefined : t("variance.of_budget", { share: format.percent(Math.abs(percent)) }))}
    </div>
  );
}

/** Where the difference comes from, in words. */
function Sentence({ report }: { report: VarianceReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = usePartName();
  const e = report.exceptions;
  const noun = (count: number) => t(`variance.noun_${report.by}`, { count, number: format.number(count) });
  if (e.gross <= 0) return t("variance.on_budget");
  const gross = format.shortMoney(e.gross);
  if (e.even) return t(`variance.even_${e.direction}`, { gross, parts: noun(e.of) });
  const few = report.parts.filter((p) => p.exception).slice(0, 3).map((p) => name(report.by, p));
  const names = e.parts > few.length ? t("variance.and_others", { names: few.join(", ") }) : few.join(", ");
  if (report.parts.length === 1 && !report.rest) return t(`variance.only_${e.direction}`, { gross, names });
  return t(`variance.few_${e.direction}`, { share: format.percent(e.share), gross, parts: noun(e.parts), of: format.number(e.of), names });
}

/** What one has to know to read the figures. */
function Notes({ report }: { report: VarianceReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const notes = [
    report.open && t("variance.note_open", { date: format.date(report.until) }),
    report.spread && t("variance.note_spread"),
    report.unplanned.customers > 0 && t("variance.note_unplanned", { count: report.unplanned.customers, number: format.number(report.unplanned.customers), of: format.number(report.customers), amount: format.shortMoney(report.unplanned.amount) }),
    report.idle.customers > 0 && t("variance.note_idle", { count: report.idle.customers, number: format.number(report.idle.customers), of: format.number(report.customers), amount: format.shortMoney(report.idle.amount) }),
    t("variance.note_date", { date: format.date(report.until) }),
    !report.may_record && t("variance.note_reach"),
  ].filter((n) => n !== false);
  return <ul className={classes.notes}>{notes.map((n) => <li key={n}>{n}</li>)}</ul>;
}
