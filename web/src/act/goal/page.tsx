import { Badge, Button, Group, Stack, Tabs, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { goalsQuery } from "../../api/queries";
import type { Goal } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { PageHeader } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";
import { AreasTab } from "./areas";
import { RoadTab } from "./road";
import { SaveGoals } from "./save";
import { behindGoal, useGoalWords } from "./words";

/** Plan › Goals: what is to be reached, which areas come first, and the dates on the way. */
export function GoalsPage() {
  const { t } = useTranslation();
  const can = useCan();
  const [search, change] = useSearchState();
  const tab = search.tab === "areas" || search.tab === "road" ? search.tab : "goals";
  const add = (
    <Button component={Link} to="/plan/goals/new" leftSection={<IconPlus size={16} />}>
      {t("goal.new")}
    </Button>
  );
  return (
    <>
      <PageHeader title={t("nav.goals")} actions={tab === "goals" ? <><SaveGoals />{can("goal.write") && add}</> : undefined}>
        {t("goal.intro")}
      </PageHeader>
      <Tabs value={tab} onChange={(v) => change({ tab: v === "goals" ? undefined : (v ?? undefined) }, true)} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="goals">{t("goal.tab")}</Tabs.Tab>
          <Tabs.Tab value="areas">{t("goal.areas")}</Tabs.Tab>
          <Tabs.Tab value="road">{t("goal.road")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="goals">
          <List />
        </Tabs.Panel>
        <Tabs.Panel value="areas">
          <AreasTab />
        </Tabs.Panel>
        <Tabs.Panel value="road">
          <RoadTab />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

const colours = { running: "gray", reached: "green", missed: "red", dropped: "gray" } as const;

/** The state of a goal, and whether it is on its line. */
export function StateBadge({ of }: { of: Goal }) {
  const { t } = useTranslation();
  return (
    <Group gap={4} wrap="nowrap">
      <Badge variant={of.state === "dropped" ? "default" : "light"} color={colours[of.state]} autoContrast tt="none" fw={550} radius="sm" c="var(--mantine-color-text)">
        {t(`goal.state_${of.state}`)}
      </Badge>
      {of.state === "running" && of.latest && (
        <Badge variant="default" tt="none" fw={450} radius="sm">
          {t(of.behind ? "goal.behind" : "goal.on_track")}
        </Badge>
      )}
    </Group>
  );
}

/** The value of a goal now, linked to its customers. */
export function ValueNow({ of }: { of: Goal }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useGoalWords();
  if (!of.latest) return <Text size="sm" c="dimmed" span>{of.trouble || t("goal.no_value")}</Text>;
  return (
    <Figure to="/map/customers" search={behindGoal(of, of.latest.as_of)} label={`${t("goal.of_customers", { number: format.number(of.latest.customers) })}, ${t("goal.as_of", { date: format.date(of.latest.as_of) })}`}>
      {words.value(of.what, of.latest.value)}
    </Figure>
  );
}

function List() {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useGoalWords();
  const goals = useInfiniteQuery(goalsQuery);
  const columns = useMemo<ColumnDef<Goal>[]>(
    () => [
      {
        id: "title",
        header: t("goal.title"),
        meta: { main: true },
        cell: ({ row: { original: g } }) => (
          <Stack gap={0}>
            <Link to="/plan/goals/$id" params={{ id: g.id } as never} className="quiet-link">{g.title}</Link>
            <Text size="xs" c="dimmed">{words.what(g.what)}</Text>
          </Stack>
        ),
      },
      { id: "for", header: t("goal.for"), cell: ({ row }) => words.whom(row.original) },
      { id: "start", header: t("goal.start"), meta: { numeric: true }, cell: ({ row: { original: g } }) => words.value(g.what, g.start_value) },
      { id: "now", header: t("goal.now"), meta: { numeric: true }, cell: ({ row }) => <ValueNow of={row.original} /> },
      { id: "target", header: t("goal.target"), meta: { numeric: true }, cell: ({ row: { original: g } }) => words.value(g.what, g.target) },
      { id: "due", header: t("goal.due"), cell: ({ row }) => format.date(row.original.due_on) },
      { id: "state", header: t("goal.state"), cell: ({ row }) => <StateBadge of={row.original} /> },
    ],
    [t, format, words],
  );
  return (
    <div className="panel">
      <DataTable label={t("goal.tab")} columns={columns} of={goals} rowId={(g) => g.id} empty={<Empty title={t("goal.none_title")}>{t("goal.none")}</Empty>} />
    </div>
  );
}
