import { ActionIcon, Alert, Group, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { IconArrowsExchange } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problem";
import { migrationQuery, scenariosQuery } from "../../api/queries";
import type { MatrixMigration } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import type { Search } from "../../ui/search";
import { Loading } from "../../ui/states";
import { MatrixProblem } from "../matrix/problem";
import type { ViewProps } from "../matrix/views";
import { Crossing } from "./crossing";
import { Flows } from "./flows";
import { Net } from "./net";
import { behindMovement, dateOf, groupings, groupingOf, migrationFilter, scenariosOf, signed, useMigrationWords } from "./scenario";

/** Who moved between the cells of any matrix, from one scenario to another (K5). */
export function MigrationView({ matrix, search, change }: ViewProps) {
  const choices = useQuery(scenariosQuery);
  const { from, to } = scenariosOf(search, choices.data?.dates[0]);
  const answer = useQuery({ ...migrationQuery(migrationFilter(search, matrix, from, to)), enabled: choices.data !== undefined, placeholderData: keepPreviousData });
  if (choices.isPending) return <Loading height={420} />;
  const missing = [from, to].map(dateOf).find((day) => day && !choices.data?.dates.includes(day));
  const again = () => void Promise.all([choices.refetch(), answer.refetch()]);
  return (
    <Stack gap="md">
      {from && to && <Controls search={search} change={change} from={from} to={to} />}
      {answer.isPending ? (
        <Loading height={380} />
      ) : answer.error ? (
        <MatrixProblem cause={answer.error} as_of={problemOf(answer.error).code === "scoring.not_scored" ? missing : undefined} retry={again} />
      ) : (
        <Stack gap="md" style={{ opacity: answer.isPlaceholderData ? 0.55 : 1, transition: "opacity 120ms" }} aria-busy={answer.isPlaceholderData}>
          <Shown of={answer.data} />
          <Answer of={answer.data} search={search} change={change} />
        </Stack>
      )}
    </Stack>
  );
}

function Controls({ search, change, from, to }: { search: Search; change: ViewProps["change"]; from: string; to: string }) {
  const { t } = useTranslation();
  const words = useMigrationWords();
  const choices = useQuery(scenariosQuery).data;
  const dates = (kind: string, chosen: string) => {
    const known = (choices?.dates ?? []).map((d) => `${kind}:${d}`);
    return (known.includes(chosen) || !chosen.startsWith(`${kind}:`) ? known : [chosen, ...known]).map((key) => ({ value: key, label: words.scenario(key) }));
  };
  const options = (chosen: string) => [
    { group: t("migration.group_actual"), items: dates("actual", chosen) },
    { group: t("migration.group_budget"), items: (choices?.budgets ?? []).map((b) => ({ value: `budget:${b.year}`, label: words.scenario(`budget:${b.year}`) })) },
    { group: t("migration.group_forecast"), items: dates("forecast", chosen) },
  ].filter((g) => g.items.length > 0);
  return (
    <Group gap="sm" align="flex-end" className="no-print">
      <Select label={t("migration.from")} data={options(from)} value={from} allowDeselect={false} searchable onChange={(v) => v && change({ from: v, to }, true)} w={{ base: "100%", xs: 260 }} />
      <ActionIcon variant="default" size={36} aria-label={t("migration.swap")} title={t("migration.swap")} onClick={() => change({ from: to, to: from }, true)}>
        <IconArrowsExchange size={18} />
      </ActionIcon>
      <Select label={t("migration.to")} data={options(to)} value={to} allowDeselect={false} searchable onChange={(v) => v && change({ from, to: v }, true)} w={{ base: "100%", xs: 260 }} />
      <SegmentedControl aria-label={t("migration.places")} value={groupingOf(search)} onChange={(v) => change({ places: v === "cell" ? undefined : v })} data={groupings.map((g) => ({ value: g, label: t(`migration.by_${g}`) }))} />
      <SegmentedControl aria-label={t("statistics.figure")} value={search.money ? "money" : "customers"} onChange={(v) => change({ money: v === "money" ? "1" : undefined })}
        data={[{ value: "customers", label: t("figure.customers") }, { value: "money", label: t("figure.revenue") }]} />
    </Group>
  );
}

/** What the two sides are, in words. */
function Shown({ of }: { of: MatrixMigration }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMigrationWords();
  const side = (s: MatrixMigration["from"]) => t(`migration.side_${s.kind}`, { scenario: words.scenario(s.key), from: format.date(s.from), to: format.date(s.to), date: format.date(s.as_of) });
  return (
    <Text size="sm" c="dimmed">
      {side(of.from)} → {side(of.to)} · {t("migration.currency", { currency: of.currency })}
    </Text>
  );
}

function Answer({ of, search, change }: { of: MatrixMigration; search: Search; change: ViewProps["change"] }) {
  const { t } = useTranslation();
  if (of.total.customers === 0) return <Alert color="gray" title={t("matrix.none_title")}>{t("matrix.none")}</Alert>;
  const money = Boolean(search.money);
  return (
    <>
      <Summary of={of} search={search} />
      <Panel title={t("migration.crossing")} flush>
        <Crossing of={of} search={search} money={money} />
      </Panel>
      <Panel title={t("migration.net")} flush>
        <Net of={of} search={search} />
      </Panel>
      <Flows of={of} money={money} stayers={search.stayers === "1"} onStayers={(on) => change({ stayers: on ? "1" : undefined })} />
      <Text size="xs" c="dimmed" maw={860}>{t("migration.explain")}</Text>
    </>
  );
}

/** The whole in four figures; each opens its customers. */
function Summary({ of, search }: { of: MatrixMigration; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const tiles = [
    { key: "all", part: of.total, behind: {} },
    { key: "moved", part: of.moved, behind: { which: "moved" } },
    { key: "new", part: of.new, behind: { place_from: "absent" } },
    { key: "gone", part: of.gone, behind: { place_to: "absent" } },
  ];
  return (
    <Group gap="xl" align="flex-start">
      {tiles.map(({ key, part, behind }) => (
        <div key={key}>
          <Text size="xs" c="dimmed">{t(`migration.tile_${key}`)}</Text>
          <Text size="xl" fw={650} className="num">
            {part.customers === 0 ? "0" : <Figure to="/map/matrix/movers" search={behindMovement(search, of, behind)} label={t("migration.behind", { name: t(`migration.tile_${key}`), customers: format.number(part.customers) })}>{format.number(part.customers)}</Figure>}
          </Text>
          <Text size="xs" c="dimmed" className="num">{t("migration.revenue_by", { from: format.short(part.revenue_from), to: format.short(part.revenue_to), change: signed(format, part.revenue_to - part.revenue_from) })}</Text>
        </div>
      ))}
    </Group>
  );
}
