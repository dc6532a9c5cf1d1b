import { Alert, Group, SegmentedControl, Stack } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problem";
import { loyaltyQuery } from "../../api/queries";
import type { Loyalty } from "../../api/types";
import { FilterBar, filtersOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { PageHeader } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Loading, ProblemNotice } from "../../ui/states";
import { NotComputed } from "../matrix/start";
import { AsOf } from "../scoring/as-of";
import { BehaviourPanel } from "./behaviour";
import { IndicesPanel, PartsPanel } from "./indices";
import { MatrixPanel } from "./matrix";
import { RelationPanel } from "./relation";
import { WarningsPanel } from "./warnings";

type Period = Loyalty["period"];
const periods: Period[] = ["quarter", "half_year", "year"];

/** Map › Loyalty: who stays, who is tied to us, and who begins to leave (P10–P12, D3). */
export function LoyaltyPage() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const as_of = search.as_of || undefined;
  const period = periods.find((p) => p === search.period) ?? "quarter";
  const by = search.by === "country" || search.by === "unit" ? search.by : "industry";
  const loyalty = useQuery({ ...loyaltyQuery({ as_of, period, by, ...filtersOf(search) }), placeholderData: keepPreviousData });
  const missing = loyalty.error && ["scoring.not_scored", "scoring.empty", "loyalty.not_scored"].includes(problemOf(loyalty.error).code);
  const shown = missing ? search.as_of : (loyalty.data?.as_of ?? search.as_of);
  return (
    <>
      <PageHeader title={t("nav.loyalty")} actions={<AsOf shown={shown} onChange={(d) => change({ as_of: d }, true)} />}>
        {loyalty.data && !missing && <Shown of={loyalty.data} />}
      </PageHeader>
      {!missing && (
        <Group justify="space-between" mb="md" gap="sm">
          <FilterBar search={search} change={change} />
          <SegmentedControl size="sm" aria-label={t("loyalty.period")} value={period} onChange={(p) => change({ period: p })} data={periods.map((p) => ({ value: p, label: t(`loyalty.period_${p}`) }))} />
        </Group>
      )}
      {missing && <NotComputed as_of={as_of} onComputed={() => void loyalty.refetch()} />}
      {loyalty.error && !missing && <ProblemNotice cause={loyalty.error} retry={() => void loyalty.refetch()} />}
      {loyalty.isPending && <Loading height={420} />}
      {loyalty.data && !loyalty.error && (
        <Stack gap="md" style={{ opacity: loyalty.isPlaceholderData ? 0.55 : 1, transition: "opacity 120ms" }} aria-busy={loyalty.isPlaceholderData}>
          {loyalty.data.customers === 0 ? (
            <Alert color="gray" title={t("matrix.none_title")}>
              {t("matrix.none")}
            </Alert>
          ) : (
            <>
              <WarningsPanel of={loyalty.data} />
              <IndicesPanel of={loyalty.data} />
              <MatrixPanel of={loyalty.data} />
              <BehaviourPanel of={loyalty.data} />
              <PartsPanel of={loyalty.data} by={by} />
              <RelationPanel of={loyalty.data} />
            </>
          )}
        </Stack>
      )}
    </>
  );
}

function Shown({ of }: { of: Loyalty }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  return (
    <span className="num" style={{ whiteSpace: "normal" }}>
      {t("loyalty.shown", { date: format.date(of.as_of), customers: format.number(of.customers), currency: of.currency, months: of.window_months })}{" "}
      {can("measure.define") && <Link to="/settings/loyalty">{t("loyalty.settings_link")}</Link>}
    </span>
  );
}
