import type { StatisticsCell, StatisticsFigure, StatisticsFigures } from "../../api/types";
import type { Format } from "../../ui/format";

/** How a figure is shown: as it is, as a part of its row, column or the whole, or per customer. */
export const ways = ["absolute", "row", "column", "all", "per_customer"] as const;
export type Way = (typeof ways)[number];

export function wayOf(text: string | undefined): Way {
  return ways.find((w) => w === text) ?? "absolute";
}

/** A figure of some customers; "customers" is their number. */
export function amount(of: StatisticsFigures, key: string): number {
  return key === "customers" ? of.customers : (of.sums[key]?.total ?? 0);
}

/** Of how many of them there is a value. */
export function knownOf(of: StatisticsFigures, key: string): number {
  return key === "customers" ? of.customers : (of.sums[key]?.known ?? 0);
}

export function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

/** Per customer of whom there is a value; null without any. */
export function perCustomer(of: StatisticsFigures, key: string): number | null {
  const known = knownOf(of, key);
  return known > 0 ? amount(of, key) / known : null;
}

/** How strongly a cell is tinted, 0…1: square-rooted so that small cells still show. */
export function weightOf(value: number | null, most: number): number {
  return most > 0 && value !== null ? Math.sqrt(Math.max(0, value) / most) : 0;
}

export function mostOf(cells: StatisticsCell[], value: (c: StatisticsCell) => number | null): number {
  return Math.max(0, ...cells.map((c) => value(c) ?? 0));
}

/** A figure as it is written: money short in the base currency, counts whole. */
export function written(format: Format, figure: Pick<StatisticsFigure, "key" | "unit"> | undefined, value: number | null): string {
  if (value === null) return "–";
  if (figure?.unit === "money") return format.short(Math.round(value));
  return Number.isInteger(value) || Math.abs(value) >= 100 ? format.number(value) : format.quantity(value);
}
