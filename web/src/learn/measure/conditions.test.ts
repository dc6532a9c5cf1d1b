import { expect, test } from "vitest";
import type { Measure } from "../../api/types";
import { makeFormat } from "../../ui/format";
import { asked, conditionsOf, joined, parsed, typed } from "./conditions";

const format = makeFormat("en-GB", "DKK");
const of = (unit: Measure["unit"]) => ({ key: "m", unit }) as Measure;

test("conditions stand in the address in one word", () => {
  expect(conditionsOf("rfm_r=5|share>=0.5")).toEqual(["rfm_r=5", "share>=0.5"]);
  expect(conditionsOf(undefined)).toEqual([]);
  expect(joined([])).toBeUndefined();
  expect(joined(["rfm_r=5", "share>=0.5"])).toBe("rfm_r=5|share>=0.5");
});

test("a condition is a measure, a sign and a value", () => {
  expect(parsed("share>=0.5")).toEqual({ key: "share", sign: ">=", value: "0.5" });
  expect(parsed("potential!=")).toEqual({ key: "potential", sign: "!=", value: "" });
  expect(parsed("nonsense")).toBeUndefined();
});

test("people type major units and per cent", () => {
  expect(asked(of("money"), "1000", format)).toBe("100000");
  expect(typed(of("money"), "100000", format)).toBe("1000");
  expect(asked(of("share"), "60", format)).toBe("0.6");
  expect(typed(of("share"), "0.6", format)).toBe("60");
  expect(asked(of("points"), "40", format)).toBe("40");
  expect(asked(of("money"), "", format)).toBe("");
});
