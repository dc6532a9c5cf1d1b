import { expect, it } from "vitest";
import { safeNext } from "../app/sign-in";
import { webAddress } from "../know/customer/master";
import { parseSearch, stringifySearch } from "./search";

it.each([{ cell: "gold_bubble", sort: "-revenue" }, { q: "Æ & ø=1", n: "007" }, {}])("page state survives the address: %j", (state) => {
  expect(parseSearch(stringifySearch(state))).toEqual(state);
});

it("leaves empty state out of the address", () => {
  expect(stringifySearch({ q: "", unit: undefined, owner: "x" })).toBe("?owner=x");
});

it.each([
  ["/map/customers?cell=gold_bubble", "/map/customers?cell=gold_bubble"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
  ["/sign-in?next=/x", "/"],
  [undefined, "/"],
])("after sign-in only to this site: %s", (next, expected) => expect(safeNext(next)).toBe(expected));

it.each([
  ["www.example.com", "https://www.example.com"],
  ["http://example.com/a", "http://example.com/a"],
  ["javascript:alert(1)", undefined],
])("only web addresses become links: %s", (text, expected) => expect(webAddress(text)).toBe(expected));
