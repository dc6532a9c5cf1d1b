import type { VarianceBy, VarianceFilter } from "../../api/types";
import type { Search } from "../../ui/search";

/** The ways to divide a budget, as the server names them. */
export const divisions = ["unit", "person", "country", "channel", "class", "product", "month", "customer"] as const;

/** The steps of the address, "unit:0198…,channel:web"; a comma within a step is written %2C. */
export const stepsOf = (at: string | undefined): string[] => (at ? at.split(",").map((s) => s.replace(/%2C/g, ",").replace(/%25/g, "%")) : []);

export const wayOf = (steps: string[]): string | undefined => steps.map((s) => s.replace(/%/g, "%25").replace(/,/g, "%2C")).join(",") || undefined;

const month = /^\d{4}-\d{2}$/;

/** The question that an address asks. */
export function questionOf(search: Search): VarianceFilter {
  const day = (m: string | undefined) => (m && month.test(m) ? `${m}-01` : undefined);
  const by = divisions.find((d) => d === search.by);
  return { from: day(search.from), to: day(search.to), at: stepsOf(search.at), by };
}

/** The address of a part: one step further, divided as the server sees fit or by what is given. */
export const into = (search: Search, by: VarianceBy, key: string, next?: VarianceBy): Search => ({ from: search.from, to: search.to, at: wayOf([...stepsOf(search.at), `${by}:${key}`]), by: next });
