import { describe, expect, it } from "vitest";
import type { ColumnRule, ImportKind } from "../../api/types";
import { entryOf, inOrder, mappingOf, missing, missingFiles, noRule, ruleOf } from "./mapping";

const columns = ["CustNo", "Annual-Sales", "Name"];
const lookup = { file: "store.csv", key: "id", value: "name" };

describe("a mapping survives the form", () => {
  const cases: (string | ColumnRule)[] = [
    "CustNo",
    "Annual-Sales",
    "AnnualSales * 0.3",
    { constant: "declared" },
    { constant: "A1", lookup, map: { a: "b" } },
    { column: "Amount", factor: "0.3" },
    { column: "Price * Qty", factor: "0.3" },
    { column: "Type", map: { R: "organisation", P: "person", "": "person" }, default: "organisation" },
    { column: "Id", lookup },
    { column: "Id", lookup: [lookup, { file: "b.csv", key: "k", value: "v" }], default: "AW" },
    { column: "Date", format: "dd.mm.yyyy" },
    { column: "Name", split: { by: ", ", part: -1 } },
    { join: ["Name", "CustNo"] },
    { join: ["Name", "CustNo"], with: "" },
    { join: ["Name", { column: "Id", lookup }, { constant: "x" }], with: " > ", map: { a: "b" }, default: "none" },
    { row: true },
  ];
  it.each(cases)("%j", (entry) => {
    expect(entryOf(ruleOf(entry, columns))).toEqual(entry);
  });
});

describe("rules", () => {
  it("leaves unmapped fields out", () => {
    expect(mappingOf("customers", " erp ", { code: ruleOf("CustNo", columns), name: noRule })).toEqual({
      kind: "customers",
      source: "erp",
      columns: { code: "CustNo" },
    });
  });
  it("leaves out a lookup that is not complete, and an empty line of a value map", () => {
    const rule = { ...ruleOf("CustNo", columns), lookups: [{ ...lookup, value: "" }], map: [["", ""]] as [string, string][] };
    expect(entryOf(rule)).toBe("CustNo");
  });
  it("takes a decimal comma as factor", () => {
    expect(entryOf({ ...noRule, by: "column", column: "A", factor: "0,3" })).toEqual({ column: "A", factor: "0.3" });
  });
  it("reads numbers and truth values of a mapping file", () => {
    expect(ruleOf({ constant: 7 }, columns)).toMatchObject({ by: "constant", constant: "7" });
  });
  it("names required fields without a rule", () => {
    const field = (name: string, label: string, required: boolean) => ({ name, label, type: "text" as const, required, help: "" });
    const kind: ImportKind = { key: "customers", label: "Customers", fields: [field("code", "Code", true), field("name", "Name", true), field("city", "City", false)] };
    expect(missing(kind, { code: ruleOf("CustNo", columns) })).toEqual(["Name"]);
  });
  it("names files that lookups need, once each", () => {
    const rules = { a: ruleOf({ column: "Id", lookup }, columns), b: ruleOf({ column: "Id", lookup }, columns), c: ruleOf({ column: "Id", lookup: { ...lookup, file: "there.csv" } }, columns) };
    expect(missingFiles(rules, [{ id: "1", name: "there.csv" }])).toEqual(["store.csv"]);
  });
});

it("offers the kinds in the order to import them, new ones last", () => {
  const kinds = ["purchases", "surprises", "customers", "units"].map((key) => ({ key, label: key, fields: [] }));
  expect(inOrder(kinds).map((k) => k.key)).toEqual(["units", "customers", "purchases", "surprises"]);
});
