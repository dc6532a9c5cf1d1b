import { Alert, Badge, Grid, Group, Stack, Table, Text } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Lifetime } from "../../api/types";
import { Chart, type Colours } from "../../ui/chart";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { frame, steps } from "./chart";
import classes from "./clv.module.css";
import { Save } from "./figures";
import { OccasionsPanel } from "./occasions";

type Test = NonNullable<Lifetime["models"]["test"]>;

/** How well the models foretold the company's own past, and what the fits say. */
export function TestPanel({ of }: { of: Lifetime }) {
  const { t } = useTranslation();
  const { test, untested } = of.models;
  return (
    <Stack gap="md">
      <Panel title={t("lifetime.test")} aside={test && <Save of={of} table="models" />}>
        {test ? <Tried test={test} /> : <Text size="sm">{untested}</Text>}
      </Panel>
      {test?.occasions && <OccasionsPanel of={test.occasions} chosen={test.candidates.find((c) => c.chosen)?.model ?? ""} />}
      {test && (
        <Grid gap="md">
          <Grid.Col span={{ base: 12, lg: 7 }}>
            <Track of={of} test={test} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 5 }}>
            <Bins of={of} test={test} />
          </Grid.Col>
        </Grid>
      )}
      <Fits of={of} />
    </Stack>
  );
}

function Tried({ test }: { test: Test }) {
  const { t } = useTranslation();
  const format = useFormat();
  const three = (x: number | null | undefined) => (x == null ? "–" : x.toLocaleString(format.locale, { maximumSignificantDigits: 4 }));
  const chosen = test.candidates.find((c) => c.chosen);
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t("lifetime.test_explain", { from: format.date(test.from), calibration: format.date(test.calibration), until: format.date(test.until), customers: format.number(test.customers), actual: format.number(test.actual) })}
      </Text>
      {!test.beats && <Alert color="yellow" title={t("lifetime.no_better_title")}>{t("lifetime.no_better", { model: chosen?.model ?? "" })}</Alert>}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("lifetime.table_models")}>
        <Table fz="sm" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("lifetime.model")}</Table.Th>
              <Table.Th ta="right">{t("lifetime.expected")}</Table.Th>
              <Table.Th ta="right">{t("lifetime.off")}</Table.Th>
              <Table.Th ta="right">{t("lifetime.rmse")}</Table.Th>
              <Table.Th ta="right">{t("lifetime.mae")}</Table.Th>
              <Table.Th ta="right">{t("lifetime.correlation")}</Table.Th>
              <Table.Th ta="right">{t("lifetime.log_likelihood")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {test.candidates.map((c) => (
              <Table.Tr key={c.model}>
                <Table.Td>
                  <Group gap="xs" wrap="nowrap">
                    {c.model}
                    {c.chosen && <Badge size="xs" variant="light">{t("lifetime.chosen")}</Badge>}
                  </Group>
                </Table.Td>
                {c.errors ? (
                  <>
                    <Table.Td ta="right" className="num">{format.number(c.errors.expected)}</Table.Td>
                    <Table.Td ta="right" className="num">{test.actual > 0 ? format.percent(c.errors.expected / test.actual - 1) : "–"}</Table.Td>
                    <Table.Td ta="right" className="num">{three(c.errors.rmse)}</Table.Td>
                    <Table.Td ta="right" className="num">{three(c.errors.mae)}</Table.Td>
                    <Table.Td ta="right" className="num">{three(c.errors.correlation)}</Table.Td>
                    <Table.Td ta="right" className="num">{c.log_likelihood == null ? "–" : format.number(c.log_likelihood)}</Table.Td>
                  </>
                ) : (
                  <Table.Td colSpan={6}>{t("lifetime.failed", { why: c.failed })}</Table.Td>
                )}
              </Table.Tr>
            ))}
            {test.occasions?.errors && (
              <Table.Tr>
                <Table.Td>{t("lifetime.occasions_model", { count: test.occasions.months })}</Table.Td>
                <Table.Td ta="right" className="num">{format.number(test.occasions.errors.expected)}</Table.Td>
                <Table.Td ta="right" className="num">{test.actual > 0 ? format.percent(test.occasions.errors.expected / test.actual - 1) : "–"}</Table.Td>
                <Table.Td ta="right" className="num">{three(test.occasions.errors.rmse)}</Table.Td>
                <Table.Td ta="right" className="num">{three(test.occasions.errors.mae)}</Table.Td>
                <Table.Td ta="right" className="num">{three(test.occasions.errors.correlation)}</Table.Td>
                <Table.Td ta="right">–</Table.Td>
              </Table.Tr>
            )}
            <Table.Tr>
              <Table.Td>{t("lifetime.naive")}</Table.Td>
              <Table.Td ta="right" className="num">{format.number(test.naive.expected)}</Table.Td>
              <Table.Td ta="right" className="num">{test.actual > 0 ? format.percent(test.naive.expected / test.actual - 1) : "–"}</Table.Td>
              <Table.Td ta="right" className="num">{three(test.naive.rmse)}</Table.Td>
              <Table.Td ta="right" className="num">{three(test.naive.mae)}</Table.Td>
              <Table.Td ta="right" className="num">{three(test.naive.correlation)}</Table.Td>
              <Table.Td ta="right">–</Table.Td>
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </div>
      <Text size="xs" c="dimmed">
        {t("lifetime.chosen_how")} {test.without_regular && t("lifetime.without_regular")}
      </Text>
    </Stack>
  );
}

