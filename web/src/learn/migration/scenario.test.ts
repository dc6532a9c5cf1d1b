import { expect, test } from "vitest";
import { dateOf, scenariosOf, yearBefore } from "./scenario";

test("without a choice last year is set against this year", () => {
  expect(scenariosOf({}, "2026-06-30")).toEqual({ from: "actual:2025-06-30", to: "actual:2026-06-30" });
  expect(scenariosOf({ as_of: "2025-12-31" }, "2026-06-30")).toEqual({ from: "actual:2024-12-31", to: "actual:2025-12-31" });
  expect(scenariosOf({ to: "forecast:2026-06-30" }, "2026-06-30").from).toBe("actual:2026-06-30");
  expect(scenariosOf({ to: "budget:2027" }, "2026-06-30").from).toBe("actual:2026-06-30");
  expect(scenariosOf({}, undefined)).toEqual({ from: undefined, to: undefined });
});

test("a leap day has a year before", () => {
  expect(yearBefore("2024-02-29")).toBe("2023-02-28");
});

test("a budget needs no scored date", () => {
  expect([dateOf("actual:2026-06-30"), dateOf("forecast:2026-06-30"), dateOf("budget:2026")]).toEqual(["2026-06-30", "2026-06-30", undefined]);
});
