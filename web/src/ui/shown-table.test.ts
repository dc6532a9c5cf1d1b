import { describe, expect, it } from "vitest";
import { makeFormat } from "./format";
import { readChart, reader, readTable } from "./shown-table";

describe("values are read back as a page writes them", () => {
  for (const locale of ["en-GB", "da-DK", "de-DE", "nl-NL", "pl-PL", "zh-Hant-TW"]) {
    const format = makeFormat(locale, "DKK");
    const read = reader(locale);
    it(locale, () => {
      for (const n of [0, 7, -12, 1234, 1234567]) expect(read(format.number(n))).toEqual({ number: n });
      expect(read(format.quantity(1234.5))).toEqual({ number: 1234.5, digits: 1 });
      expect(read(format.percent(0.4283))).toEqual({ number: 0.428, percent: true, digits: 1 });
      expect(read(format.percent(-0.05))).toEqual({ number: -0.05, percent: true, digits: 1 });
      expect(read(format.cut(0.25))).toEqual({ number: 0.25, percent: true });
      expect(read(format.money(-123456))).toEqual({ number: -1234.56, digits: 2, currency: "DKK" });
      expect(read(format.short(124_000_000))).toEqual({ number: 1_240_000 });
      expect(read(format.date("2026-05-09"))).toEqual({ date: "2026-05-09" });
      expect(read(format.number(null))).toEqual({});
      for (const text of ["Gold", "12 of 34", "=1+1", "2026-05", "1,2,3.4.5", "DKK"]) expect(read(text)).toEqual({ text });
    });
  }
});

function table(html: string): HTMLTableElement {
  const box = document.createElement("div");
  box.innerHTML = html;
  return box.querySelector("table")!;
}

describe("a table of the page", () => {
  const read = reader("en-GB");
  it("keeps codes as text, numbers as numbers, and leaves pictures and empty columns out", () => {
    const shown = table(`<table>
      <thead><tr><th>Code</th><th style="text-align: right">Revenue <button><svg></svg></button></th><th aria-label="bar"></th><th>Changed</th></tr></thead>
      <tbody>
        <tr><td>00123</td><td style="text-align: right"><a class="num">DKK 1,234.50</a></td><td aria-hidden="true"><span>bar</span></td><td>9 May 2026</td></tr>
        <tr><th>=SUM(A1)</th><td style="text-align: right">–</td><td></td><td><span>over</span><span>due</span></td></tr>
      </tbody>
      <tfoot><tr><td colspan="3">All</td><td>1</td></tr></tfoot></table>`);
    expect(readTable(shown, "T", read)).toEqual({
      title: "T",
      columns: ["Code", "Revenue (DKK)", "Changed"],
      rows: [
        [{ text: "00123" }, { number: 1234.5, digits: 2, currency: "DKK" }, { date: "2026-05-09" }],
        [{ text: "=SUM(A1)" }, {}, { text: "over due" }],
        [{ text: "All" }, {}, { text: "1" }],
      ],
    });
  });
  it("joins heads of two rows, and reads what stands in fields", () => {
    const shown = table(`<table>
      <thead><tr><th rowspan="2">Cell</th><th colspan="2">Then</th></tr><tr><th>n</th><th>%</th></tr></thead>
      <tbody><tr><td>Gold</td><td class="num">3</td><td><input value="x" /></td></tr></tbody></table>`);
    expect(readTable(shown, "", read)).toEqual({ title: "", columns: ["Cell", "Then – n", "Then – %"], rows: [[{ text: "Gold" }, { number: 3 }, { text: "x" }]] });
  });
  it("reads the table of a chart", () => {
    expect(readChart({ head: ["Month", "Revenue"], rows: [["2026", "1,200"]] }, "C", read).rows).toEqual([[{ text: "2026" }, { number: 1200 }]]);
  });
});
