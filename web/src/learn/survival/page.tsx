import { Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problem";
import { contractsQuery } from "../../api/queries";
import type { Contracts } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { PageHeader } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Loading, ProblemNotice } from "../../ui/states";
import { NotComputed } from "../matrix/start";
import { AsOf } from "../scoring/as-of";
import { CurvesPanel, GroupsPanel } from "./curves";
import { tooNew } from "./lists";
import { CohortsPanel, RenewalPanel } from "./renewal";
import { LifetimeViews } from "./views";

/** Map › Lifetime › Contracts: how long customers stay, how many renew, and what is to be expected of them (P4, P5). */
export function ContractsView() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const by = search.by === "industry" || search.by === "country" ? search.by : "all";
  const as_of = search.as_of || undefined;
  const contracts = useQuery({ ...contractsQuery(as_of, by), placeholderData: keepPreviousData });
  const missing = contracts.error && ["scoring.not_scored", "scoring.empty", "lifetime.not_scored"].includes(problemOf(contracts.error).code);
  const of = contracts.data;
  return (
    <>
      <PageHeader title={t("nav.lifetime")} actions={<><LifetimeViews /><AsOf shown={missing ? search.as_of : (of?.as_of ?? search.as_of)} onChange={(d) => change({ as_of: d }, true)} /></>}>
        {of && !missing && <Shown of={of} />}
      </PageHeader>
      {missing && <NotComputed as_of={as_of} onComputed={() => void contracts.refetch()} />}
      {contracts.error && !missing && <ProblemNotice cause={contracts.error} retry={() => void contracts.refetch()} />}
      {contracts.isPending && <Loading height={420} />}
      {of && !contracts.error && (
        <Stack gap="md">
          <CurvesPanel of={of} onBy={(v) => change({ by: v === "all" ? undefined : v })} />
          <GroupsPanel of={of} />
          <RenewalPanel of={of} />
          <CohortsPanel of={of} />
        </Stack>
      )}
    </>
  );
}

function Shown({ of }: { of: Contracts }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const d = of.definition;
  return (
    <span className="num" style={{ whiteSpace: "normal" }}>
      {t("contracts.shown", { date: format.date(of.as_of), customers: format.number(of.customers), known: format.date(of.known) })}{" "}
      {of.too_new > 0 && <><Figure to="/map/customers" search={tooNew(of)} label={t("contracts.too_new_label")}>{format.number(of.too_new)}</Figure> {t("contracts.too_new", { count: of.too_new })} </>}
      {t("contracts.lost_after", { count: d.silent_months })}{" "}
      {can("measure.define") && <Link to="/settings/lifetime">{t("lifetime.settings_link")}</Link>}
      {of.usual_months != null && of.usual_months > d.silent_months && <Text size="sm" component="div">{t("contracts.too_short", { usual: of.usual_months, silent: d.silent_months })}</Text>}
    </span>
  );
}
