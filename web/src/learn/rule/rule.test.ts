import { expect, test } from "vitest";
import { keyOf } from "./rule";

test("a key comes from the name", () => {
  expect(keyOf("Worth of the customer")).toBe("worth_of_the_customer");
  expect(keyOf("1. Klasse: Größe")).toBe("klasse_gro_e");
  expect(keyOf("…")).toBe("");
});
