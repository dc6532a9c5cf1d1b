import type { ColumnRule, ImportKind, Lookup, Mapping } from "../../api/types";

/**
 * A field's rule as the form edits it. `by` says what leads: a column, a
 * constant or an expression; the rest refines it. A constant keeps what a
 * mapping file says about it though the form does not show that.
 */
export type Rule = {
  by: "none" | "column" | "constant" | "expression" | "join" | "row";
  column: string;
  constant: string;
  expression: string;
  /** What is put together, as a mapping says it, and what stands between. */
  join: (string | ColumnRule)[];
  with: string;
  /** Which part of the cell is meant; no separator: all of it. */
  split: { by: string; part: number };
  /** Other files the value is passed through, one after the other. */
  lookups: Lookup[];
  /** What stands in the file, and what it means. */
  map: [from: string, to: string][];
  factor: string;
  format: string;
  fallback: string;
};

export const noRule: Rule = { by: "none", column: "", constant: "", expression: "", join: [], with: " ", split: { by: "", part: 1 }, lookups: [], map: [], factor: "", format: "", fallback: "" };

const text = (value: string | number | boolean | undefined): string => (value === undefined ? "" : String(value));

/** A mapping's entry as a rule. A text is a column's name, or an expression if no column is called so. */
export function ruleOf(entry: string | ColumnRule | undefined, columns: string[]): Rule {
  if (entry === undefined) return noRule;
  const of: ColumnRule = typeof entry === "string" ? { column: entry } : entry;
  const column = of.column ?? "";
  const calculated = !columns.includes(column) && /[*+/()-]/.test(column);
  return {
    by: leads(of, calculated),
    column: calculated ? "" : column,
    expression: calculated ? column : "",
    constant: text(of.constant),
    join: of.join ?? [],
    with: of.with ?? " ",
    split: of.split ?? noRule.split,
    lookups: of.lookup === undefined ? [] : Array.isArray(of.lookup) ? of.lookup : [of.lookup],
    map: Object.entries(of.map ?? {}),
    factor: text(of.factor),
    format: of.format ?? "",
    fallback: text(of.default),
  };
}

function leads(of: ColumnRule, calculated: boolean): Rule["by"] {
  if (of.row) return "row";
  if (of.join?.length) return "join";
  if (of.constant !== undefined && !of.column) return "constant";
  return calculated ? "expression" : "column";
}

/** The columns that are joined, if nothing more is said of any of them. */
export function plainJoin(rule: Rule): string[] | undefined {
  return rule.join.every((j) => typeof j === "string") ? rule.join : undefined;
}

/** The shortest mapping entry that says the rule; undefined for a field that is not mapped. */
export function entryOf(rule: Rule): string | ColumnRule | undefined {
  const lead: ColumnRule = {};
  if (rule.by === "none") return undefined;
  if (rule.by === "constant") {
    if (rule.constant === "") return undefined;
    lead.constant = rule.constant;
  } else {
    if (rule.by === "row") lead.row = true;
    else if (rule.by === "join") {
      if (rule.join.length === 0) return undefined;
      lead.join = rule.join;
      if (rule.with !== " ") lead.with = rule.with;
    } else lead.column = rule.by === "column" ? rule.column : rule.expression.trim();
    if (lead.column === "") return undefined;
    if (rule.factor.trim()) lead.factor = rule.factor.trim().replace(",", ".");
    if (rule.format.trim()) lead.format = rule.format.trim();
    if (rule.fallback.trim()) lead.default = rule.fallback.trim();
  }
  if (rule.split.by !== "") lead.split = rule.split;
  const lookups = rule.lookups.filter((l) => l.file && l.key && l.value);
  if (lookups.length > 0) lead.lookup = lookups.length === 1 ? lookups[0] : lookups;
  const map = Object.fromEntries(rule.map.filter(([from, to]) => from !== "" || to !== ""));
  if (Object.keys(map).length > 0) lead.map = map;
  return lead.column !== undefined && Object.keys(lead).length === 1 ? lead.column : lead;
}

/** How many refinements the form shows of a rule: the mark on its button. */
export function refinements(rule: Rule): number {
  return [rule.factor, rule.format, rule.fallback, rule.split.by].filter((x) => x !== "").length + (rule.map.length > 0 ? 1 : 0) + (rule.lookups.length > 0 ? 1 : 0);
}

/** `unknown` says by field what becomes of rows that name what nobody knows. */
export function mappingOf(kind: string, source: string, rules: Record<string, Rule>, unknown: Record<string, string> = {}): Mapping {
  const columns: Mapping["columns"] = {};
  for (const [field, rule] of Object.entries(rules)) {
    const entry = entryOf(rule);
    if (entry !== undefined) columns[field] = entry;
  }
  const created = Object.fromEntries(Object.entries(unknown).filter(([field, what]) => what === "create" && columns[field] !== undefined));
  return { kind, ...(source.trim() ? { source: source.trim() } : {}), columns, ...(Object.keys(created).length > 0 ? { unknown: created } : {}) };
}

/** Required fields that no rule fills yet. */
export function missing(kind: ImportKind, rules: Record<string, Rule>): string[] {
  return kind.fields.filter((f) => f.required && entryOf(rules[f.name] ?? noRule) === undefined).map((f) => f.label);
}

/** Files that lookups name and that were not given, by name. */
export function missingFiles(rules: Record<string, Rule>, given: { id: string; name: string }[]): string[] {
  const named = Object.values(rules).flatMap((r) => (r.by === "none" ? [] : r.lookups.map((l) => l.file)));
  return [...new Set(named)].filter((name) => name && !given.some((f) => f.name === name || f.id === name));
}

// What rows refer to must be there first: this is the order to import in.
const order = ["units", "people", "products", "customers", "potentials", "rates", "purchases", "budgets", "interactions", "answers"];

/** The kinds in the order to import them in; one that is not known here comes last. */
export function inOrder(kinds: ImportKind[]): ImportKind[] {
  const place = (k: ImportKind) => (order.includes(k.key) ? order.indexOf(k.key) : order.length);
  return [...kinds].sort((a, b) => place(a) - place(b));
}
