import { Alert, Anchor, Group, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { comparisonQuery } from "../../api/queries";
import type { MatrixComparison, MatrixDivision, StatisticsFigure } from "../../api/types";
import { DrawnHere } from "../../ui/drawn";
import { filtersOf, segmentOf } from "../../ui/filter";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import type { Search } from "../../ui/search";
import { Loading } from "../../ui/states";
import { amount, perCustomer, share, weightOf, written } from "./figures";
import classes from "./matrix.module.css";
import { MatrixProblem } from "./problem";
import { Shown } from "./shown";
import type { ViewProps } from "./views";
import { behindAny, useMatrixWords } from "./words";

const divisions = ["unit", "person", "country", "industry"] as const;

/** The parts of the company side by side by the same matrix and on one scale, and as a table (K7). A click goes a level down. */
export function CompareView({ matrix, search, change }: ViewProps) {
  const { t } = useTranslation();
  const words = useMatrixWords();
  const by = divisions.find((d) => d === search.by) ?? "unit";
  const figure = search.figure || "revenue";
  const answer = useQuery({
    ...comparisonQuery({ as_of: search.as_of || undefined, matrix, by, figures: figure === "customers" ? "revenue" : figure, direct: search.direct === "true" || undefined, ...filtersOf(search), ...segmentOf(search) }),
    placeholderData: keepPreviousData,
  });
  if (answer.isPending) return <Loading height={420} />;
  if (answer.error) return <MatrixProblem cause={answer.error} as_of={search.as_of} retry={() => void answer.refetch()} />;
  const data = answer.data;
  const offered: StatisticsFigure[] = [{ key: "customers", label: t("figure.customers"), unit: "count" }, ...data.offered];
  const shown = offered.find((f) => f.key === figure) ?? offered[0]!;
  return (
    <Stack gap="md" style={{ opacity: answer.isPlaceholderData ? 0.55 : 1, transition: "opacity 120ms" }} aria-busy={answer.isPlaceholderData}>
      <Shown of={data} customers={data.total.customers} />
      <Group gap="sm" align="flex-end" className="no-print">
        <SegmentedControl aria-label={t("compare.by")} value={by} onChange={(v) => change({ by: v }, true)} data={divisions.map((d) => ({ value: d, label: t(`compare.by_${d}`) }))} />
        <Select aria-label={t("statistics.figure")} data={offered.map((f) => ({ value: f.key, label: words.figure(f) }))} value={shown.key} allowDeselect={false} onChange={(v) => change({ figure: v ?? undefined })} w={220} />
      </Group>
      <Way data={data} search={search} />
      {data.parts.length === 0 ? (
        <Alert color="gray" title={t("matrix.none_title")}>{t("matrix.none")}</Alert>
      ) : (
        <>
          <Text size="xs" c="dimmed">{t("compare.explain", { figure: words.figure(shown) })}</Text>
          <DrawnHere label={t("view.compare")}>
            <div className={classes.multiples}>
              {data.parts.map((p) => (
                <Multiple key={p.key + String(p.direct)} data={data} part={p} figure={shown} search={search} />
              ))}
            </div>
          </DrawnHere>
          <CompareTable data={data} figure={shown} search={search} />
        </>
      )}
    </Stack>
  );
}

/** From the company down to what is divided; each step is a way back. */
function Way({ data, search }: { data: MatrixComparison; search: Search }) {
  const { t } = useTranslation();
  if (!search.unit) return null;
  const to = (unit: string | undefined) => ({ ...search, unit, direct: undefined, by: "unit" });
  return (
    <Group gap={4} component="nav" aria-label={t("compare.path")}>
      <Anchor component={Link} to="/map/matrix" search={to(undefined) as never} size="sm">{t("compare.company")}</Anchor>
      {data.path.map((s, i) => (
        <Group gap={4} key={s.key}>
          <IconChevronRight size={13} aria-hidden />
          {i < data.path.length - 1 ? <Anchor component={Link} to="/map/matrix" search={to(s.key) as never} size="sm">{s.name}</Anchor> : <Text size="sm" fw={600}>{s.name}</Text>}
        </Group>
      ))}
    </Group>
  );
}

/** What narrows a question to a part; null for the small ones together. */
function narrowing(by: MatrixComparison["by"], part: MatrixDivision): Search | null {
  if (part.key === "others") return null;
  if (by === "unit") return { unit: part.key, direct: part.direct ? "true" : undefined };
  return { [by === "person" ? "owner" : by]: part.key };
}

function usePartName() {
  const { t } = useTranslation();
  const format = useFormat();
  return (by: MatrixComparison["by"], part: MatrixDivision): string => {
    if (part.key === "others") return t("compare.others");
    if (part.key === "-") return t(`compare.none_${by}`);
    if (part.direct) return t("compare.direct", { name: part.name });
    if (by === "country") return format.country(part.key);
    return part.name || part.key;
  };
}

/** A part's name: goes a level down where there is one, else to its customers. */
function PartLink({ data, part, search }: { data: MatrixComparison; part: MatrixDivision; search: Search }) {
  const name = usePartName()(data.by, part);
  const narrow = narrowing(data.by, part);
  if (!narrow) return <b>{name}</b>;
  if (data.by === "unit" && part.key !== "-") return <Anchor component={Link} to="/map/matrix" search={{ ...search, ...narrow } as never} fw={600} size="sm">{name}</Anchor>;
  return <Anchor component={Link} to="/map/customers" search={behindAny(search, data.matrix.key, {}, "-revenue", narrow) as never} fw={600} size="sm">{name}</Anchor>;
}

function Multiple({ data, part, figure, search }: { data: MatrixComparison; part: MatrixDivision; figure: StatisticsFigure; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMatrixWords();
  const narrow = narrowing(data.by, part);
  const whole = amount(part.total, figure.key);
  return (
    <section className={classes.multiple} aria-label={usePartName()(data.by, part)}>
      <Group justify="space-between" wrap="nowrap" gap="xs" align="baseline">
        <PartLink data={data} part={part} search={search} />
        <Text size="sm" className="num" style={{ whiteSpace: "nowrap" }}>{written(format, figure, whole)}</Text>
      </Group>
      <Text size="xs" c="dimmed" className="num">
        {t("statistics.customers", { count: part.total.customers, number: format.number(part.total.customers) })}
        {part.people !== null && data.by === "unit" && ` · ${t("compare.people", { count: part.people, number: format.number(part.people) })}`}
      </Text>
      <div className={classes.minis} style={{ "--columns": data.columns.length } as CSSProperties}>
        {part.cells.map((c) => {
          const of = share(amount(c, figure.key), whole);
          const name = words.cell(data.matrix, c.row, c.column);
          const text = of === null || c.customers === 0 ? "" : format.cut(Math.abs(Math.round(of * 100) / 100));
          const style = { "--weight": weightOf(of, 1) } as CSSProperties;
          const label = t("matrix.figure_label", { name, figure: words.figure(figure), value: format.percent(of) });
          if (!narrow || c.customers === 0) return <span key={c.key} className={classes.mini} style={style} title={name}>{text}</span>;
          return (
            <Link key={c.key} to="/map/customers" search={behindAny(search, data.matrix.key, { cell: c.key }, "-revenue", narrow) as never} className={`num ${classes.mini}`} style={style} title={label} aria-label={`${text}: ${label}`}>
              {text}
            </Link>
          );
        })}
      </div>
    </section>
  );
}

function CompareTable({ data, figure, search }: { data: MatrixComparison; figure: StatisticsFigure; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMatrixWords();
  const nameOf = usePartName();
  const heads = data.parts.some((p) => p.people !== null);
  const total = { ...data.total };
  return (
    <Panel title={t("compare.table")} flush>
      <div style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-label={t("compare.table")}>
        <table className={classes.plain}>
          <thead>
            <tr>
              <th>{t(`compare.by_${data.by}`)}</th>
              <th>{t("figure.customers")}</th>
              {figure.key !== "customers" && <th>{words.figure(figure)}</th>}
              <th>{t("statistics.share_of", { figure: words.figure(figure) })}</th>
              {figure.key !== "customers" && <th>{t("statistics.way_per_customer")}</th>}
              {heads && <th>{t("compare.heads")}</th>}
              {heads && <th>{t("compare.per_head", { figure: words.figure(figure) })}</th>}
            </tr>
          </thead>
          <tbody className="num">
            {data.parts.map((p) => {
              const narrow = narrowing(data.by, p);
              const number = format.number(p.total.customers);
              return (
                <tr key={p.key + String(p.direct)}>
                  <th scope="row"><PartLink data={data} part={p} search={search} /></th>
                  <td>
                    {narrow ? (
                      <Figure to="/map/customers" search={behindAny(search, data.matrix.key, {}, "-revenue", narrow)} label={t("matrix.figure_label", { name: nameOf(data.by, p), figure: t("figure.customers"), value: number })}>{number}</Figure>
                    ) : number}
                  </td>
                  {figure.key !== "customers" && <td>{written(format, figure, amount(p.total, figure.key))}</td>}
                  <td>{format.percent(share(amount(p.total, figure.key), amount(total, figure.key)))}</td>
                  {figure.key !== "customers" && <td>{written(format, figure, perCustomer(p.total, figure.key))}</td>}
                  {heads && <td>{p.people === null ? "–" : format.number(p.people)}</td>}
                  {heads && <td>{p.people ? written(format, figure, amount(p.total, figure.key) / p.people) : "–"}</td>}
                </tr>
              );
            })}
            <tr>
              <th scope="row">{t("matrix.total")}</th>
              <td>{format.number(total.customers)}</td>
              {figure.key !== "customers" && <td>{written(format, figure, amount(total, figure.key))}</td>}
              <td>{format.percent(1)}</td>
              {figure.key !== "customers" && <td>{written(format, figure, perCustomer(total, figure.key))}</td>}
              {heads && <td />}
              {heads && <td />}
            </tr>
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
