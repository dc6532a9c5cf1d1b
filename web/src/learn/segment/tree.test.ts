import { expect, test } from "vitest";
import type { Measure, Tree } from "../../api/types";
import { makeFormat } from "../../ui/format";
import { ruleOfList, toGroup, toTree, type Field } from "./tree";

const format = makeFormat("en-GB", "DKK");
const measure = (key: string, unit: string) => ({ key, label: key, unit }) as Measure;
const fields = new Map<string, Field>(
  [
    { key: "name", label: "Name", kind: "text", group: "customer" } as Field,
    { key: "revenue", label: "Revenue", kind: "number", group: "measure", measure: measure("revenue", "money") } as Field,
    { key: "share", label: "Share", kind: "number", group: "measure", measure: measure("share", "share") } as Field,
    { key: "segment", label: "Segment", kind: "segment", group: "segment" } as Field,
  ].map((f) => [f.key, f]),
);

test("a rule survives being taken apart and put together", () => {
  const rule: Tree = {
    all: [
      { any: [{ field: "revenue", sign: ">=", value: "150000" }, { field: "share", sign: "<", value: "0.25" }] },
      { not: { any: [{ field: "name", sign: "in", values: ["a", "b"] }, { field: "share", sign: "unknown" }] } },
      { field: "segment", sign: "!=", value: "x" },
    ],
  };
  const group = toGroup(rule, fields, format);
  expect(JSON.stringify(group)).toContain('"typed":"1500"'); // people type whole kroner
  expect(JSON.stringify(group)).toContain('"typed":"25"'); // and per cent
  expect(toTree(group, fields, format)).toEqual(rule);
});

test("a single condition and a single not become groups of the same meaning", () => {
  expect(toTree(toGroup({ field: "name", sign: "starts", value: "A" }, fields, format), fields, format)).toEqual({ all: [{ field: "name", sign: "starts", value: "A" }] });
  expect(toTree(toGroup({ not: { all: [{ field: "share", sign: "known" }] } }, fields, format), fields, format)).toEqual({ not: { any: [{ all: [{ field: "share", sign: "known" }] }] } });
});

test("an unfinished condition is no rule", () => {
  const group = toGroup({ field: "revenue", sign: ">=", value: "100" }, fields, format);
  expect(toTree({ ...group, parts: [{ ...group.parts[0]!, typed: "many" } as never] }, fields, format)).toBeUndefined();
  expect(toTree({ ...group, parts: [] }, fields, format)).toBeUndefined();
});

test("a list is a rule of all that narrows it", () => {
  expect(ruleOfList({})).toBeUndefined();
  expect(ruleOfList({ cell: "gold_bubble", sort: "-revenue" })).toEqual({ field: "cell", sign: "=", value: "gold_bubble" });
  expect(ruleOfList({ row: "gold", q: " ab ", measure: ["share>=0.5", "potential="], segment: "s" })).toEqual({
    all: [
      { field: "potential_class", sign: "=", value: "gold" },
      { field: "segment", sign: "=", value: "s" },
      { any: [{ field: "name", sign: "contains", value: "ab" }, { field: "code", sign: "contains", value: "ab" }] },
      { field: "share", sign: ">=", value: "0.5" },
      { field: "potential", sign: "unknown" },
    ],
  });
});
