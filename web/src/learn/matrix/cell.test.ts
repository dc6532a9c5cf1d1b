import { describe, expect, it } from "vitest";
import type { Matrix, MatrixFigures } from "../../api/types";
import { behind, figureOf, partOf, unknownOf, weight } from "./cell";

const of = (customers: number, revenue: number, unused = 0): MatrixFigures => ({ customers, revenue, share_of_customers: 0, share_of_revenue: 0, potential: 0, unused });
const matrix = {
  cells: [
    { key: "gold_bubble", row: "gold", column: "bubble", ...of(10, 400) },
    { key: "gold_loyal", row: "gold", column: "loyal", ...of(5, 100) },
    { key: "silver_prospect", row: "silver", column: "prospect", ...of(20, -50) },
    { key: "unknown", row: "unknown", column: "unknown", ...of(1000, 9999) },
  ],
  total: of(1035, 10449),
} as unknown as Matrix;

describe("tint", () => {
  it.each([
    ["gold_bubble", 1],
    ["gold_loyal", 0.5],
    ["silver_prospect", 0],
  ])("%s is measured against the largest named cell, not the unknown", (key, expected) => {
    const cell = matrix.cells.find((c) => c.key === key)!;
    expect(weight(matrix, cell, "revenue")).toBe(expected);
  });
});

it("a part of nothing is not a number", () => expect(partOf(matrix, of(1, 1), "unused")).toBeNull());
it("an unknown figure in the address means revenue", () => expect(figureOf("nonsense")).toBe("revenue"));
it("finds the customers without potential", () => expect(unknownOf(matrix)?.customers).toBe(1000));
it("a number opens its own customers: date and filters stay, the order is by what was clicked", () => {
  expect(behind({ as_of: "2026-10-31", unit: "u1", figure: "revenue", tab: "x" }, { cell: "gold_bubble" }, "unused")).toEqual({
    as_of: "2026-10-31", unit: "u1", owner: undefined, industry: undefined, country: undefined, cell: "gold_bubble", sort: "-unused",
  });
});
