import { Group, NumberInput, SegmentedControl, Select, Stack, Table, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problem";
import { loyaltyArithmeticQuery, allocationSegmentsQuery } from "../../api/queries";
import type { LoyaltyArithmetic } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Empty, Loading, ProblemNotice } from "../../ui/states";
import { useMeasureWords } from "../measure/words";
import { AsOf } from "../scoring/as-of";
import { ComputeNow } from "../scoring/compute";
import classes from "./allocation.module.css";
import { behindSegment, useSegmentName } from "./words";

/** What losing fewer customers is worth on the company's own numbers (C11). */
export function LoyaltyPanel() {
  const { t } = useTranslation();
  const can = useCan();
  const words = useMeasureWords();
  const [search, change] = useSearchState();
  const by = search.by || "tier";
  const as_of = search.as_of || undefined;
  const fewer = Math.min(100, Math.max(0.1, Number(search.fewer) || 5));
  const points = search.points === "1";
  const segments = useQuery(allocationSegmentsQuery(by, as_of));
  const loyalty = useQuery({ ...loyaltyArithmeticQuery({ by, as_of, fewer: fewer / 100, points }), placeholderData: keepPreviousData });
  const problem = loyalty.error ? problemOf(loyalty.error) : undefined;
  const missing = problem?.code === "allocation.no_earlier" ? problem.fields.then : undefined;
  return (
    <Stack gap="md">
      <Panel title={t("arithmetic.question")} aside={<AsOf shown={loyalty.data?.as_of ?? search.as_of} onChange={(d) => change({ as_of: d }, true)} />}>
        <Group align="flex-end" gap="md">
          <NumberInput label={t("arithmetic.fewer")} min={0.1} max={100} decimalScale={1} suffix=" %" value={fewer} onChange={(v) => change({ fewer: Number(v) > 0 ? String(v) : undefined })} w={140} />
          <SegmentedControl aria-label={t("arithmetic.of")} value={points ? "points" : "losses"} onChange={(v) => change({ points: v === "points" ? "1" : undefined })} data={[{ value: "losses", label: t("arithmetic.of_losses") }, { value: "points", label: t("arithmetic.of_points") }]} />
          <Select label={t("allocation.by")} data={(segments.data?.choices ?? [{ key: by, label: by }]).map((c) => ({ value: c.key, label: words.label(c) }))} value={by} allowDeselect={false} searchable openOnFocus={false} onChange={(v) => v && change({ by: v })} w={220} nothingFoundMessage={t("filter.nothing")} />
        </Group>
      </Panel>
      {missing && (
        <Panel>
          <Empty title={t("arithmetic.missing_title")} action={can("score.run") && <ComputeNow as_of={missing} onDone={() => void loyalty.refetch()} />}>
            {problem?.detail}
          </Empty>
        </Panel>
      )}
      {loyalty.error && !missing && <ProblemNotice cause={loyalty.error} retry={() => void loyalty.refetch()} />}
      {loyalty.isPending && <Loading height={240} />}
      {loyalty.data && !loyalty.error && <Answer of={loyalty.data} />}
    </Stack>
  );
}

function Answer({ of }: { of: LoyaltyArithmetic }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { all } = of;
  return (
    <>
      <Panel title={t("arithmetic.worth")}>
        {all.gain === null ? (
          <Text size="sm">{all.too_few}</Text>
        ) : (
          <Stack gap="xs">
            <Text fz="h2" fw={650} className="num">{format.shortMoney(all.gain, of.currency)}</Text>
            <Text>
              {t("arithmetic.sentence", { kept: format.number(all.kept), buyers: format.number(all.buyers), then: format.date(of.then), date: format.date(of.as_of), retention: format.percent(all.retention), after: format.percent(all.retention_after), value: format.round(all.value, of.currency), later: format.round(all.value_after, of.currency) })}{" "}
              {all.rise !== null && t("arithmetic.rise", { rise: format.percent(all.rise) })}
            </Text>
          </Stack>
        )}
        <Text size="sm" c="dimmed" mt="sm">{t("arithmetic.formula", { interest: format.cut(of.interest), months: of.months })} <Link to="/settings/lifetime">{t("arithmetic.settings")}</Link></Text>
      </Panel>
      <Segments of={of} />
      <Panel title={t("arithmetic.win_or_keep")}>
        <Text>
          {of.acquisition_cost === null ? t("arithmetic.no_acquisition") : t("arithmetic.winning", { cost: format.round(of.acquisition_cost, of.currency) })}{" "}
          {of.keeping_cost === null ? of.keeping_note : t("arithmetic.keeping", { cost: format.round(of.keeping_cost, of.currency) })}{" "}
          {of.acquisition_cost !== null && of.keeping_cost !== null && of.keeping_cost > 0 && t("arithmetic.times", { times: format.quantity(of.acquisition_cost / of.keeping_cost) })}
        </Text>
      </Panel>
    </>
  );
}

function Segments({ of }: { of: LoyaltyArithmetic }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useSegmentName(of.by);
  return (
    <Panel title={t("arithmetic.by_segment")}>
      <Text size="sm" c="dimmed" mb="xs">{t("arithmetic.segment_help", { then: format.date(of.then) })}</Text>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("arithmetic.by_segment")}>
        <Table fz="sm" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("allocation.segment")}</Table.Th>
              <Table.Th ta="right">{t("arithmetic.buyers")}</Table.Th>
              <Table.Th ta="right">{t("arithmetic.kept")}</Table.Th>
              <Table.Th ta="right">{t("arithmetic.retention")}</Table.Th>
              <Table.Th ta="right">{t("arithmetic.margin", { currency: of.currency })}</Table.Th>
              <Table.Th ta="right">{t("arithmetic.value", { currency: of.currency })}</Table.Th>
              <Table.Th ta="right">{t("arithmetic.value_after", { currency: of.currency })}</Table.Th>
              <Table.Th ta="right">{t("arithmetic.gain", { currency: of.currency })}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.segments.filter((s) => s.buyers + s.buying > 0).map((s) => (
              <Table.Tr key={s.key}>
                <Table.Td fw={550}>{name(s.key)}</Table.Td>
                <Table.Td ta="right">
                  {s.buyers === 0 ? <span className="num">0</span> : <Figure to="/map/customers" search={{ ...behindSegment(of.by, s.key, of.then), measure: `${of.by}=${s.key}|revenue>0` }} label={t("arithmetic.buyers_label", { segment: name(s.key), date: format.date(of.then) })}>{format.number(s.buyers)}</Figure>}
                </Table.Td>
                <Table.Td ta="right" className="num">{format.number(s.kept)}</Table.Td>
                {s.retention === null ? (
                  <Table.Td colSpan={5}><Text size="sm" c="dimmed">{s.too_few}</Text></Table.Td>
                ) : (
                  <>
                    <Table.Td ta="right" className="num">{format.percent(s.retention)}</Table.Td>
                    <Table.Td ta="right" className="num">{format.amount(s.margin)}</Table.Td>
                    <Table.Td ta="right" className="num">{format.amount(s.value)}</Table.Td>
                    <Table.Td ta="right" className="num">{format.amount(s.value_after)}</Table.Td>
                    <Table.Td ta="right" className="num">{format.amount(s.gain)}</Table.Td>
                  </>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Panel>
  );
}
