import type { Holding } from "../../api/types";

const day = (at: Date): string => at.toISOString().slice(0, 10);

/** The last day of the month of a day, or of the month before with -1. */
export function monthEnd(of: string, months = 0): string {
  const at = new Date(of.slice(0, 7) + "-01T00:00:00Z");
  at.setUTCMonth(at.getUTCMonth() + months + 1, 0);
  return day(at);
}

/**
 * The days worth computing first, the best first: where the purchases end long
 * ago, the end of that month, for there is nothing to see today; else today.
 */
export function daysToCompute(today: string, held: Holding[]): string[] {
  const usual = [today, monthEnd(today, -1)];
  const last = held.find((h) => h.kind === "purchases")?.to;
  if (!last || last >= (usual[1] ?? "")) return usual;
  return [...new Set([monthEnd(last), ...usual])].filter((d) => d <= today);
}
