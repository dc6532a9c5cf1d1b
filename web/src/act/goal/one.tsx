import { Alert, Anchor, Button, Grid, Group, Modal, Stack, Table, Text, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { goalLaggingQuery, goalProgressQuery, measuresQuery } from "../../api/queries";
import type { Goal, GoalLags, GoalProgress } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { ConfirmButton } from "../../ui/confirm";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { Answered, ProblemNotice } from "../../ui/states";
import { ChangeGoal } from "./change";
import { StateBadge, ValueNow } from "./page";
import { SaveGoals } from "./save";
import { SplitForm } from "./split";
import { behindGoal, useGoalWords } from "./words";

/** Plan › Goals › one: progress against time, who has which part, and which customers hold it back. */
export function GoalPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const progress = useQuery(goalProgressQuery(id));
  return <Answered of={progress}>{(p) => <Shown of={p} />}</Answered>;
}

function Shown({ of }: { of: GoalProgress }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useGoalWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const g = of.goal;
  const [split, setSplit] = useState(false);
  const measure = useQuery(measuresQuery()).data?.items.find((m) => m.key === g.what.measure);
  const money = measure?.unit === "money";
  const live = g.may_change && g.state !== "dropped";
  const remove = async () => {
    await ask(api.DELETE("/goals/{id}", { params: { path: { id: g.id }, header: ifMatch(g.version) } }));
    void navigate({ to: "/plan/goals" });
    await queries.invalidateQueries({ queryKey: ["goals", "list"] });
  };
  return (
    <>
      <PageHeader title={g.title} crumbs={[{ label: t("nav.goals"), to: "/plan/goals" }]}
        actions={
          <>
            {live && <Button onClick={() => setSplit(true)}>{t(of.parts.length > 0 ? "goal.share_again" : "goal.share_out")}</Button>}
            {live && <ChangeGoal of={g} measure={measure} parts={of.parts.length} />}
            <SaveGoals id={g.id} />
            {live && <Drop of={g} />}
            {g.may_change && !g.part && <ConfirmButton label={t("action.delete")} title={t("goal.delete_title", { title: g.title })} confirm={t("action.delete")} onConfirm={remove}>{t("goal.delete_words")}</ConfirmButton>}
          </>
        }>
        <Group gap="xs">
          <StateBadge of={g} />
          <span>{words.whom(g)}</span>
          <span>· {words.what(g.what)}</span>
          {g.above && <span>· <Anchor component={Link} to="/plan/goals/$id" params={{ id: g.above.id } as never} size="sm">{t("goal.part_of", { title: g.above.title })}</Anchor></span>}
        </Group>
      </PageHeader>
      <Stack>
        {g.dropped_on && <Alert color="gray">{t("goal.dropped", { date: format.date(g.dropped_on), why: g.dropped_why })}</Alert>}
        {g.trouble && <Alert color="yellow">{g.trouble}</Alert>}
        <Grid gap="md">
          <Grid.Col span={{ base: 12, md: 4 }}><Facts of={g} /></Grid.Col>
          <Grid.Col span={{ base: 12, md: 8 }}><Panel title={t("goal.progress")}>{of.points.some((p) => p.value !== null) ? <Line of={of} /> : <Text size="sm" c="dimmed">{t("goal.no_points")}</Text>}</Panel></Grid.Col>
        </Grid>
        <Parts of={of} />
        <Lagging of={g} />
      </Stack>
      <Modal opened={split} onClose={() => setSplit(false)} size="xl" title={t("goal.share_out")} closeButtonProps={{ "aria-label": t("action.close") }}>
        {split && <SplitForm of={g} money={money} onDone={() => setSplit(false)} />}
      </Modal>
    </>
  );
}

