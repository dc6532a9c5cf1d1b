import { Alert, Button, MultiSelect, NumberInput, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconTargetArrow } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problem";
import { customerQuery, matrixCustomersQuery, whatIfQuery } from "../../api/queries";
import type { WhatIf } from "../../api/types";
import { Figure } from "../../ui/figure";
import { filtersOf, segmentOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import type { Search } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Loading } from "../../ui/states";
import { columns, rows } from "../matrix/cell";
import { MatrixProblem } from "../matrix/problem";
import type { ViewProps } from "../matrix/views";
import { behindAny } from "../matrix/words";
import { beginnings, parsed, questionOf, written, type Scenario } from "./scenario";
import classes from "./what-if.module.css";

/** What moving some customers to another cell would bring: three scenarios side by side, all in the address (K3). */
export function WhatIfView({ search, change }: ViewProps) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed" maw={860}>{t("what_if.intro")}</Text>
      <div className={classes.scenarios}>
        {beginnings.map((beginning, i) => {
          const key = `s${i + 1}`;
          return <ScenarioPanel key={key} title={t("what_if.scenario", { no: i + 1 })} scenario={parsed(search[key] || beginning)} search={search} onChange={(s) => change({ [key]: written(s) })} />;
        })}
      </div>
      <Text size="xs" c="dimmed" maw={860}>{t("what_if.explain")}</Text>
    </Stack>
  );
}

type PanelProps = { title: string; scenario: Scenario; search: Search; onChange: (s: Scenario) => void };

function ScenarioPanel({ title, scenario, search, onChange }: PanelProps) {
  const { t } = useTranslation();
  const question = questionOf(scenario);
  const answer = useQuery({
    ...whatIfQuery({ from: "gold_bubble", ...question, as_of: search.as_of || undefined, direct: search.direct === "true" || undefined, ...filtersOf(search), ...segmentOf(search) }),
    enabled: question !== undefined,
    placeholderData: keepPreviousData,
  });
  return (
    <Panel title={title}>
      <Stack gap="sm">
        <Choice title={title} scenario={scenario} search={search} onChange={onChange} />
        {question === undefined ? (
          <Text size="sm" c="dimmed">{t("what_if.incomplete")}</Text>
        ) : answer.error ? (
          problemOf(answer.error).code === "whatif.not_in_cell" ? <Alert color="yellow" title={t("what_if.not_in_cell_title")}>{t("what_if.not_in_cell")}</Alert> : <MatrixProblem cause={answer.error} as_of={search.as_of} retry={() => void answer.refetch()} />
        ) : answer.isPending ? (
          <Loading height={220} />
        ) : (
          <div aria-busy={answer.isPlaceholderData} style={{ opacity: answer.isPlaceholderData ? 0.55 : 1 }}>
            <Answer of={answer.data as WhatIf} search={search} />
          </div>
        )}
      </Stack>
    </Panel>
  );
}

function Choice({ title, scenario, search, onChange }: PanelProps) {
  const { t } = useTranslation();
  const cells = rows.map((r) => ({ group: t(`row.${r}`), items: columns.map((c) => ({ value: `${r}_${c}`, label: t(`cell.${r}_${c}`) })) }));
  const base = { from: scenario.from, customers: scenario.customers, chosen: scenario.chosen };
  const target = { to: scenario.to, share: scenario.share };
  return (
    <Stack gap="xs">
      <Select label={t("what_if.from")} data={cells} value={scenario.from || null} allowDeselect={false} onChange={(from) => from && onChange({ ...scenario, from, chosen: scenario.chosen && [] })} />
      <SegmentedControl size="xs" aria-label={`${title}: ${t("what_if.who")}`} value={scenario.chosen ? "chosen" : "average"} data={["average", "chosen"].map((v) => ({ value: v, label: t(`what_if.${v}`) }))}
        onChange={(v) => onChange({ ...scenario, chosen: v === "chosen" ? [] : undefined })} />
      {scenario.chosen ? (
        <Chosen from={scenario.from} ids={scenario.chosen} search={search} onChange={(chosen) => onChange({ ...base, ...target, chosen })} />
      ) : (
        <NumberInput label={t("what_if.customers")} min={1} max={100_000} allowDecimal={false} value={scenario.customers} onChange={(v) => Number(v) >= 1 && onChange({ ...scenario, customers: Number(v) })} />
      )}
      <SegmentedControl size="xs" aria-label={`${title}: ${t("what_if.to")}`} value={scenario.share !== undefined ? "share" : "cell"} data={["cell", "share"].map((v) => ({ value: v, label: t(`what_if.to_${v}`) }))}
        onChange={(v) => onChange({ ...base, ...(v === "share" ? { share: 0.5 } : { to: `${scenario.from.slice(0, scenario.from.indexOf("_"))}_sailer` }) })} />
      {scenario.share !== undefined ? (
        <NumberInput label={t("what_if.share")} min={1} max={100} decimalScale={1} suffix=" %" value={Math.round(scenario.share * 1000) / 10} onChange={(v) => Number(v) > 0 && onChange({ ...base, share: Math.min(1, Number(v) / 100) })} />
      ) : (
        <Select label={t("what_if.to")} data={cells} value={scenario.to || null} allowDeselect={false} onChange={(to) => to && onChange({ ...base, to })} />
      )}
    </Stack>
  );
}

