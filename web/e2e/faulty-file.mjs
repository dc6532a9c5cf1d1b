// A file of purchases with forty kinds of error, each in a row of its own.

export const columns = ["Document", "Line", "Date", "Customer", "Product", "Quantity", "Revenue", "Cost", "Currency", "Seller", "Channel"];

const long = "x".repeat(12_000); // more than any field keeps

/** What stands in a cell instead of what should, by column and the code of the reason. */
const cells = [
  ["Document", "too_long", long], ["Document", "error_cell", "#REF!"],
  ["Line", "too_long", long], ["Line", "error_cell", "#NAME?"],
  ["Date", "empty", ""], ["Date", "date", "31/31/2026"], ["Date", "error_cell", "#VALUE!"],
  ["Customer", "empty", ""], ["Customer", "no_customer", "NOBODY"], ["Customer", "too_long", long], ["Customer", "error_cell", "#N/A"],
  ["Product", "no_product", "NOTHING"], ["Product", "too_long", long], ["Product", "error_cell", "#N/A"],
  ["Quantity", "number", "two"], ["Quantity", "error_cell", "#DIV/0!"],
  ["Revenue", "empty", ""], ["Revenue", "number", "1.2.3"], ["Revenue", "amount_large", "999999999999"], ["Revenue", "error_cell", "#VALUE!"],
  ["Cost", "number", "cheap"], ["Cost", "amount_large", "999999999999"], ["Cost", "error_cell", "#NUM!"],
  ["Currency", "currency", "crowns"], ["Currency", "rate_none", "JPY"], ["Currency", "too_long", long], ["Currency", "error_cell", "#N/A"],
  ["Seller", "no_person", "NOBODY"], ["Seller", "too_long", long], ["Seller", "error_cell", "#NULL!"],
  ["Channel", "too_long", long], ["Channel", "error_cell", "#CALC!"],
];

/** What is wrong with a row as a whole, by where it is told; each gets the good row as cells and as text, and the first row. */
const wholes = [
  ["Line", "line_row", (row, _, first) => [...first.slice(0, 2), ...row.slice(2)].join(",")],
  ["Currency", "rate_late", (row) => row.with(2, "1980-01-31").with(8, "EUR").join(",")],
  ["Date", "totals", () => "Total,,,,,2000,100500,60250,,,"],
  ["", "cells_few", (row) => row.slice(0, 4).join(",")],
  ["", "cells_many", (_, text) => `${text},one,more`],
  ["", "quote_inside", (_, text) => text.replace(/^("F\d+")/, "$1x")],
  ["", "row_zero_byte", (_, text) => text.replace("2026", "20\u000026")],
  ["", "row_encoding", (_, text) => text.replace("på", "p\ue000")],
];

/** The file as bytes, its rows as they should be by line, and what is to be said of which line. */
export function faultyFile(customer, product, seller, currency) {
  const rows = Array.from({ length: 1000 }, (_, i) => [`F${i}`, "1", `2026-03-${String(1 + (i % 28)).padStart(2, "0")}`, customer, product, "2", "100.50", "60.25", currency, seller, "butik på nettet"]);
  // Good rows surround the bad ones, so that the form of the file is plain.
  const texts = rows.map((row) => `"${row[0]}",${row.slice(1).join(",")}`);
  const kinds = [];
  let at = 10;
  for (const [column, code, value] of cells) {
    texts[at] = rows[at].map((cell, i) => (columns[i] === column ? value : cell)).join(",");
    kinds.push({ line: at + 2, column, code });
    at++;
  }
  for (const [column, code, spoil] of wholes) {
    texts[at] = spoil(rows[at], texts[at], rows[0]);
    kinds.push({ line: at + 2, column, code });
    at++;
  }
  const text = `${columns.join(",")}\n${texts.join("\n")}\n`;
  const [before, after] = text.split("\ue000"); // there a letter stands as CP1252 writes it, in a file of UTF-8
  return { bytes: Buffer.concat([Buffer.from(before), Buffer.of(0xe5), Buffer.from(after)]), rows, kinds };
}