function Facts({ of: g }: { of: Goal }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useGoalWords();
  const row = (label: string, value: React.ReactNode) => (
    <Group justify="space-between" gap="xs" wrap="nowrap"><Text size="sm" c="dimmed">{label}</Text><Text size="sm" component="div" ta="right">{value}</Text></Group>
  );
  return (
    <Panel title={t("goal.facts")}>
      <Stack gap={6}>
        {row(t("goal.now"), <ValueNow of={g} />)}
        {g.latest && row(t("goal.wanted_now"), words.value(g.what, g.what.kind === "count" || g.what.kind === "cell_move" ? Number(g.latest.wanted.toFixed(1)) : g.latest.wanted))}
        {row(t("goal.target"), words.value(g.what, g.target))}
        {row(`${t("goal.start")}, ${format.date(g.start_as_of)}`, words.value(g.what, g.start_value))}
        {row(t("goal.due"), format.date(g.due_on))}
        {g.latest && <Text size="xs" c="dimmed">{t("goal.of_customers", { number: format.number(g.latest.customers) })}, {t("goal.as_of", { date: format.date(g.latest.as_of) })}</Text>}
        {g.what.revenue ? <Text size="sm">{t("goal.expected", { money: format.round(g.what.revenue) })}</Text> : null}
        {g.latest && <Anchor component={Link} to="/map/customers" search={behindGoal(g, g.latest.as_of) as never} size="sm">{g.what.kind === "cell_move" ? t("goal.cell_link", { cell: words.cell(g.what, g.what.to ?? "") }) : t("goal.customers_link")}</Anchor>}
        <Text size="xs" c="dimmed">{t("goal.created", { name: g.created_by_name })}</Text>
      </Stack>
    </Panel>
  );
}

function Line({ of }: { of: GoalProgress }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useGoalWords();
  const g = of.goal;
  const option = useCallback(
    (c: Colours): EChartsCoreOption => ({
      animation: false,
      textStyle: { fontFamily: c.font },
      grid: { left: 4, right: 16, top: 30, bottom: 8, containLabel: true },
      legend: { top: 0, left: 0, icon: "roundRect", itemHeight: 3, textStyle: { color: c.text, fontSize: 12 } },
      tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: c.surface, borderColor: c.line, textStyle: { color: c.text, fontSize: 12 }, valueFormatter: (v: unknown) => (typeof v === "number" ? words.value(g.what, v) : "–") },
      xAxis: { type: "time", axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false }, splitLine: { show: false }, axisLabel: { color: c.text, fontSize: 11, hideOverlap: true, formatter: (v: number) => format.month(new Date(v).toISOString()) } },
      yAxis: { type: "value", scale: true, splitLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.text, fontSize: 11, formatter: (v: number) => words.value(g.what, v) } },
      series: [
        { name: t("goal.value_label"), type: "line", symbolSize: 7, data: of.points.filter((p) => p.value !== null).map((p) => [p.as_of, p.value]), lineStyle: { color: c.accent, width: 2 }, itemStyle: { color: c.accent } },
        { name: t("goal.line"), type: "line", symbol: "none", data: [[g.start_as_of, g.start_value], [g.due_on, g.target]], lineStyle: { color: c.text, width: 1.5, type: "dashed" }, itemStyle: { color: c.text } },
      ],
    }),
    [of, g, t, format, words],
  );
  const table = useMemo(
    () => ({ head: [t("field.date"), t("goal.value_label"), t("goal.line"), t("goal.customers")], rows: of.points.map((p) => [format.date(p.as_of), words.value(g.what, p.value), words.value(g.what, p.wanted), format.number(p.customers)]) }),
    [of, g, t, format, words],
  );
  return <Chart label={t("goal.progress")} option={option} table={table} height={240} />;
}

