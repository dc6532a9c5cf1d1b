import { expect, test } from "vitest";
import { answersOf, givenOf, keyFrom, scaleOf, textIn } from "./survey";

const asked = [
  { key: "delivery", text: { en: "Delivery?" }, topic: "satisfaction" as const, required: true },
  { key: "again", text: { en: "Again?" }, topic: "intention" as const, required: false },
  { key: "remark", text: { en: "Anything?" }, topic: "comment" as const, required: false },
];

test("what was not answered is left out, and a score of 0 is an answer", () => {
  const answers = answersOf(asked, { delivery: 8, again: 0, remark: "", gone: 3 });
  expect(answers).toEqual([{ question: "delivery", score: 8 }, { question: "again", score: 0 }]);
  expect(givenOf(answers)).toEqual({ delivery: 8, again: 0 });
});

test("texts fall back to English, then to any language", () => {
  expect(textIn({ en: "Yes", da: "Ja" }, "da")).toBe("Ja");
  expect(textIn({ en: "Yes", da: "Ja" }, "pl")).toBe("Yes");
  expect(textIn({ de: "Ja" }, "pl")).toBe("Ja");
});

test("keys are free", () => {
  expect(keyFrom("Levering & pris", [])).toBe("levering-pris");
  expect(keyFrom("Price", ["price", "price-2"])).toBe("price-3");
  expect(keyFrom("滿意", [])).toBe("q");
});

test("each topic has one scale", () => {
  expect(scaleOf("recommendation")).toEqual({ from: 0, to: 10, words: false });
  expect(scaleOf("ability")).toEqual({ from: 1, to: 10, words: false });
  expect(scaleOf("comment")).toBeNull();
});
