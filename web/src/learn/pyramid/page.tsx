import { Alert, Group, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problem";
import { pyramidQuery } from "../../api/queries";
import type { Pyramid } from "../../api/types";
import { FilterBar, filtersOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { PageHeader } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Loading, ProblemNotice } from "../../ui/states";
import { NotComputed } from "../matrix/start";
import { useMeasureWords } from "../measure/words";
import { AsOf } from "../scoring/as-of";
import { CurvePanel } from "./curve";
import { HistoryPanel } from "./history";
import { MovementPanel } from "./movement";
import { TierPanel } from "./tiers";

/** Map › Pyramid: customers by what they bring, in tiers; how few bring how much; and who moves (D1, C1). */
export function PyramidPage() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const by = search.by === "value" ? "value" : "customers";
  const filter = { as_of: search.as_of || undefined, measure: search.measure || undefined, by, ...filtersOf(search) } as const;
  const pyramid = useQuery({ ...pyramidQuery(filter), placeholderData: keepPreviousData });
  const missing = pyramid.error && ["scoring.not_scored", "scoring.empty"].includes(problemOf(pyramid.error).code);
  const of = pyramid.data;
  return (
    <>
      <PageHeader
        title={t("nav.pyramid")}
        actions={
          <>
            <AsOf shown={missing ? search.as_of : (of?.as_of ?? search.as_of)} onChange={(d) => change({ as_of: d }, true)} />
          </>
        }
      >
        {of && !missing && <Shown of={of} />}
      </PageHeader>
      {!missing && (
        <Group justify="space-between" mb="md" gap="sm" align="flex-end">
          <FilterBar search={search} change={change} />
          {of && <Choices of={of} by={by} onMeasure={(measure) => change({ measure })} onBy={(b) => change({ by: b === "value" ? b : undefined })} />}
        </Group>
      )}
      {missing && <NotComputed as_of={search.as_of || undefined} onComputed={() => void pyramid.refetch()} />}
      {pyramid.error && !missing && <ProblemNotice cause={pyramid.error} retry={() => void pyramid.refetch()} />}
      {pyramid.isPending && <Loading height={420} />}
      {of && !pyramid.error && (
        <Stack gap="md" style={{ opacity: pyramid.isPlaceholderData ? 0.55 : 1, transition: "opacity 120ms" }} aria-busy={pyramid.isPlaceholderData}>
          {of.above === 0 ? (
            <Alert color="gray" title={t("pyramid.none_title")}>
              {t("pyramid.none")}
            </Alert>
          ) : (
            <>
              <TierPanel of={of} search={search} />
              <CurvePanel of={of} />
            </>
          )}
          <MovementPanel key={of.as_of} of={of} search={search} />
          <HistoryPanel filter={filtersOf(search)} />
        </Stack>
      )}
    </>
  );
}

function Choices({ of, by, onMeasure, onBy }: { of: Pyramid; by: string; onMeasure: (m: string | undefined) => void; onBy: (b: string) => void }) {
  const { t } = useTranslation();
  const words = useMeasureWords();
  return (
    <Group gap="sm" align="flex-end">
      <Select aria-label={t("pyramid.measure")} data={of.choices.map((c) => ({ value: c.key, label: words.label(c) }))} value={of.measure.key} allowDeselect={false} searchable openOnFocus={false} onChange={(m) => onMeasure(m ?? undefined)} w={{ base: "100%", xs: 230 }} nothingFoundMessage={t("filter.nothing")} />
      <SegmentedControl aria-label={t("pyramid.by")} value={by} onChange={onBy} data={[{ value: "customers", label: t("pyramid.by_customers") }, { value: "value", label: t("pyramid.by_value") }]} />
    </Group>
  );
}

function Shown({ of }: { of: Pyramid }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  return (
    <span className="num" style={{ whiteSpace: "normal" }}>
      {t("pyramid.shown", { date: format.date(of.as_of), above: format.number(of.above), customers: format.number(of.customers), currency: of.currency })}{" "}
      {can("measure.define") && (
        <Text component="span" size="sm">
          <Link to="/settings/pyramid">{t("pyramid.settings_link")}</Link>
        </Text>
      )}
    </span>
  );
}
