import { emptyRow, type Row } from "./draft";

/** What could not be read of a pasted text, by line from 1. */
export type Pasted = { rows: Row[]; wrong: number[] };

/** A number as sheets write it; NaN for what is none. A comma is the decimal mark unless it parts the columns. */
function numberOf(text: string, comma: boolean): number {
  const plain = text.trim().replace(/[\s'’]/g, "").replace(/[€$£%]/g, "");
  if (plain === "") return NaN;
  // 1.234,50 and 1,234.50 are the same amount: the last mark is the decimal one.
  const point = plain.lastIndexOf(".");
  const last = plain.lastIndexOf(",");
  if (!comma && last > point) return Number(plain.replaceAll(".", "").replace(",", "."));
  return Number(plain.replaceAll(",", ""));
}

/**
 * Reads rows of a sheet: segment, customers, and then a spend and its return as often as they are known. Columns are apart
 * by tabs, semicolons or commas. A first line whose second column is no number is a head.
 */
export function parseSheet(text: string): Pasted {
  const lines = text.split(/\r?\n/);
  const filled = lines.filter((l) => l.trim() !== "");
  const sign = filled.some((l) => l.includes("\t")) ? "\t" : filled.some((l) => l.includes(";")) ? ";" : ",";
  const rows: Row[] = [];
  const wrong: number[] = [];
  lines.forEach((line, i) => {
    if (line.trim() === "") return;
    const cells = line.split(sign).map((c) => c.trim().replace(/^"(.*)"$/, "$1"));
    while (cells.length > 2 && cells.at(-1) === "") cells.pop();
    const numbers = cells.slice(1).map((c) => numberOf(c, sign === ","));
    if (line === filled[0] && Number.isNaN(numbers[0])) return;
    const [customers, ...pairs] = numbers;
    if (!cells[0] || customers === undefined || numbers.some(Number.isNaN) || pairs.length < 2 || pairs.length % 2 !== 0) {
      wrong.push(i + 1);
      return;
    }
    const row = emptyRow(cells[0], Math.round(customers), 0);
    for (let j = 0; j < pairs.length; j += 2) row.levels.push({ spend: pairs[j] ?? "", return: pairs[j + 1] ?? "" });
    rows.push(row);
  });
  const most = Math.max(2, ...rows.map((r) => r.levels.length));
  for (const r of rows) while (r.levels.length < most) r.levels.push({ spend: "", return: "" });
  return { rows, wrong };
}
