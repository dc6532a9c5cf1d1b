import { describe, expect, it } from "vitest";
import { digitsOf, major, makeFormat, minor } from "./format";

const plain = (s: string) => s.replace(/[\u00a0\u202f]/g, " ");

describe("money has the digits of its currency", () => {
  it.each([
    ["DKK", 2, 123456, 1234.56],
    ["JPY", 0, 123456, 123456],
    ["KWD", 3, 123456, 123.456],
    ["not a code", 2, 123456, 1234.56],
  ])("%s", (currency, digits, units, amount) => {
    expect(digitsOf(currency)).toBe(digits);
    expect(major(units, currency)).toBe(amount);
    expect(minor(amount, currency)).toBe(units);
  });
  it("rounds typed amounts to whole minor units", () => expect(minor(0.1 + 0.2, "EUR")).toBe(30));
});

describe("numbers are written as in the language", () => {
  const en = makeFormat("en-GB", "DKK");
  const da = makeFormat("da-DK", "DKK");
  it("money", () => {
    expect(plain(en.money(123456))).toBe("DKK 1,234.56");
    expect(plain(da.money(123456))).toBe("1.234,56 DKK");
    expect(plain(en.round(123400))).toBe("DKK 1,234");
    expect(en.exact(-245000)).toBe("-2,450.00");
    expect(en.exact(100, "EUR")).toBe("1.00 EUR");
  });
  it("short", () => {
    expect(en.short(124_000_000)).toBe("1.24m");
    expect(en.short(1_200_000_000)).toBe("12.0m");
    expect(en.short(25_000_000)).toBe("250k");
    expect(en.short(28_300)).toBe("283");
    expect(en.short(0)).toBe("0");
    expect(en.cutMoney(120_000_000)).toBe("1.2m DKK");
  });
  it("shares", () => {
    expect(en.percent(0.651)).toBe("65.1%");
    expect(en.cut(0.25)).toBe("25%");
  });
  it("days do not move with the time zone", () => expect(en.date("2026-10-31")).toBe("31 Oct 2026"));
  it("countries by code, anything else as it is", () => {
    expect(en.country("DK")).toBe("Denmark");
    expect(en.country("Danmark")).toBe("Danmark");
  });
  it("nothing is a dash, not zero", () => {
    for (const show of [en.money, en.amount, en.percent, en.short, en.number]) expect(show(null)).toBe("–");
  });
});
