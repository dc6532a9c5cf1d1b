import { expect, it } from "vitest";
import { into, questionOf, stepsOf, wayOf } from "./way";

it.each([[[]], [["unit:1"]], [["channel:a,b", "channel:50%", "channel:%2C", "month:2026-01-01"]]])("the way survives the address: %j", (steps) => {
  expect(stepsOf(wayOf(steps))).toEqual(steps);
});

it("asks for what the address says and nothing else", () => {
  expect(questionOf({ from: "2026-01", to: "x", at: "unit:1,channel:web", by: "colour" })).toEqual({ from: "2026-01-01", to: undefined, at: ["unit:1", "channel:web"], by: undefined });
  expect(into({ from: "2026-01", at: "unit:1", by: "person", tab: "x" }, "person", "2", "customer")).toEqual({ from: "2026-01", to: undefined, at: "unit:1,person:2", by: "customer" });
});
