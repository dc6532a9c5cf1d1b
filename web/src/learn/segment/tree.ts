import type { Measure, MatrixListFilter, Tree } from "../../api/types";
import type { Format } from "../../ui/format";
import { asked, parsed, typed } from "../measure/conditions";

/** How the parts of a group belong together. */
export const joins = ["all", "any", "none"] as const;
export type Join = (typeof joins)[number];

/** A rule as it is being built: groups of conditions, each with what was typed. */
export type Group = { id: number; join: Join; parts: Node[] };
export type Line = { id: number; field: string; sign: string; typed: string; values: string[] };
export type Node = Group | Line;

let last = 0;
/** Numbers the parts, so that they keep their fields while others come and go. */
const next = () => ++last;

export const isGroup = (n: Node): n is Group => "join" in n;
export const newLine = (): Line => ({ id: next(), field: "", sign: "", typed: "", values: [] });
export const newGroup = (): Group => ({ id: next(), join: "all", parts: [newLine()] });

/** What a condition can be about. */
export type FieldKind = "text" | "choice" | "number" | "date" | "word" | "segment";
export type Field = { key: string; label: string; kind: FieldKind; group: "customer" | "measure" | "segment"; measure?: Measure; options?: { value: string; label: string }[] };

/** The signs of each kind, the usual one first. */
export function signsOf(kind: FieldKind): string[] {
  switch (kind) {
    case "number":
    case "date":
      return [">=", "<=", "=", "!=", ">", "<", "unknown", "known"];
    case "text":
      return ["contains", "starts", "=", "!=", "in", "unknown", "known"];
    case "segment":
      return ["=", "!="];
    default:
      return ["=", "!=", "in", "unknown", "known"];
  }
}

/** The key of a sign's words. */
export function signName(sign: string): string {
  return { ">=": "at_least", "<=": "at_most", "=": "is", "!=": "is_not", ">": "more", "<": "less", in: "one_of", contains: "contains", starts: "starts", unknown: "unknown", known: "known" }[sign] ?? "is";
}

export const takesValue = (sign: string) => sign !== "unknown" && sign !== "known";

/** A value as the interface takes it; nothing when it cannot be one. */
function value(field: Field, text: string, format: Format): string | undefined {
  const plain = text.trim();
  if (plain === "") return undefined;
  if (field.kind !== "number") return plain;
  const number = plain.replace(",", ".");
  if (!Number.isFinite(Number(number))) return undefined;
  return field.measure ? asked(field.measure, number, format) : number;
}

/** Whether the condition says all it needs. */
export function complete(line: Line, field: Field | undefined, format: Format): boolean {
  if (!field || !line.sign) return false;
  if (!takesValue(line.sign)) return true;
  return line.sign === "in" ? line.values.length > 0 : value(field, line.typed, format) !== undefined;
}

/** The rule for the interface; nothing while a part of it is not finished. */
export function toTree(node: Node, fields: Map<string, Field>, format: Format): Tree | undefined {
  if (!isGroup(node)) {
    const field = fields.get(node.field);
    if (!field || !complete(node, field, format)) return undefined;
    const sign = node.sign as Tree["sign"];
    if (!takesValue(node.sign)) return { field: node.field, sign };
    if (node.sign === "in") return { field: node.field, sign, values: node.values };
    return { field: node.field, sign, value: value(field, node.typed, format) };
  }
  const parts = node.parts.map((p) => toTree(p, fields, format));
  if (parts.length === 0 || parts.some((p) => p === undefined)) return undefined;
  const all = parts as Tree[];
  if (node.join === "none") return { not: { any: all } };
  return node.join === "any" ? { any: all } : { all };
}

/** The other way: a kept rule for changing it. The outermost part is a group in any case. */
export function toGroup(tree: Tree | undefined, fields: Map<string, Field>, format: Format): Group {
  if (!tree) return newGroup();
  const node = toNode(tree, fields, format);
  return isGroup(node) ? node : { id: next(), join: "all", parts: [node] };
}

function toNode(tree: Tree, fields: Map<string, Field>, format: Format): Node {
  const group = (join: Join, parts: Tree[]): Group => ({ id: next(), join, parts: parts.map((p) => toNode(p, fields, format)) });
  if (tree.not) return group("none", tree.not.any ?? [tree.not]);
  if (tree.all) return group("all", tree.all);
  if (tree.any) return group("any", tree.any);
  const field = fields.get(tree.field ?? "");
  const text = tree.value ?? "";
  return { id: next(), field: tree.field ?? "", sign: tree.sign ?? "", typed: field?.measure ? typed(field.measure, text, format) : text, values: tree.values ?? [] };
}

/** A list of customers as a rule: everything that narrows it. Nothing for a list of everybody. */
export function ruleOfList(filter: MatrixListFilter): Tree | undefined {
  const parts: Tree[] = [];
  const is = (field: string, value: string | undefined) => value && parts.push({ field, sign: "=", value });
  is("cell", filter.cell);
  is("potential_class", filter.row);
  is("share_class", filter.column);
  is("unit", filter.unit);
  is("owner", filter.owner);
  is("industry", filter.industry);
  is("country", filter.country);
  is("segment", filter.segment);
  const text = filter.q?.trim();
  if (text) parts.push({ any: [{ field: "name", sign: "contains", value: text }, { field: "code", sign: "contains", value: text }] });
  for (const condition of filter.measure ?? []) {
    const c = parsed(condition);
    if (!c) continue;
    if (c.value === "") parts.push({ field: c.key, sign: c.sign === "=" ? "unknown" : "known" });
    else parts.push({ field: c.key, sign: c.sign, value: c.value });
  }
  if (filter.rule) parts.push(JSON.parse(filter.rule) as Tree);
  return parts.length > 1 ? { all: parts } : parts[0];
}