function Track({ of, test }: { of: Lifetime; test: Test }) {
  const { t } = useTranslation();
  const format = useFormat();
  const option = useCallback(
    (c: Colours): EChartsCoreOption => ({
      ...frame(c, format.locale),
      xAxis: steps(c, test.track.map((s) => format.date(s.until))),
      series: [
        { name: t("lifetime.actual"), type: "line", symbol: "none", data: test.track.map((s) => s.actual), lineStyle: { color: c.text, width: 1.5 }, itemStyle: { color: c.text },
          markLine: { silent: true, symbol: "none", label: { formatter: t("lifetime.held_out"), color: c.text, position: "insideEndTop" }, lineStyle: { color: c.text, type: "dashed" }, data: mark(test) } },
        { name: t("lifetime.expected_by_model"), type: "line", symbol: "none", data: test.track.map((s) => Math.round(s.expected * 100) / 100), lineStyle: { color: c.accent, width: 2 }, itemStyle: { color: c.accent } },
      ],
    }),
    [test, format, t],
  );
  const table = useMemo(
    () => ({ head: [t("lifetime.until"), t("lifetime.actual"), t("lifetime.expected_by_model")], rows: test.track.map((s) => [format.date(s.until), format.number(s.actual), format.quantity(s.expected)]) }),
    [test, format, t],
  );
  return (
    <Panel title={t("lifetime.track")} aside={<Save of={of} table="track" />}>
      <Chart label={t("lifetime.track")} option={option} table={table} />
      <Text size="xs" c="dimmed" mt="xs">{t("lifetime.track_explain", { count: test.step_weeks })}</Text>
    </Panel>
  );
}

/** Where the time held out begins. */
function mark(test: Test) {
  const at = test.track.findIndex((s) => s.until > test.calibration);
  return at < 0 ? [] : [{ xAxis: at }];
}

function Bins({ of, test }: { of: Lifetime; test: Test }) {
  const { t } = useTranslation();
  const format = useFormat();
  const names = useMemo(() => test.bins.map((b) => (b.and_more ? t("lifetime.and_more", { number: b.repeats }) : String(b.repeats))), [test, t]);
  const option = useCallback(
    (c: Colours): EChartsCoreOption => ({
      ...frame(c, format.locale),
      xAxis: { ...steps(c, names), name: t("lifetime.before"), nameLocation: "middle", nameGap: 26, nameTextStyle: { color: c.text } },
      series: [
        { name: t("lifetime.actual"), type: "bar", data: test.bins.map((b) => b.actual), itemStyle: { color: c.text, opacity: 0.4, borderRadius: [2, 2, 0, 0] }, barGap: "8%" },
        { name: t("lifetime.expected_by_model"), type: "bar", data: test.bins.map((b) => b.expected), itemStyle: { color: c.accent, borderRadius: [2, 2, 0, 0] } },
      ],
    }),
    [test, names, format, t],
  );
  const table = useMemo(
    () => ({ head: [t("lifetime.before"), t("figure.customers"), t("lifetime.actual"), t("lifetime.expected_by_model")], rows: test.bins.map((b, i) => [names[i] ?? "", format.number(b.customers), format.quantity(b.actual), format.quantity(b.expected)]) }),
    [test, names, format, t],
  );
  return (
    <Panel title={t("lifetime.bins")} aside={<Save of={of} table="bins" />}>
      <Chart label={t("lifetime.bins")} option={option} table={table} />
      <Text size="xs" c="dimmed" mt="xs">{t("lifetime.bins_explain")}</Text>
    </Panel>
  );
}

/** The fits that count, with their parameters and what is unusual about them. */
function Fits({ of }: { of: Lifetime }) {
  const { t } = useTranslation();
  const format = useFormat();
  const digits = (x: number) => x.toLocaleString(format.locale, { maximumSignificantDigits: 4 });
  return (
    <Panel title={t("lifetime.fits")}>
      <Text size="sm" c="dimmed" mb="sm">{t("lifetime.fits_explain", { count: of.models.definition.minimum })}</Text>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("lifetime.parameters")}>
        <Table fz="sm" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("lifetime.alike")}</Table.Th>
              <Table.Th ta="right">{t("figure.customers")}</Table.Th>
              <Table.Th ta="right">{t("lifetime.repeaters")}</Table.Th>
              <Table.Th>{t("lifetime.parameters")}</Table.Th>
              <Table.Th ta="right">{t("lifetime.mean_spend", { currency: of.currency })}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.models.groups.map((g) => (
              <Table.Tr key={g.name}>
                <Table.Td>{g.name || t("lifetime.everybody")}</Table.Td>
                <Table.Td ta="right" className="num">{format.number(g.customers)}</Table.Td>
                <Table.Td ta="right" className="num">{format.number(g.repeaters)}</Table.Td>
                <Table.Td className={classes.fit}>
                  {[g.buying, g.spend].map((fit, i) => (
                    <div key={i}>
                      {fit.model && <Text size="sm" className="num" style={{ whiteSpace: "normal" }}>{fit.model}: {fit.parameters.map((p) => `${p.name} ${digits(p.value)}${p.std_err == null ? "" : ` ± ${digits(p.std_err)}`}`).join(", ")}</Text>}
                      {fit.statement && <Text size="xs" c="dimmed">{fit.statement}</Text>}
                    </div>
                  ))}
                </Table.Td>
                <Table.Td ta="right" className="num">{format.quantity(g.mean_spend)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Panel>
  );
}
