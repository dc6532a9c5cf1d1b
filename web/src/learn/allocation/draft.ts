import type { AllocationProblem, AllocationSegment } from "../../api/types";

/** What stands in a field of the grid: a number, or a text while it is typed. */
export type Cell = number | string;
export type Level = { spend: Cell; return: Cell };
export type Row = { name: string; customers: Cell; levels: Level[]; saturation: Cell; least: Cell; most: Cell; contacts: Cell; contact_cost: Cell; now: Cell };
export type Draft = { by: string; as_of?: string; budget: Cell; method: "points" | "curve" | "adbudg"; gross: boolean; rows: Row[] };

/** Stands for customers without a value of the measure, whose segment needs a name. */
export const without = "(without)";

export const emptyRow = (name: string, customers: Cell, levels: number): Row => ({
  name, customers, levels: Array.from({ length: levels }, (_, i) => ({ spend: i === 0 ? 0 : "", return: "" })), saturation: "", least: "", most: "", contacts: "", contact_cost: "", now: "",
});

const optional = (c: Cell): number | null => (c === "" ? null : Number(c));

/** The draft as the server takes it; a level counts when both of its fields are filled. */
export function problemOfDraft(d: Draft): AllocationProblem {
  return {
    budget: Number(d.budget) || 0,
    method: d.method,
    gross: d.gross,
    segments: d.rows.map((r): AllocationSegment => ({
      name: r.name,
      customers: Math.round(Number(r.customers) || 0),
      points: r.levels.filter((l) => l.spend !== "" && l.return !== "").map((l) => ({ spend: Number(l.spend), return: Number(l.return) })),
      saturation: d.method === "adbudg" && r.saturation !== "" ? Number(r.saturation) : undefined,
      least: Number(r.least) || 0,
      most: optional(r.most),
      contacts: optional(r.contacts),
      contact_cost: optional(r.contact_cost),
      now: optional(r.now),
    })),
  };
}

/** A kept problem, for people to change. */
export function draftOfProblem(p: AllocationProblem, by: string, as_of?: string): Draft {
  const levels = Math.max(2, ...p.segments.map((s) => s.points.length));
  const cell = (x: number | null): Cell => x ?? "";
  return {
    by, as_of, budget: p.budget, method: p.method, gross: p.gross,
    rows: p.segments.map((s) => ({
      name: s.name, customers: s.customers, levels: Array.from({ length: levels }, (_, i) => s.points[i] ?? { spend: "", return: "" }),
      saturation: cell(s.saturation ?? null), least: s.least || "", most: cell(s.most), contacts: cell(s.contacts), contact_cost: cell(s.contact_cost), now: cell(s.now),
    })),
  };
}

/** The rows that cannot be worked out yet: without a pair of spend and return. */
export function unfinished(d: Draft): string[] {
  return d.rows.filter((r) => !r.levels.some((l) => l.spend !== "" && l.return !== "")).map((r) => r.name);
}

/**
 * Five segments of a hundred customers each: without further spend, with 15 for everybody, and with 40, 20, 10, 5 and 0,
 * which costs the same. The answer is the third.
 */
export function example(names: string[]): Draft {
  const pairs = [[0, 774, 15, 1055, 40, 1285], [0, 502, 15, 684, 20, 713], [0, 274, 10, 357, 15, 374], [0, 96, 5, 120, 15, 131], [0, 21, 15, 24]];
  return {
    by: "", budget: 7500, method: "points", gross: false,
    rows: pairs.map((p, i) => ({
      ...emptyRow(names[i] ?? String(i + 1), 100, 3),
      levels: Array.from({ length: 3 }, (_, j) => ({ spend: p[2 * j] ?? "", return: p[2 * j + 1] ?? "" })),
    })),
  };
}
