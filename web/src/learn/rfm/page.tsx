import { Alert, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import { problemOf } from "../../api/problem";
import { rfmQuery } from "../../api/queries";
import type { BreakEven, Rfm } from "../../api/types";
import { Figure } from "../../ui/figure";
import { FileOffer } from "../../ui/download";
import { DrawnHere } from "../../ui/drawn";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Loading, ProblemNotice } from "../../ui/states";
import { NotComputed } from "../matrix/start";
import { HowButton } from "../measure/how";
import { AsOf } from "../scoring/as-of";
import { BreakEvenPanel } from "./break-even";
import { CellGrid, CellTable, codeOf } from "./cells";
import { PointsPanel } from "./points";

/** Map › RFM: customers by how recently, how often and how much they bought (P4, C7). */
export function RfmPage() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const as_of = search.as_of || undefined;
  const rfm = useQuery({ ...rfmQuery(as_of), placeholderData: keepPreviousData });
  const missing = rfm.error && ["scoring.not_scored", "scoring.empty", "rfm.not_scored"].includes(problemOf(rfm.error).code);
  const shown = missing ? search.as_of : (rfm.data?.as_of ?? search.as_of);
  return (
    <>
      <PageHeader
        title={t("nav.rfm")}
        actions={
          <>
            <AsOf shown={shown} onChange={(d) => change({ as_of: d }, true)} />
          </>
        }
      >
        {rfm.data && !missing && <Shown rfm={rfm.data} />}
      </PageHeader>
      {missing && <NotComputed as_of={as_of} onComputed={() => void rfm.refetch()} />}
      {rfm.error && !missing && <ProblemNotice cause={rfm.error} retry={() => void rfm.refetch()} />}
      {rfm.isPending && <Loading height={420} />}
      {rfm.data && !rfm.error && <Drawn rfm={rfm.data} />}
    </>
  );
}

function Shown({ rfm }: { rfm: Rfm }) {
  const { t } = useTranslation();
  const format = useFormat();
  const never = format.number(rfm.never_bought);
  return (
    <span className="num" style={{ whiteSpace: "normal" }}>
      {t("rfm.shown", { date: format.date(rfm.as_of), customers: format.number(rfm.customers), currency: rfm.currency })}{" "}
      {rfm.never_bought > 0 && (
        <Figure to="/map/customers" search={{ as_of: rfm.as_of, measure: "purchase_days=0" }} label={t("rfm.never_label")}>
          {t("rfm.never", { count: rfm.never_bought, number: never })}
        </Figure>
      )}
    </span>
  );
}

function Drawn({ rfm }: { rfm: Rfm }) {
  const { t } = useTranslation();
  const can = useCan();
  const [search, change] = useSearchState();
  const [judged, setJudged] = useState<BreakEven>();
  const figure = search.figure === "revenue" ? "revenue" : "customers";
  const table = search.as === "table";
  const format = useFormat();
  const { cells } = rfm.definition;
  const rows = useMemo(
    () => ({ head: [t("rfm.cell"), t("figure.customers"), t("figure.revenue")], rows: rfm.cells.map((c) => [codeOf(c), format.number(c.customers), format.money(c.revenue)]) }),
    [rfm, format, t],
  );
  if (rfm.customers === rfm.never_bought) {
    return (
      <Alert color="gray" title={t("rfm.none_title")}>
        {t("rfm.none")}
      </Alert>
    );
  }
  return (
    <Stack gap="md">
      <Panel
        title={t("rfm.cells")}
        aside={
          <Group gap="xs">
            <SegmentedControl size="xs" aria-label={t("rfm.figure")} value={figure} onChange={(f) => change({ figure: f })} data={[{ value: "customers", label: t("figure.customers") }, { value: "revenue", label: t("figure.revenue") }]} />
            <SegmentedControl size="xs" aria-label={t("rfm.as")} value={table ? "table" : "grid"} onChange={(v) => change({ as: v === "table" ? v : undefined })} data={[{ value: "grid", label: t("rfm.as_grid") }, { value: "table", label: t("rfm.as_table") }]} />
          </Group>
        }
      >
        <Text size="sm" c="dimmed" mb="sm" component="div">
          {t(`rfm.explain_${cells.method}`, { r: cells.r, f: cells.f, m: cells.m })} {t("rfm.explain_revenue", { months: rfm.window_months })}{" "}
          {can("measure.define") && <Link to="/settings/rfm">{t("rfm.settings_link")}</Link>} <HowButton measure="rfm_cell" label={t("rfm.cell")} as_of={rfm.as_of} />
        </Text>
        {rfm.cells.length === 0 ? (
          <Text size="sm">{t("rfm.undivided", { count: Math.max(cells.r, cells.f, cells.m) })}</Text>
        ) : table ? (
          <CellTable rfm={rfm} />
        ) : (
          <DrawnHere label={t("rfm.cells")} table={rows}>
            <CellGrid rfm={rfm} figure={figure} judged={judged} />
          </DrawnHere>
        )}
        <FileOffer kind="csv" href={address("/rfm/export", { as_of: rfm.as_of })} />
      </Panel>
      <PointsPanel rfm={rfm} />
      <BreakEvenPanel rfm={rfm} judged={judged} onJudged={setJudged} />
    </Stack>
  );
}