function Parts({ of }: { of: GoalProgress }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useGoalWords();
  const g = of.goal;
  const want = Math.round(g.target - g.start_value);
  const live = of.parts.filter((p) => p.state !== "dropped");
  return (
    <Panel title={t("goal.parts")}>
      {of.parts.length === 0 ? <Text size="sm" c="dimmed">{t("goal.parts_none")}</Text> : (
        <Stack gap="xs">
          <Table.ScrollContainer minWidth={560} type="native" tabIndex={0} role="region" aria-label={t("goal.parts")}>
            <Table fz="sm" verticalSpacing={6}>
              <Table.Thead><Table.Tr><Table.Th>{t("goal.for")}</Table.Th><Table.Th ta="right">{t("goal.start")}</Table.Th><Table.Th ta="right">{t("goal.now")}</Table.Th><Table.Th ta="right">{t("goal.wanted_now")}</Table.Th><Table.Th ta="right">{t("goal.target")}</Table.Th><Table.Th>{t("goal.state")}</Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>
                {of.parts.map((p) => (
                  <Table.Tr key={p.id}>
                    <Table.Th scope="row" fw={550}><Link to="/plan/goals/$id" params={{ id: p.id } as never} className="quiet-link">{words.whom(p)}</Link></Table.Th>
                    <Table.Td ta="right" className="num">{words.value(p.what, p.start_value)}</Table.Td>
                    <Table.Td ta="right"><ValueNow of={p} /></Table.Td>
                    <Table.Td ta="right" className="num">{p.latest ? words.value(p.what, p.what.kind === "count" || p.what.kind === "cell_move" ? Number(p.latest.wanted.toFixed(1)) : p.latest.wanted) : "–"}</Table.Td>
                    <Table.Td ta="right" className="num">{words.value(p.what, p.target)}</Table.Td>
                    <Table.Td><StateBadge of={p} /></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          {live.length > 0 && !g.level && (
            <Text size="sm" c="dimmed">
              {t("goal.parts_sum", { sum: words.value(g.what, of.sum), want: words.value(g.what, want) })} {Math.round(of.sum) !== want && t("goal.parts_wrong")}
            </Text>
          )}
          {g.level && <Text size="sm" c="dimmed">{t("goal.level_words")}</Text>}
          {g.latest && <Text size="xs" c="dimmed">{t("goal.as_of", { date: format.date(g.latest.as_of) })}</Text>}
        </Stack>
      )}
    </Panel>
  );
}

function Lagging({ of: g }: { of: Goal }) {
  const { t } = useTranslation();
  const lagging = useQuery(goalLaggingQuery(g.id));
  return <Panel title={t("goal.lagging")}><Answered of={lagging} height={120}>{(l) => <Lags of={l} goal={g} />}</Answered></Panel>;
}

function Lags({ of, goal }: { of: GoalLags; goal: Goal }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useGoalWords();
  if (of.items.length === 0) return <Text size="sm" c="dimmed">{t("goal.lag_none")}</Text>;
  const falling = goal.target < goal.start_value;
  const measured = of.why === "fell" || of.why === "below";
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">{t(`goal.lag_${of.why}${falling && (of.why === "fell" || of.why === "not_met") ? "_falling" : ""}`)} {t("goal.lag_found", { found: format.number(of.found), date: format.date(of.as_of), shown: format.number(of.items.length) })}</Text>
      <Table.ScrollContainer minWidth={640} mah={420} type="native" tabIndex={0} role="region" aria-label={t("goal.lagging")}>
        <Table fz="sm" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("field.name")}</Table.Th><Table.Th>{t("field.owner")}</Table.Th>
              {measured && <Table.Th ta="right">{t("goal.value_start")}</Table.Th>}
              {measured && <Table.Th ta="right">{t("goal.value_now")}</Table.Th>}
              <Table.Th ta="right">{t("goal.revenue_now", { currency: format.currency })}</Table.Th><Table.Th ta="right">{t("goal.revenue_start")}</Table.Th><Table.Th ta="right">{t("goal.unused")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.items.map((c) => (
              <Table.Tr key={c.id}>
                <Table.Th scope="row" fw={550}><Link to="/map/customers/$id" params={{ id: c.id }} search={{ as_of: of.as_of } as never} className="quiet-link">{c.name}</Link></Table.Th>
                <Table.Td>{c.owner_name || "–"}</Table.Td>
                {measured && <Table.Td ta="right" className="num">{words.value(goal.what, c.value_then)}</Table.Td>}
                {measured && <Table.Td ta="right" className="num">{words.value(goal.what, c.value)}</Table.Td>}
                <Table.Td ta="right" className="num">{format.amount(c.revenue)}</Table.Td><Table.Td ta="right" className="num">{format.amount(c.revenue_then)}</Table.Td><Table.Td ta="right" className="num">{format.amount(c.unused)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function Drop({ of: g }: { of: Goal }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [why, setWhy] = useState("");
  const drop = useMutation({
    mutationFn: () => ask(api.PATCH("/goals/{id}", { params: { path: { id: g.id }, header: ifMatch(g.version) }, body: { drop: why } })),
    onSuccess: async () => {
      setOpen(false);
      await queries.invalidateQueries({ queryKey: ["goals"] });
    },
  });
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>{t("goal.drop")}</Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t("goal.drop_title", { title: g.title })} closeButtonProps={{ "aria-label": t("action.close") }}>
        <form onSubmit={(e) => { e.preventDefault(); drop.mutate(); }}>
          <Stack>
            <Text size="sm">{t("goal.drop_words")}</Text>
            <Textarea label={t("goal.drop_why")} required maxLength={500} value={why} onChange={(e) => setWhy(e.currentTarget.value)} data-autofocus />
            {drop.error && <ProblemNotice cause={drop.error} />}
            <Group justify="flex-end"><Button type="submit" color="red" loading={drop.isPending}>{t("goal.drop")}</Button></Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