/** Customers of the cell by name. */
function Chosen({ from, ids, search, onChange }: { from: string; ids: string[]; search: Search; onChange: (ids: string[]) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text, 250);
  const found = useInfiniteQuery(matrixCustomersQuery({ as_of: search.as_of || undefined, cell: from, q: q || undefined, sort: "-revenue", ...filtersOf(search), ...segmentOf(search) }));
  const known = useQueries({ queries: ids.map((id) => customerQuery(id)) });
  const options = new Map((found.data?.pages[0]?.items ?? []).map((c) => [c.id, `${c.name} (${c.code})`]));
  ids.forEach((id, i) => {
    const c = known[i]?.data;
    if (!options.has(id)) options.set(id, c ? `${c.name} (${c.code})` : "…");
  });
  return (
    <MultiSelect label={t("what_if.chosen_label")} placeholder={ids.length === 0 ? t("what_if.chosen_placeholder") : undefined} data={[...options].map(([value, label]) => ({ value, label }))} value={ids} onChange={onChange}
      searchable searchValue={text} onSearchChange={setText} maxValues={50} nothingFoundMessage={t("filter.nothing")} />
  );
}

function Answer({ of, search }: { of: WhatIf; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const cell = (key: string) => t(`cell.${key}`);
  const money = (x: number) => format.short(x, of.currency);
  const plus = (x: number, write: (n: number) => string) => (x > 0 ? "+" : "") + write(x);
  const words = { count: of.customers, number: format.number(of.customers), from: cell(of.from), to: cell(of.to), months: of.window.months };
  const lines = [
    { key: "revenue", figure: of.revenue, write: money },
    { key: "margin", figure: of.margin, write: money },
    { key: "cost_to_serve", figure: of.cost_to_serve, write: money },
    { key: "left", figure: of.left, write: money },
    { key: "visits", figure: of.visits, write: format.quantity },
  ] as const;
  const list = (key: string, count: number) => (
    <Figure to="/map/customers" search={behindAny({ ...search, as_of: of.as_of }, "customer", { cell: key }, "-revenue")} label={cell(key)}>{t("statistics.customers", { count, number: format.number(count) })}</Figure>
  );
  return (
    <>
      {of.revenue ? (
        <Text fw={620}>
          {t(of.chosen ? "what_if.sentence_chosen" : "what_if.sentence", { ...words, change: plus(of.revenue.change, (x) => format.shortMoney(x, of.currency)) })}
        </Text>
      ) : null}
      {of.lacks.map((lack) => (
        <Alert key={lack} color="gray" mt="xs" p="xs">
          {t(`what_if.lack_${lack}`, { ...words, available: format.number(of.available), expected: format.number(of.expected), least: of.least })}
        </Alert>
      ))}
      {(of.revenue || of.visits) && (
        <table className={`num ${classes.figures}`}>
          <thead>
            <tr>
              <th>{t("what_if.in_currency", { currency: of.currency })}</th>
              <th>{t("what_if.now")}</th>
              <th>{t("what_if.then")}</th>
              <th>{t("what_if.change")}</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">{t("what_if.line_share")}</th>
              <td>{format.percent(of.share_now)}</td>
              <td>{format.percent(of.share_then)}</td>
              <td />
            </tr>
            {lines.map(({ key, figure, write }) => (
              <tr key={key}>
                <th scope="row">{t(`what_if.line_${key}`)}</th>
                <td>{figure ? write(figure.now) : "–"}</td>
                <td>{figure ? write(figure.then) : "–"}</td>
                <td className={classes.change}>{figure ? plus(figure.change, write) : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Text size="xs" c="dimmed" mt="xs" component="div">
        {t(of.chosen ? "what_if.from_chosen" : "what_if.from_average", { from: cell(of.from) })} {list(of.from, of.available)}. {t("what_if.as_others", { to: cell(of.to) })} {list(of.to, of.expected)}.{" "}
        {of.margin_rate !== null && t(`what_if.rate_${of.margin_rate_of === "to" ? "to" : "from"}`, { rate: format.percent(of.margin_rate) })} {of.other_row && t("what_if.other_row")}{" "}
        {t("what_if.as_of", { as_of: format.date(of.as_of), from: format.date(of.window.from), to: format.date(of.window.to) })}
      </Text>
      {of.revenue && can("plan.read") && (
        <Button component={Link} to="/plan/goals/new" mt="sm" size="compact-sm" variant="light" leftSection={<IconTargetArrow size={15} />}
          search={{ of: "cell_move", from: of.from, to: of.to, customers: of.customers, revenue: of.revenue.change, as_of: of.as_of } as never}>
          {t("what_if.goal")}
        </Button>
      )}
    </>
  );
}
