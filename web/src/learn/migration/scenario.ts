import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { MatrixMigration, MatrixMover } from "../../api/types";
import { useFormat, type Format } from "../../ui/format";
import type { Search } from "../../ui/search";
import { filtersOf, segmentOf } from "../../ui/filter";
import { customerMatrix, unknown, useMatrixWords } from "../matrix/words";

export const absent = "absent";
export const groupings = ["cell", "row", "column"] as const;
export type Grouping = (typeof groupings)[number];

/** The same day a year before; the 29th of February becomes the 28th. */
export function yearBefore(day: string): string {
  return `${Number(day.slice(0, 4)) - 1}${day.slice(4) === "-02-29" ? "-02-28" : day.slice(4)}`;
}

/** The two scenarios of the address: without any, what was bought a year before the date and up to it. */
export function scenariosOf(search: Search, latest: string | undefined): { from?: string; to?: string } {
  const day = search.as_of || latest;
  const to = search.to || (day && `actual:${day}`);
  const [kind, of] = (to ?? "").split(":");
  const before = kind === "actual" && of ? `actual:${yearBefore(of)}` : kind === "forecast" ? `actual:${of}` : day && `actual:${day}`;
  return { from: search.from || before, to };
}

/** The scored date that a scenario needs; none for a budget. */
export function dateOf(scenario: string | undefined): string | undefined {
  const [kind, of] = (scenario ?? "").split(":");
  return kind === "budget" ? undefined : of;
}

export function groupingOf(search: Search): Grouping {
  return groupings.find((g) => g === search.places) ?? "cell";
}

/** What the question and the list behind it have in common. */
export function migrationFilter(search: Search, matrix: string, from: string | undefined, to: string | undefined) {
  return { from, to, matrix, by: groupingOf(search), direct: search.direct === "true" || undefined, ...filtersOf(search), ...segmentOf(search) };
}

/** Address state of the list behind a figure. */
export function behindMovement(search: Search, of: MatrixMigration, more: Search): Search {
  const { as_of, unit, direct, owner, industry, country, segment, rule } = search;
  return { as_of, unit, direct, owner, industry, country, segment, rule, matrix: of.matrix.key === customerMatrix ? undefined : of.matrix.key, places: of.by === "cell" ? undefined : of.by, from: of.from.key, to: of.to.key, ...more };
}

/** Names of scenarios and places. */
export function useMigrationWords() {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMatrixWords();
  return useMemo(() => {
    const scenario = (key: string) => {
      const [kind, of = ""] = key.split(":");
      return t(`scenario.${kind}`, { of: kind === "budget" ? of : format.date(of) });
    };
    const place = (matrix: MatrixMigration["matrix"], by: string, key: string) => {
      if (key === absent) return t("migration.absent");
      if (by === "row") return words.row(matrix, key);
      if (by === "column") return words.column(matrix, key);
      const [row = unknown, column = unknown] = key === unknown ? [] : key.split("_");
      return words.cell(matrix, row, column);
    };
    return { scenario, place };
  }, [t, format, words]);
}

/** An amount with its sign. */
export function signed(format: Format, n: number): string {
  return n > 0 ? `+${format.amount(n)}` : format.amount(n).replace("-", "−");
}

/** What moved a customer, as a sentence. */
export function useWhy() {
  const { t } = useTranslation();
  const format = useFormat();
  return (m: MatrixMover): string => {
    if (m.why === "new") return t("migration.why_new", { revenue: format.amount(m.revenue_to) });
    if (m.why === "gone") return t("migration.why_gone", { revenue: format.amount(m.revenue_from) });
    const revenue = (m.revenue_to ?? 0) - (m.revenue_from ?? 0);
    const parts: string[] = [];
    if (m.share_from !== null && m.share_to !== null) {
      const [a, b] = [format.percent(m.share_from), format.percent(m.share_to)];
      parts.push(t(a === b ? "migration.share_same" : m.share_to > m.share_from ? "migration.share_rose" : "migration.share_fell", { from: a, to: b }));
    }
    parts.push(revenue === 0 ? t("migration.revenue_same") : t("migration.revenue_change", { change: signed(format, revenue) }));
    if (m.potential_from === null && m.potential_to === null) parts.push(t("migration.potential_unknown"));
    else if (m.potential_from === null) parts.push(t("migration.potential_found", { to: format.amount(m.potential_to) }));
    else if (m.potential_to === null) parts.push(t("migration.potential_lost"));
    else parts.push(m.potential_from === m.potential_to ? t("migration.potential_same") : t("migration.potential_change", { change: signed(format, m.potential_to - m.potential_from) }));
    if (m.why === "boundaries") parts.push(t("migration.boundaries"));
    const said = parts.join(t("migration.and"));
    return said.charAt(0).toUpperCase() + said.slice(1);
  };
}
