import { expect, test } from "vitest";
import { beginnings, parsed, questionOf, written } from "./scenario";

test("a scenario in the address is read and written back", () => {
  for (const text of [...beginnings, "gold_bubble*a,b*0.5", "gold_bubble**gold_sailer"]) expect(written(parsed(text))).toBe(text);
  expect(parsed("gold_bubble*3*0.5")).toEqual({ from: "gold_bubble", customers: 3, chosen: undefined, share: 0.5 });
  expect(parsed("gold_bubble*a,b*gold_sailer")).toEqual({ from: "gold_bubble", customers: 1, chosen: ["a", "b"], to: "gold_sailer" });
});

test("only a complete scenario is asked", () => {
  expect(questionOf(parsed("gold_bubble*3*gold_sailer"))).toEqual({ from: "gold_bubble", customers: 3, chosen: undefined, to: "gold_sailer", share: undefined });
  for (const text of ["", "gold_bubble*3*", "gold_bubble**gold_sailer", "gold_bubble*3*0"]) expect(questionOf(parsed(text))).toBeUndefined();
});
