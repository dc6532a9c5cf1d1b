import { expect, test } from "vitest";
import { keyOf, mistakeAt } from "./rule";

test("a key comes from the name", () => {
  expect(keyOf("Worth of the customer")).toBe("worth_of_the_customer");
  expect(keyOf("1. Klasse: Größe")).toBe("klasse_gro_e");
  expect(keyOf("…")).toBe("");
});

test("a mistake is found at its character", () => {
  expect(mistakeAt({ "rules[1].expression[9]": "Wrong." }, 1)).toEqual({ character: 9, detail: "Wrong." });
  expect(mistakeAt({ "rules[1].expression[9]": "Wrong." }, 0)).toBeUndefined();
  expect(mistakeAt({ "rules[0].key": "Taken." }, 0)).toBeUndefined();
});
