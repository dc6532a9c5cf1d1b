import { Alert, Box, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problem";
import { profitQuery } from "../../api/queries";
import type { Profit } from "../../api/types";
import { Figure } from "../../ui/figure";
import { FilterBar, filtersOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Loading, ProblemNotice } from "../../ui/states";
import { NotComputed } from "../matrix/start";
import { HowButton } from "../measure/how";
import { AsOf } from "../scoring/as-of";
import { CyclePanel } from "./cycle";
import { GridPanel } from "./grid";
import { LedgerPanel } from "./ledger";
import { OpportunityPanel } from "./opportunity";
import classes from "./profit.module.css";
import { RiskPanels } from "./risk";
import { useBehind } from "./words";

/** Map › Profit: what customers leave after product cost and cost to serve, who was won and lost, and what hangs on few (K10, P7, P8, P9, D5). */
export function ProfitPage() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const as_of = search.as_of || undefined;
  const profit = useQuery({ ...profitQuery(as_of, filtersOf(search)), placeholderData: keepPreviousData });
  const missing = profit.error && ["scoring.not_scored", "scoring.empty", "profit.not_scored"].includes(problemOf(profit.error).code);
  const shown = missing ? search.as_of : (profit.data?.as_of ?? search.as_of);
  return (
    <>
      <PageHeader title={t("nav.profit")} actions={<AsOf shown={shown} onChange={(d) => change({ as_of: d, against: undefined }, true)} />}>
        {profit.data && !missing && <Shown of={profit.data} />}
      </PageHeader>
      {!missing && (
        <Box mb="md">
          <FilterBar search={search} change={change} />
        </Box>
      )}
      {missing && <NotComputed as_of={as_of} onComputed={() => void profit.refetch()} />}
      {profit.error && !missing && <ProblemNotice cause={profit.error} retry={() => void profit.refetch()} />}
      {profit.isPending && <Loading height={420} />}
      {profit.data && !profit.error && <Drawn of={profit.data} />}
    </>
  );
}

function Shown({ of }: { of: Profit }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  return (
    <span className="num" style={{ whiteSpace: "normal" }}>
      {t("profit.shown", { date: format.date(of.as_of), customers: format.number(of.total.customers), from: format.date(of.window.from), to: format.date(of.window.to), currency: of.currency })}{" "}
      {can("measure.define") && <Link to="/settings/profit">{t("profit.settings_link")}</Link>}
    </span>
  );
}

function Drawn({ of }: { of: Profit }) {
  const { t } = useTranslation();
  if (of.total.lines > 0 && of.total.costed_lines === 0) {
    return (
      <Stack gap="md">
        <Alert color="gray" title={t("profit.no_cost_title")}>
          {t("profit.no_cost")}
        </Alert>
        <Totals of={of} />
      </Stack>
    );
  }
  if (of.cycle.every((f) => f.customers === 0 || f.state === "prospect")) {
    return (
      <Alert color="gray" title={t(of.total.customers === 0 ? "matrix.none_title" : "profit.none_title")}>
        {t(of.total.customers === 0 ? "matrix.none" : "profit.none")}
      </Alert>
    );
  }
  return (
    <Stack gap="md">
      <Totals of={of} />
      <CyclePanel of={of} />
      <OpportunityPanel of={of} />
      <GridPanel of={of} />
      {of.ledger && <LedgerPanel of={of} ledger={of.ledger} />}
      <RiskPanels of={of} />
    </Stack>
  );
}

/** From revenue to profit. */
function Totals({ of }: { of: Profit }) {
  const { t } = useTranslation();
  const behind = useBehind();
  const format = useFormat();
  const { total } = of;
  const steps = [
    { key: "revenue", value: total.revenue },
    { key: "cost", value: total.cost },
    { key: "margin", value: total.margin },
    { key: "cost_to_serve", value: total.cost_to_serve },
    { key: "profit", value: total.profit },
  ] as const;
  const known = total.costed_lines > 0;
  return (
    <Panel title={t("profit.totals")}>
      <div className={classes.totals}>
        {steps.map((x) => (
          <div key={x.key}>
            <Text size="sm" c="dimmed" component="div">
              {t(`profit.${x.key}`)} <HowButton measure={x.key} label={t(`profit.${x.key}`)} as_of={of.as_of} />
            </Text>
            <Text fz="h2" fw={650} className="num" component="div">
              {x.key === "revenue" || x.key === "cost_to_serve" || known ? (
                <Figure to="/map/customers" search={behind(of.as_of, [`${x.key}!=`], `-${x.key}`)} label={t("profit.total_label", { name: t(`profit.${x.key}`) })}>
                  {format.shortMoney(x.value, of.currency)}
                </Figure>
              ) : (
                "–"
              )}
            </Text>
          </div>
        ))}
      </div>
      <Text size="sm" c="dimmed" mt="sm" component="div">
        {t("profit.known", { costed: format.number(total.costed_lines), lines: format.number(total.lines) })}{" "}
        {total.untold > 0 && (
          <>
            <Figure to="/map/customers" search={behind(of.as_of, ["margin="], "-revenue")} label={t("profit.untold_label")}>
              {t("profit.untold_count", { count: total.untold, number: format.number(total.untold) })}
            </Figure>{" "}
            {t("profit.untold", { revenue: format.money(total.untold_revenue), served: format.money(total.untold_cost_to_serve) })}
          </>
        )}
      </Text>
      <Text size="xs" c="dimmed" mt={4}>
        {t("profit.assumed")}
      </Text>
    </Panel>
  );
}
