import { Anchor, Group, Text } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { VariancePart, VarianceReport } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import type { Search } from "../../ui/search";
import { into, wayOf } from "./way";
import { usePartName } from "./words";
import classes from "./variance.module.css";

/** The parts with budget, actual and difference; a click goes into one, a figure leads to its customers. */
export function Parts({ report, search }: { report: VarianceReport; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const largest = Math.max(1, ...report.parts.map((p) => Math.abs(p.difference)));
  const counted = report.parts.some((p) => p.customers !== null);
  return (
    <Panel title={t(`variance.parts_${report.by}`)} flush>
      <div style={{ overflowX: "auto" }} tabIndex={0} role="group" aria-label={t(`variance.parts_${report.by}`)}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t(`variance.by_${report.by}`)}</th>
              {counted && <th scope="col" className={classes.wide}>{t("variance.customers")}</th>}
              <th scope="col">{t("variance.budget_in", { currency: format.currency })}</th>
              <th scope="col">{t("variance.actual")}</th>
              <th scope="col">{t("variance.difference")}</th>
              <th scope="col">{t("variance.percent")}</th>
              <th scope="col" className={classes.bar}>{t("variance.bar")}</th>
            </tr>
          </thead>
          <tbody className="num">
            {report.parts.map((p) => <Row key={p.key} report={report} part={p} search={search} largest={largest} counted={counted} />)}
            {report.rest && (
              <tr>
                <th scope="row">{t("variance.rest", { count: report.rest.parts, number: format.number(report.rest.parts) })}</th>
                {counted && <td className={classes.wide} />}
                <td>{format.amount(report.rest.budget)}</td>
                <td>{format.amount(report.rest.actual)}</td>
                <td>{format.amount(report.rest.difference)}</td>
                <td>{format.percent(report.rest.percent)}</td>
                <td className={classes.bar} />
              </tr>
            )}
          </tbody>
          <tfoot className="num">
            <tr>
              <th scope="row">{t("variance.total")}</th>
              {counted && <td className={classes.wide}><Whole report={report} search={search}>{format.number(report.customers)}</Whole></td>}
              {(["budget", "actual", "difference"] as const).map((key) => (
                <td key={key}><Whole report={report} search={search}>{format.amount(report.total[key])}</Whole></td>
              ))}
              <td>{format.percent(report.total.percent)}</td>
              <td className={classes.bar} />
            </tr>
          </tfoot>
        </table>
      </div>
    </Panel>
  );
}

/** A figure of all that is looked at, with its customers behind it; where these are shown already they are not linked again. */
export function Whole({ report, search, children }: { report: VarianceReport; search: Search; children: string }) {
  const { t } = useTranslation();
  if (report.by === "customer") return children;
  return <Figure to="/check/budget" search={{ from: search.from, to: search.to, at: search.at, by: "customer" }} label={t("variance.label_total")}>{children}</Figure>;
}

function Bar({ difference, largest }: { difference: number; largest: number }) {
  return (
    <span className={classes.track} data-missing={difference < 0} aria-hidden>
      <span style={{ "--size": Math.abs(difference) / largest } as CSSProperties} />
    </span>
  );
}

function Row({ report, part, search, largest, counted }: { report: VarianceReport; part: VariancePart; search: Search; largest: number; counted: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = usePartName()(report.by, part);
  const untold = part.key === "?";
  const behind = into(search, report.by, part.key, "customer");
  const figure = (n: number, key: string) => {
    const text = format.amount(n);
    const label = t(`variance.label_${key}`, { name });
    if (untold) return text;
    if (report.by === "customer") return <Figure to={`/map/customers/${part.key}`} label={label}>{text}</Figure>;
    return <Figure to="/check/budget" search={behind} label={label}>{text}</Figure>;
  };
  return (
    <tr className={part.exception ? classes.exception : undefined}>
      <th scope="row">
        <Group gap={6} wrap="nowrap">
          {part.exception && <IconAlertCircle size={15} role="img" aria-label={t("variance.exception")} style={{ flex: "none" }} />}
          <span>
            {untold ? name : <Anchor component={Link} to="/check/budget" search={into(search, report.by, part.key) as never} fw={600} size="sm">{name}</Anchor>}
            {part.code && <Text span size="xs" c="dimmed" ml={6}>{part.code}</Text>}
          </span>
        </Group>
      </th>
      {counted && <td className={classes.wide}>{part.customers === null ? "–" : <Figure to="/check/budget" search={behind} label={t("variance.label_customers", { name })}>{format.number(part.customers)}</Figure>}</td>}
      <td>{figure(part.budget, "budget")}</td>
      <td>{figure(part.actual, "actual")}</td>
      <td>{figure(part.difference, "difference")}</td>
      <td>{format.percent(part.percent)}</td>
      <td className={classes.bar}><Bar difference={part.difference} largest={largest} /></td>
    </tr>
  );
}

/** From the company down to what is looked at; each step is a way back. */
export function Way({ report, search }: { report: VarianceReport; search: Search }) {
  const { t } = useTranslation();
  const name = usePartName();
  if (report.way.length === 0) return null;
  const to = (n: number): Search => ({ from: search.from, to: search.to, at: wayOf(report.way.slice(0, n).map((s) => s.step)) });
  return (
    <Group gap={4} component="nav" aria-label={t("variance.way")}>
      <Anchor component={Link} to="/check/budget" search={to(0) as never} size="sm">{t("variance.company")}</Anchor>
      {report.way.map((s, i) => (
        <Group gap={4} key={s.step + String(i)}>
          <Text span size="sm" c="dimmed" aria-hidden>›</Text>
          {i < report.way.length - 1 ? <Anchor component={Link} to="/check/budget" search={to(i + 1) as never} size="sm">{name(s.by, s)}</Anchor> : <Text size="sm" fw={600} aria-current="page">{name(s.by, s)}</Text>}
        </Group>
      ))}
    </Group>
  );
}
