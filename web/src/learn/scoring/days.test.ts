import { expect, it } from "vitest";
import { daysToCompute, monthEnd } from "./days";

it.each([
  ["2026-02-11", 0, "2026-02-28"],
  ["2024-02-11", 0, "2024-02-29"],
  ["2026-01-31", -1, "2025-12-31"],
  ["2026-03-31", -1, "2026-02-28"],
])("the month of %s, %d on, ends on %s", (of, months, end) => expect(monthEnd(of, months)).toBe(end));

const bought = (to?: string) => [{ kind: "purchases" as const, count: 1, to }];
it("offers today where purchases go on", () => expect(daysToCompute("2026-11-22", bought("2026-11-20"))).toEqual(["2026-11-22", "2026-10-31"]));
it("offers the end of old purchases first", () => expect(daysToCompute("2026-11-22", bought("2013-11-29"))).toEqual(["2013-11-30", "2026-11-22", "2026-10-31"]));
it("offers today where nothing was bought", () => expect(daysToCompute("2026-11-22", bought())).toEqual(["2026-11-22", "2026-10-31"]));
