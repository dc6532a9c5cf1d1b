import { Alert, Group, Select, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { measuresQuery, statisticsQuery } from "../../api/queries";
import type { MatrixStatistics, StatisticsCell, StatisticsFigure, StatisticsFigures } from "../../api/types";
import { Figure } from "../../ui/figure";
import { filtersOf, segmentOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import type { Search } from "../../ui/search";
import { Loading } from "../../ui/states";
import { useMeasureWords } from "../measure/words";
import { AnyGrid, type MatrixPlace } from "./any-grid";
import { Balance } from "./balance";
import { amount, knownOf, mostOf, perCustomer, share, wayOf, ways, weightOf, written, type Way } from "./figures";
import classes from "./matrix.module.css";
import { MatrixProblem } from "./problem";
import { Shown } from "./shown";
import type { ViewProps } from "./views";
import { behindAny, customerMatrix, unknown, useMatrixWords } from "./words";

/** What stands in the cells of any matrix, by any figure, and where effort and value are out of balance (K3). */
export function StatisticsView({ matrix, search, change }: ViewProps) {
  const { t } = useTranslation();
  const words = useMatrixWords();
  const measureWords = useMeasureWords();
  const format = useFormat();
  const measures = useQuery(measuresQuery(search.as_of || undefined)).data?.items ?? [];
  const figure = search.figure || "revenue";
  const effort = search.effort === "none" ? undefined : search.effort || (measures.some((m) => m.key === "visits") ? "visits" : undefined);
  const picture = useQuery({
    ...statisticsQuery({
      as_of: search.as_of || undefined, matrix, figures: figure === "customers" ? "revenue" : `${figure},revenue`,
      effort, value: effort ? valueOf(search, figure, effort) : undefined, direct: search.direct === "true" || undefined, ...filtersOf(search), ...segmentOf(search),
    }),
    placeholderData: keepPreviousData,
  });
  if (picture.isPending) return <Loading height={420} />;
  if (picture.error) return <MatrixProblem cause={picture.error} as_of={search.as_of} retry={() => void picture.refetch()} />;
  const data = picture.data;
  const offered = [{ key: "customers", label: t("figure.customers"), unit: "count" as const }, ...data.offered];
  const options = offered.map((f) => ({ value: f.key, label: words.figure(f) }));
  const shown = offered.find((f) => f.key === figure) ?? offered[0]!;
  const way = wayOf(search.as);
  const label = (measure: string) => measureWords.label(measures.find((m) => m.key === measure) ?? { key: measure, label: measure });
  const value = (c: StatisticsFigures, place: MatrixPlace & { row?: string; column?: string }) => valued(data, c, place, shown.key, way);
  const most = mostOf(data.cells, (c) => value(c, { row: c.row, column: c.column }));
  return (
    <Stack gap="md" style={{ opacity: picture.isPlaceholderData ? 0.55 : 1, transition: "opacity 120ms" }} aria-busy={picture.isPlaceholderData}>
      <Shown of={data} customers={data.total.customers} />
      <Group gap="sm" align="flex-end" className="no-print">
        <Select label={t("statistics.figure")} data={options} value={shown.key} allowDeselect={false} onChange={(v) => change({ figure: v ?? undefined })} w={220} />
        <Select label={t("statistics.as")} data={ways.map((w) => ({ value: w, label: t(`statistics.way_${w}`) }))} value={way} allowDeselect={false} onChange={(v) => change({ as: v ?? undefined })} w={190} />
        <Select label={t("statistics.against")} data={[{ value: "none", label: t("statistics.against_none") }, ...options.filter((o) => o.value !== shown.key)]} value={effort && effort !== shown.key ? effort : "none"}
          allowDeselect={false} onChange={(v) => change({ effort: v ?? undefined })} w={240} />
      </Group>
      {data.total.customers === 0 ? (
        <Alert color="gray" title={t("matrix.none_title")}>{t("matrix.none")}</Alert>
      ) : (
        <>
          {data.balance && <Balance of={data} search={search} />}
          <AnyGrid of={data} label={words.name(data.matrix)} unitOf={(key) => measures.find((m) => m.key === key)?.unit} axes={{ rows: label(data.matrix.rows.measure), columns: label(data.matrix.columns.measure) }}
            weight={(cell) => weightOf(value(cell, cell as StatisticsCell), most)}
            show={(figures, place, name) => <CellFigures data={data} figures={figures} place={place} name={name} figure={shown} way={way} search={search} />} />
          <Group gap="md">
            <Group gap={8} wrap="nowrap">
              <Text size="xs" c="dimmed">{t("matrix.less")}</Text>
              <span className={classes.scale} aria-hidden />
              <Text size="xs" c="dimmed">{t("matrix.more", { figure: words.figure(shown) })}</Text>
            </Group>
            <Text size="xs" c="dimmed">{t("matrix.computed", { at: format.instant(data.computed_at), from: format.date(data.window.from), to: format.date(data.window.to) })}</Text>
          </Group>
          <Text size="xs" c="dimmed" maw={860}>
            {t("statistics.explain", { currency: data.currency })} <Lacking data={data} rows={label(data.matrix.rows.measure)} columns={label(data.matrix.columns.measure)} />
          </Text>
          <StatisticsTable data={data} figure={shown} />
        </>
      )}
    </Stack>
  );
}

/** Who stands under "not known", and why. */
function Lacking({ data, rows, columns }: { data: MatrixStatistics; rows: string; columns: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const lacking = (totals: MatrixStatistics["row_totals"]) => totals.find((c) => c.key === unknown)?.customers ?? 0;
  // In the customer matrix who lacks the one lacks the other.
  const said = ([[lacking(data.row_totals), rows], [lacking(data.column_totals), columns]] as const).slice(0, data.matrix.key === customerMatrix ? 1 : 2);
  return said.map(([n, measure]) => n > 0 && <span key={measure}>{t("statistics.lacking", { count: n, number: format.number(n), measure })} </span>);
}

/** Effort is set against the figure shown, or against revenue when that is the effort itself. */
function valueOf(search: Search, figure: string, effort: string): string {
  return figure !== effort ? figure : search.value && search.value !== effort ? search.value : effort === "revenue" ? "customers" : "revenue";
}

/** The figure of a place as the way wants it. */
function valued(data: MatrixStatistics, of: StatisticsFigures, place: MatrixPlace, key: string, way: Way): number | null {
  const [row, column] = place.cell ? splitCell(place.cell) : [place.row, place.column];
  switch (way) {
    case "per_customer":
      return perCustomer(of, key);
    case "row":
      return share(amount(of, key), amount(row ? (data.row_totals.find((r) => r.key === row) ?? data.total) : data.total, key));
    case "column":
      return share(amount(of, key), amount(column ? (data.column_totals.find((c) => c.key === column) ?? data.total) : data.total, key));
    case "all":
      return share(amount(of, key), amount(data.total, key));
    default:
      return amount(of, key);
  }
}

function splitCell(key: string): [string, string] {
  const [row, column] = key.split("_");
  return column === undefined ? ["unknown", "unknown"] : [row!, column];
}

type CellProps = { data: MatrixStatistics; figures: StatisticsFigures; place: MatrixPlace; name: string; figure: StatisticsFigure; way: Way; search: Search };

function CellFigures({ data, figures, place, name, figure, way, search }: CellProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMatrixWords();
  const value = valued(data, figures, place, figure.key, way);
  const of = ["row", "column", "all"].includes(way);
  const sort = `-${figure.key === "customers" ? "revenue" : figure.key}`;
  const text = of ? format.percent(value) : written(format, figure, value);
  const link = behindAny(search, data.matrix.key, place, sort);
  if (figures.customers === 0) return <Text size="sm" c="dimmed">{t("statistics.nobody")}</Text>;
  const { balance } = data;
  const all = balance && { effort: share(amount(figures, balance.effort), amount(data.total, balance.effort)), value: share(amount(figures, balance.value), amount(data.total, balance.value)) };
  const labelOf = (key: string) => (key === "customers" ? t("figure.customers") : words.figure(data.offered.find((f) => f.key === key) ?? { key, label: key }));
  return (
    <div className={classes.figures}>
      <div className={classes.main}>
        <span className={classes.large}>
          <Figure to="/map/customers" search={link} strong label={t("matrix.figure_label", { name, figure: words.figure(figure), value: text })}>
            {knownOf(figures, figure.key) === 0 && figure.key !== "customers" ? "–" : text}
          </Figure>
        </span>
        {!of && way === "absolute" && <span className={`num ${classes.part}`}>{format.percent(share(amount(figures, figure.key), amount(data.total, figure.key)))}</span>}
      </div>
      {figure.key !== "customers" && (
        <Text size="xs" className="num">
          <Figure to="/map/customers" search={link} label={t("matrix.figure_label", { name, figure: t("figure.customers"), value: format.number(figures.customers) })}>
            {t("statistics.customers", { count: figures.customers, number: format.number(figures.customers) })}
          </Figure>
          {knownOf(figures, figure.key) < figures.customers && ` · ${t("statistics.known", { number: format.number(knownOf(figures, figure.key)) })}`}
        </Text>
      )}
      {all && (
        <dl className={classes.against}>
          {(["effort", "value"] as const).map((k) => (
            <Bar key={k} of={k} label={labelOf(balance[k])} part={all[k]} />
          ))}
        </dl>
      )}
      {balance && place.cell && balance.over?.cells.includes(place.cell) && <div className={classes.verdict}>▲ {t("statistics.over")}</div>}
      {balance && place.cell && balance.under?.cells.includes(place.cell) && <div className={classes.verdict}>▼ {t("statistics.under")}</div>}
    </div>
  );
}

function Bar({ of, label, part }: { of: "effort" | "value"; label: string; part: number | null }) {
  const format = useFormat();
  return (
    <div>
      <dt title={label}>{label}</dt>
      <dd className="num">{format.percent(part)}</dd>
      <dd className={classes.track} data-of={of} aria-hidden>
        <span style={{ width: `${100 * Math.min(1, Math.max(0, part ?? 0))}%` }} />
      </dd>
    </div>
  );
}

/** The same figures as rows, for those who read rather than look. */
function StatisticsTable({ data, figure }: { data: MatrixStatistics; figure: StatisticsFigure }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMatrixWords();
  const rows = data.cells.filter((c) => c.customers > 0);
  return (
    <details>
      <summary>{t("statistics.table")}</summary>
      <Panel flush>
        <div style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-label={t("statistics.table")}>
          <table className={classes.plain}>
            <thead>
              <tr>
                <th>{t("field.cell")}</th>
                <th>{t("figure.customers")}</th>
                <th>{t("statistics.share_of", { figure: t("figure.customers") })}</th>
                <th>{words.figure(figure)}</th>
                <th>{t("statistics.share_of", { figure: words.figure(figure) })}</th>
                <th>{t("statistics.way_per_customer")}</th>
              </tr>
            </thead>
            <tbody className="num">
              {[...rows, { ...data.total, key: "", row: "", column: "" }].map((c) => (
                <tr key={c.key}>
                  <th scope="row">{c.key ? words.cell(data.matrix, c.row, c.column) : t("matrix.everybody")}</th>
                  <td>{format.number(c.customers)}</td>
                  <td>{format.percent(share(c.customers, data.total.customers))}</td>
                  <td>{written(format, figure, amount(c, figure.key))}</td>
                  <td>{format.percent(share(amount(c, figure.key), amount(data.total, figure.key)))}</td>
                  <td>{written(format, figure, perCustomer(c, figure.key))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
    </details>
  );
}
