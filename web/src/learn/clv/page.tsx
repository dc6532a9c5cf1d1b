import { Alert, Grid, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problem";
import { lifetimeQuery } from "../../api/queries";
import type { Lifetime } from "../../api/types";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Loading, ProblemNotice } from "../../ui/states";
import { NotComputed } from "../matrix/start";
import { HowButton } from "../measure/how";
import { AsOf } from "../scoring/as-of";
import { ContractsView } from "../survival/page";
import { LifetimeViews } from "../survival/views";
import { CashFlowPanel } from "./cash-flow";
import classes from "./clv.module.css";
import { DangerPanel, GroupsPanel, TenthsPanel } from "./figures";
import { TestPanel } from "./test";

/** Map › Lifetime: value, or how long customers stay. */
export function LifetimePage() {
  const [search] = useSearchState();
  return search.view === "contracts" ? <ContractsView /> : <ValueView />;
}

/** What customers have brought and will bring, who is in danger of leaving, and how well the models foretell (P2, P5). */
function ValueView() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const as_of = search.as_of || undefined;
  const lifetime = useQuery({ ...lifetimeQuery(as_of), placeholderData: keepPreviousData });
  const missing = lifetime.error && ["scoring.not_scored", "scoring.empty", "lifetime.not_scored"].includes(problemOf(lifetime.error).code);
  const shown = missing ? search.as_of : (lifetime.data?.as_of ?? search.as_of);
  return (
    <>
      <PageHeader title={t("nav.lifetime")} actions={<><LifetimeViews /><AsOf shown={shown} onChange={(d) => change({ as_of: d }, true)} /></>}>
        {lifetime.data && !missing && <Shown of={lifetime.data} />}
      </PageHeader>
      {missing && <NotComputed as_of={as_of} onComputed={() => void lifetime.refetch()} />}
      {lifetime.error && !missing && <ProblemNotice cause={lifetime.error} retry={() => void lifetime.refetch()} />}
      {lifetime.isPending && <Loading height={420} />}
      {lifetime.data && !lifetime.error && <Drawn of={lifetime.data} />}
    </>
  );
}

function Shown({ of }: { of: Lifetime }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const { definition } = of.models;
  return (
    <span className="num" style={{ whiteSpace: "normal" }}>
      {t("lifetime.shown", { date: format.date(of.as_of), customers: format.number(of.all.customers), currency: of.currency })}{" "}
      {t("lifetime.looks", { ahead: definition.ahead_months, horizon: definition.horizon_months, interest: format.cut(definition.interest) })}{" "}
      {can("measure.define") && <Link to="/settings/lifetime">{t("lifetime.settings_link")}</Link>}
    </span>
  );
}

function Drawn({ of }: { of: Lifetime }) {
  const { t } = useTranslation();
  if (of.models.too_few) {
    return (
      <Alert color="gray" title={t("lifetime.too_few_title")}>
        {of.models.too_few} {t("lifetime.too_few")}
      </Alert>
    );
  }
  return (
    <Stack gap="md">
      <Totals of={of} />
      <Grid gap="md">
        <Grid.Col span={12}>
          <GroupsPanel of={of} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <DangerPanel of={of} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <CashFlowPanel of={of} />
        </Grid.Col>
        <Grid.Col span={12}>
          <TenthsPanel of={of} />
        </Grid.Col>
      </Grid>
      <TestPanel of={of} />
    </Stack>
  );
}

function Totals({ of }: { of: Lifetime }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { margin } = of.models;
  const totals = [
    { key: "value_so_far", value: of.all.value_so_far },
    { key: "value_to_come", value: of.all.value_to_come },
    { key: "residual_value", value: of.all.residual_value },
  ] as const;
  return (
    <Panel title={t("lifetime.totals")}>
      <div className={classes.totals}>
        {totals.map((x) => (
          <div key={x.key}>
            <Text size="sm" c="dimmed" component="div">
              {t(`lifetime.${x.key}`)} <HowButton measure={x.key} label={t(`lifetime.${x.key}`)} as_of={of.as_of} />
            </Text>
            <Text fz="h2" fw={650} className="num">
              {format.shortMoney(x.value, of.currency)}
            </Text>
          </div>
        ))}
      </div>
      <Text size="xs" c="dimmed" mt="sm">
        {margin.known === 0 ? t("lifetime.no_cost") : t("lifetime.margin", { average: format.cut(margin.average), known: format.cut(margin.known) })}
      </Text>
    </Panel>
  );
}
