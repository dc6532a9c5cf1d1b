import { Alert, Grid, Group, Stack, Table, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import { problemOf } from "../../api/problem";
import { walletQuery } from "../../api/queries";
import type { Wallet } from "../../api/types";
import { FileOffer } from "../../ui/download";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Loading, ProblemNotice } from "../../ui/states";
import { NotComputed } from "../matrix/start";
import { HowButton } from "../measure/how";
import { AsOf } from "../scoring/as-of";
import { TrialPanel } from "./trial";
import classes from "./wallet.module.css";
import { behind, conditions } from "./words";

/** Map › Potential: where the potentials come from, what is unused, how well they can be estimated, and the white space (V1, K1). */
export function PotentialPage() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const as_of = search.as_of || undefined;
  const wallet = useQuery({ ...walletQuery(as_of), placeholderData: keepPreviousData });
  const missing = wallet.error && ["scoring.not_scored", "scoring.empty", "wallet.not_scored"].includes(problemOf(wallet.error).code);
  const shown = missing ? search.as_of : (wallet.data?.as_of ?? search.as_of);
  return (
    <>
      <PageHeader title={t("nav.potential")} actions={<AsOf shown={shown} onChange={(d) => change({ as_of: d }, true)} />}>
        {wallet.data && !missing && <Shown of={wallet.data} />}
      </PageHeader>
      {missing && <NotComputed as_of={as_of} onComputed={() => void wallet.refetch()} />}
      {wallet.error && !missing && <ProblemNotice cause={wallet.error} retry={() => void wallet.refetch()} />}
      {wallet.isPending && <Loading height={420} />}
      {wallet.data && !wallet.error && <Drawn of={wallet.data} />}
    </>
  );
}

function Shown({ of }: { of: Wallet }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  return (
    <span className="num" style={{ whiteSpace: "normal" }}>
      {t("wallet.shown", { date: format.date(of.as_of), customers: format.number(of.all.customers), months: of.window_months, currency: of.currency })}{" "}
      {can("measure.define") && <Link to="/settings/potential">{t("wallet.settings_link")}</Link>}
    </span>
  );
}

function Drawn({ of }: { of: Wallet }) {
  const { t } = useTranslation();
  if (of.all.customers === 0) {
    return (
      <Alert color="gray" title={t("wallet.none_title")}>
        {t("wallet.none")}
      </Alert>
    );
  }
  return (
    <Stack gap="md">
      <Totals of={of} />
      <SourcesPanel of={of} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <WhitePanel of={of} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <LevelsPanel of={of} />
        </Grid.Col>
      </Grid>
      <TrialPanel of={of} save={<Save of={of} table="trial" />} />
    </Stack>
  );
}

/** A table of the page with all its digits. */
function Save({ of, table }: { of: Wallet; table: string }) {
  return <FileOffer kind="csv" href={address("/wallet/export", { as_of: of.as_of, table })} />;
}

function Totals({ of }: { of: Wallet }) {
  const { t } = useTranslation();
  const format = useFormat();
  const figures = [
    { measure: "potential", label: t("wallet.potential"), value: format.shortMoney(of.known.potential, of.currency), search: behind(of.as_of, ["potential!="]) },
    { measure: "revenue", label: t("wallet.revenue"), value: format.shortMoney(of.known.revenue, of.currency), search: behind(of.as_of, ["potential!="], "-revenue") },
    { measure: "share", label: t("wallet.share"), value: of.known.potential > 0 ? format.percent(of.known.revenue / of.known.potential) : "–", search: behind(of.as_of, ["potential!="], "-share") },
    { measure: "unused", label: t("wallet.unused"), value: format.shortMoney(of.known.unused, of.currency), search: behind(of.as_of, ["unused>0"], "-unused") },
  ];
  return (
    <Panel title={t("wallet.totals")}>
      <div className={classes.totals}>
        {figures.map((x) => (
          <div key={x.measure}>
            <Text size="sm" c="dimmed" component="div">
              {x.label} <HowButton measure={x.measure} label={x.label} as_of={of.as_of} />
            </Text>
            <Text fz="h2" fw={650} component="div">
              <Figure to="/map/customers" search={x.search} label={t("wallet.opens", { name: x.label })}>
                {x.value}
              </Figure>
            </Text>
          </div>
        ))}
      </div>
      <Text size="xs" c="dimmed" mt="sm">
        {t("wallet.coverage", { known: format.number(of.known.customers), all: format.number(of.all.customers), estimated: format.number(of.estimated.customers) })}
      </Text>
    </Panel>
  );
}

