import { Alert, Anchor, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { measuresQuery, peopleQuery, visitsQuery } from "../../api/queries";
import type { MatrixVisits, VisitLate } from "../../api/types";
import { Figure } from "../../ui/figure";
import { filtersOf, segmentOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import type { Search } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Loading } from "../../ui/states";
import { AnyGrid, type MatrixPlace } from "../matrix/any-grid";
import matrixClasses from "../matrix/matrix.module.css";
import { MatrixProblem } from "../matrix/problem";
import { Shown } from "../matrix/shown";
import type { ViewProps } from "../matrix/views";
import { behindAny, customerMatrix, useMatrixWords } from "../matrix/words";
import { HowButton } from "../measure/how";
import { useMeasureWords } from "../measure/words";
import { asked, ColourFigures, colours, Shape, useGreen } from "./colours";
import classes from "./visit.module.css";

/** Who is looked after: every customer green, yellow or red by the days since its last contact (K4). */
export function VisitsView({ matrix, search }: ViewProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const measureWords = useMeasureWords();
  const can = useCan();
  const measures = useQuery(measuresQuery(search.as_of || undefined)).data?.items ?? [];
  const picture = useQuery({
    ...visitsQuery({ as_of: search.as_of || undefined, matrix, direct: search.direct === "true" || undefined, ...filtersOf(search), ...segmentOf(search) }),
    placeholderData: keepPreviousData,
  });
  if (picture.isPending) return <Loading height={420} />;
  if (picture.error) return <MatrixProblem cause={picture.error} as_of={search.as_of} retry={() => void picture.refetch()} />;
  const of = picture.data;
  const label = (measure: string) => measureWords.label(measures.find((m) => m.key === measure) ?? { key: measure, label: measure });
  const link = (place: MatrixPlace, conditions: string[], sort = "last_contact") =>
    behindAny({ ...search, as_of: of.as_of }, of.matrix.key, place, sort, { measure: conditions.join("|"), columns: "code,revenue,owner,last_contact,care" });
  return (
    <Stack gap="md" style={{ opacity: picture.isPlaceholderData ? 0.55 : 1, transition: "opacity 120ms" }} aria-busy={picture.isPlaceholderData}>
      <Shown of={of} customers={of.total.customers} />
      <Text size="sm" c="dimmed" maw={860} component="div">
        {t("visits.intro", { as_of: format.date(of.as_of), kinds: of.definition.kinds.join(", ") })} <HowButton measure="care" label={t("view.visits")} as_of={of.as_of} />{" "}
        {can("measure.define") && <Anchor component={Link} to="/settings/visits" size="sm" underline="always">{t("visits.settings")}</Anchor>}
      </Text>
      {of.total.customers === 0 ? (
        <Alert color="gray" title={t("matrix.none_title")}>{t("matrix.none")}</Alert>
      ) : (
        <>
          {matrix === customerMatrix && <Goals of={of} link={link} />}
          <div className={classes.legend}>
            {colours.map((c) => <span key={c}><Shape colour={c} /> {t(`visits.legend_${c}`)}</span>)}
          </div>
          <AnyGrid of={of} label={t("view.visits")} unitOf={(key) => measures.find((m) => m.key === key)?.unit} axes={{ rows: label(of.matrix.rows.measure), columns: label(of.matrix.columns.measure) }}
            weight={() => 0} show={(c, place, name) => <ColourFigures of={c} name={name} link={(conditions) => link(place, conditions)} />} />
          <Norms of={of} />
          <VisitsTable of={of} />
          <LatePanel title={t("visits.overdue")} help={t("visits.overdue_help", { as_of: format.date(of.as_of), months: of.window.months })} none={t("visits.overdue_none")} of={of} late={of.overdue}
            count={of.total.red - of.total.never} all={link({}, ["care=red", "last_contact!="])} />
          {of.total.never > 0 && (
            <LatePanel title={t("visits.never_title")} help={t("visits.never_help", { as_of: format.date(of.as_of) })} none="" of={of} late={of.never_yet} count={of.total.never} all={link({}, ["care=red", "last_contact="], "-revenue")} never />
          )}
        </>
      )}
    </Stack>
  );
}

type LinkTo = (place: MatrixPlace, conditions: string[]) => Search;

/** The goals that visits are usually set, and how far they are reached. */
function Goals({ of, link }: { of: MatrixVisits; link: LinkTo }) {
  const { t } = useTranslation();
  const format = useFormat();
  const goals = [
    { row: "gold", reached: (c: { green: number; yellow: number }) => c.green, missing: ["care!=green", "care!=none"] },
    { row: "silver", reached: (c: { green: number; yellow: number }) => c.green + c.yellow, missing: ["care=red"] },
  ];
  return (
    <div className={classes.goals}>
      {goals.map(({ row, reached, missing }) => {
        const total = of.row_totals.find((r) => r.key === row);
        if (!total || asked(total) === 0) return null;
        const lacking = asked(total) - reached(total);
        return (
          <Panel key={row} title={t(`visits.goal_${row}`)}>
            <Text size="sm">
              {t("visits.goal_reached", { reached: format.number(reached(total)), asked: format.number(asked(total)) })}{" "}
              {lacking > 0 ? (
                <Figure to="/map/customers" search={link({ row }, missing)} label={t("visits.goal_label", { name: t(`row.${row}`) })}>{t("visits.goal_missing", { count: lacking, number: format.number(lacking) })}</Figure>
              ) : t("visits.goal_met")}
            </Text>
          </Panel>
        );
      })}
    </div>
  );
}

/** The days that counted. */
function Norms({ of }: { of: MatrixVisits }) {
  const { t } = useTranslation();
  const place = (key: string) => t(`row.${key}`, { defaultValue: t(`cell.${key}`, { defaultValue: key }) });
  return (
    <Text size="xs" c="dimmed" maw={860}>
      {t("visits.norms")}{" "}
      {of.definition.norms.map((n) => (n.none ? t("visits.norm_none", { place: place(n.place) }) : t("visits.norm", { place: place(n.place), green: n.green, yellow: n.yellow }))).join("; ")}. {t("visits.norms_rest")}
    </Text>
  );
}

/** The same figures as rows. */
function VisitsTable({ of }: { of: MatrixVisits }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMatrixWords();
  const green = useGreen();
  const rows = [
    ...of.cells.filter((c) => c.customers > 0).map((c) => ({ ...c, id: c.key, name: words.cell(of.matrix, c.row, c.column) })),
    ...of.row_totals.filter((r) => r.customers > 0).map((r) => ({ ...r, id: `row ${r.key}`, name: t("matrix.total_of", { name: words.row(of.matrix, r.key) }) })),
    { ...of.total, id: "", name: t("matrix.everybody") },
  ];
  return (
    <details>
      <summary>{t("statistics.table")}</summary>
      <Panel flush>
        <div style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-label={t("statistics.table")}>
          <table className={matrixClasses.plain}>
            <thead>
              <tr>
                <th>{t("field.cell")}</th>
                <th>{t("figure.customers")}</th>
                {colours.map((c) => <th key={c}>{t(`care.${c}`)}</th>)}
                <th>{t("care.never")}</th>
                <th>{t("care.none")}</th>
                <th>{t("visits.share_green")}</th>
              </tr>
            </thead>
            <tbody className="num">
              {rows.map((c) => (
                <tr key={c.id}>
                  <th scope="row">{c.name}</th>
                  <td>{format.number(c.customers)}</td>
                  {colours.map((k) => <td key={k}>{format.number(c[k])}</td>)}
                  <td>{format.number(c.never)}</td>
                  <td>{format.number(c.none)}</td>
                  <td>{asked(c) === 0 ? "–" : green(c)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
    </details>
  );
}

/** Red customers by name, and the way to all of them. */
function LatePanel({ title, help, none, of, late, count, all, never = false }: { title: string; help: string; none: string; of: MatrixVisits; late: VisitLate[]; count: number; all: Search; never?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const people = useQuery(peopleQuery).data ?? [];
  const owner = (id: string) => people.find((p) => p.id === id)?.name ?? "–";
  return (
    <Panel title={title}>
      <Text size="sm" c="dimmed" mb="xs">{help}</Text>
      {late.length === 0 ? <Text size="sm">{none}</Text> : (
        <>
          <div style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-label={title}>
            <table className={`${matrixClasses.plain} ${classes.named}`}>
              <thead>
                <tr>
                  <th>{t("figure.customers")}</th>
                  <th className={classes.left}>{t("field.cell")}</th>
                  <th className={classes.left}>{t("field.owner")}</th>
                  {!never && <><th>{t("visits.last")}</th><th>{t("visits.days")}</th><th>{t("visits.over")}</th></>}
                  <th>{t("visits.revenue", { currency: of.currency })}</th>
                </tr>
              </thead>
              <tbody className="num">
                {late.map((l) => (
                  <tr key={l.id}>
                    <th scope="row"><Anchor component={Link} size="sm" to="/map/customers/$id" params={{ id: l.id } as never} search={{ as_of: of.as_of } as never}>{l.name}</Anchor></th>
                    <td className={classes.left}>{t(`cell.${l.cell}`)}</td>
                    <td className={classes.left}>{owner(l.owner_id)}</td>
                    {!never && <><td>{format.date(l.last_contact)}</td><td>{format.number(l.days)}</td><td>{format.number(l.over)}</td></>}
                    <td>{format.amount(l.revenue, of.currency)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <Text size="sm" mt="xs">
            <Figure to="/map/customers" search={all} label={title}>{t("visits.all", { count, number: format.number(count) })}</Figure>
          </Text>
        </>
      )}
    </Panel>
  );
}