function SourcesPanel({ of }: { of: Wallet }) {
  const { t } = useTranslation();
  const format = useFormat();
  const unknown = of.unknown;
  return (
    <Panel title={t("wallet.sources")} aside={<Save of={of} table="sources" />}>
      <Text size="sm" c="dimmed" mb="sm">
        {t("wallet.sources_explain", { order: of.basis.definition.trust.map((x) => t("wallet.fresh_for", { source: t(`source.${x.source}`), count: x.years })).join(", ") })}
      </Text>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("wallet.sources")}>
        <Table fz="sm" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("wallet.source")}</Table.Th>
              <Table.Th>{t("wallet.age")}</Table.Th>
              <Table.Th ta="right">{t("figure.customers")}</Table.Th>
              <Table.Th ta="right">{t("wallet.potential_in", { currency: of.currency })}</Table.Th>
              <Table.Th ta="right">{t("wallet.share")}</Table.Th>
              <Table.Th ta="right">{t("wallet.unused_in", { currency: of.currency })}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.sources.map((s) => {
              const name = s.state === "look_alikes" ? t("wallet.from_look_alikes") : t(`source.${s.source}`);
              return (
                <Table.Tr key={s.source + s.state}>
                  <Table.Td className={classes.name}>{name}</Table.Td>
                  <Table.Td className={classes.name}>
                    <Text size="sm">{t(`wallet.state.${s.state}`)}</Text>
                    {s.oldest && (
                      <Text size="xs" c="dimmed">
                        {s.oldest === s.newest ? format.date(s.oldest) : t("wallet.dates", { from: format.date(s.oldest), to: format.date(s.newest) })}
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td ta="right">
                    <Figure to="/map/customers" search={behind(of.as_of, conditions(s))} label={t("wallet.source_label", { source: name, state: t(`wallet.state.${s.state}`) })}>
                      {format.number(s.customers)}
                    </Figure>
                  </Table.Td>
                  <Table.Td ta="right" className="num">{format.amount(s.potential)}</Table.Td>
                  <Table.Td ta="right" className="num">{s.potential > 0 ? format.percent(s.revenue / s.potential) : "–"}</Table.Td>
                  <Table.Td ta="right" className="num">{format.amount(s.unused)}</Table.Td>
                </Table.Tr>
              );
            })}
            {unknown.customers > 0 && (
              <Table.Tr>
                <Table.Td className={classes.name}>{t("row.unknown")}</Table.Td>
                <Table.Td>{of.basis.definition.estimate ? t("wallet.unknown_why", { count: of.basis.definition.minimum }) : t("wallet.unknown_off")}</Table.Td>
                <Table.Td ta="right">
                  <Figure to="/map/customers" search={behind(of.as_of, ["potential="], "-revenue")} label={t("wallet.opens", { name: t("row.unknown") })}>
                    {format.number(unknown.customers)}
                  </Figure>
                </Table.Td>
                <Table.Td ta="right">–</Table.Td>
                <Table.Td ta="right">–</Table.Td>
                <Table.Td ta="right">–</Table.Td>
              </Table.Tr>
            )}
          </Table.Tbody>
        </Table>
      </div>
    </Panel>
  );
}

function WhitePanel({ of }: { of: Wallet }) {
  const { t } = useTranslation();
  const format = useFormat();
  const most = Math.max(1, ...of.white_space.map((w) => w.amount));
  const d = of.basis.definition;
  return (
    <Panel title={t("wallet.white")} aside={<Save of={of} table="white_space" />}>
      <Group gap={4} mb="sm" wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed">
          {t("wallet.white_explain", { usual: format.cut(d.usual), less: format.cut(d.less) })}
        </Text>
        <HowButton measure="white_space" label={t("wallet.white")} as_of={of.as_of} />
      </Group>
      {of.white_space.length === 0 ? (
        <Text size="sm">{t("wallet.white_none")}</Text>
      ) : (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("wallet.white")}>
          <Table fz="sm" verticalSpacing={4} withRowBorders={false}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("wallet.category")}</Table.Th>
                <Table.Th ta="right">{t("figure.customers")}</Table.Th>
                <Table.Th className={classes.barCell} aria-hidden />
                <Table.Th ta="right">{t("wallet.white_in", { currency: of.currency })}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {of.white_space.map((w) => (
                <Table.Tr key={w.category}>
                  <Table.Td className={classes.name}>{w.category}</Table.Td>
                  <Table.Td ta="right">
                    <Figure to="/map/customers" search={{ ...behind(of.as_of, [`white_category=${w.category}`], "-unused"), columns: "code,cell,revenue,potential,owner,white_category,white_space" }} label={t("wallet.white_label", { category: w.category })}>
                      {format.number(w.customers)}
                    </Figure>
                  </Table.Td>
                  <Table.Td className={classes.barCell} aria-hidden>
                    <div className={classes.bar} style={{ width: `${(100 * w.amount) / most}%` }} />
                  </Table.Td>
                  <Table.Td ta="right" className="num">{format.amount(w.amount)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Panel>
  );
}

function LevelsPanel({ of }: { of: Wallet }) {
  const { t } = useTranslation();
  const format = useFormat();
  const d = of.basis.definition;
  return (
    <Panel title={t("wallet.levels")} aside={<Save of={of} table="levels" />}>
      <Group gap={4} mb="sm" wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed">
          {t("wallet.levels_explain", { quantile: format.cut(d.quantile), count: d.minimum, groups: format.number(of.basis.groups) })}
        </Text>
        <HowButton measure="potential_estimate" label={t("wallet.estimate")} as_of={of.as_of} />
      </Group>
      {of.levels.length === 0 ? (
        <Text size="sm">{t("wallet.levels_none", { count: d.minimum })}</Text>
      ) : (
        <Table fz="sm" verticalSpacing={4} withRowBorders={false}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("wallet.alike_in")}</Table.Th>
              <Table.Th ta="right">{t("figure.customers")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.levels.map((l) => (
              <Table.Tr key={l.level}>
                <Table.Td>{t(`wallet.level.${l.level}`)}</Table.Td>
                <Table.Td ta="right">
                  <Figure to="/map/customers" search={{ ...behind(of.as_of, [`alike_by=${l.level}`]), columns: "code,cell,revenue,potential,potential_estimate,alike,alike_by" }} label={t("wallet.level_label", { level: t(`wallet.level.${l.level}`) })}>
                    {format.number(l.customers)}
                  </Figure>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  );
}
