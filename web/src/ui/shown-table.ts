import type { Format } from "./format";

/** A value as the server writes it into a file: a number, a date or a text; nothing for an empty cell. */
export type SheetCell = { text?: string; number?: number; date?: string; percent?: boolean; digits?: number; currency?: string };
export type SheetTable = { title: string; notes?: string[]; columns: string[]; rows: SheetCell[][] };

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const blank = /[\s\u00a0\u202f]+/g;

/**
 * Reads values back from how a page writes them in a language: what is shown
 * is what is saved, rounded as it stands there. `format` is that of the page.
 */
export function reader(locale: Format["locale"]): (text: string) => SheetCell {
  const part = (type: Intl.NumberFormatPartTypes) => new Intl.NumberFormat(locale).formatToParts(-1234567.8).find((p) => p.type === type)?.value ?? "";
  const decimal = part("decimal");
  const group = part("group").replace(blank, " ");
  const powers = powersOf(locale);
  const suffix = [...powers.keys()].map(escape).join("|") || "(?!)";
  const digits = `(\\d{1,3}(?:${escape(group)}\\d{3})+|\\d+)(?:${escape(decimal)}(\\d+))?`;
  const number = new RegExp(`^(?:([A-Z]{3}) )?([-−+]?)(?:([A-Z]{3}) )?${digits} ?(${suffix})? ?(%)?(?: ([A-Z]{3}))?$`);
  const date = dateOf(locale);
  return (given) => {
    const text = given.replace(blank, " ").trim();
    if (text === "" || text === "–") return {};
    const day = date(text);
    if (day) return { date: day };
    const found = number.exec(text);
    if (!found) return { text };
    const [, before, sign, inside, whole = "", fraction = "", power, percent, after] = found;
    const currency = before ?? inside ?? after;
    const value = Number(`${whole.replaceAll(group, "")}.${fraction || 0}`) * (power ? (powers.get(power) ?? 1) : 1);
    const signed = sign === "-" || sign === "−" ? -value : value;
    return {
      // A share of a tenth of a percent has three digits, whatever the division leaves behind them.
      number: percent ? Number((signed / 100).toFixed(fraction.length + 2)) : signed,
      ...(percent ? { percent: true } : {}),
      ...(fraction && !power ? { digits: Math.min(fraction.length, 6) } : {}),
      ...(currency ? { currency } : {}),
    };
  };
}

/** What "k" and "m" stand for in a language. */
function powersOf(locale: string): Map<string, number> {
  const compact = new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 });
  const powers = new Map<string, number>();
  for (let power = 1e3; power <= 1e13; power *= 10) {
    const parts = compact.formatToParts(power);
    const sign = parts.find((p) => p.type === "compact")?.value.replace(blank, " ");
    const shown = Number(parts.filter((p) => p.type === "integer").map((p) => p.value).join(""));
    if (sign && shown > 0) powers.set(sign, power / shown);
  }
  return powers;
}

function dateOf(locale: string): (text: string) => string | undefined {
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const months = new Map(Array.from({ length: 12 }, (_, m) => [day.formatToParts(Date.UTC(2026, m, 15)).find((p) => p.type === "month")?.value ?? "", m + 1]));
  const pattern = day
    .formatToParts(Date.UTC(2026, 4, 15))
    .map((p) => ({ day: "(?<day>\\d{1,2})", month: `(?<month>${[...months.keys()].map(escape).join("|")})`, year: "(?<year>\\d{4})" })[p.type as string] ?? escape(p.value.replace(blank, " ")))
    .join("");
  const whole = new RegExp(`^${pattern}$`);
  return (text) => {
    const found = whole.exec(text)?.groups;
    return found && `${found.year}-${String(months.get(found.month ?? "")).padStart(2, "0")}-${(found.day ?? "").padStart(2, "0")}`;
  };
}

/** The words of an element as they are read: without pictures, with what stands in fields. */
export function wordsOf(element: Element): string {
  const words: string[] = [];
  const read = (node: Node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      // Texts beside each other in one element belong together; elements stand apart.
      const together = node.previousSibling?.nodeType === Node.TEXT_NODE && words.length > 0;
      if (together) words[words.length - 1] += node.textContent ?? "";
      else words.push(node.textContent ?? "");
    } else if (node instanceof HTMLInputElement) {
      words.push(node.type === "checkbox" ? (node.checked ? "✓" : "") : node.value);
    } else if (node instanceof Element && node.getAttribute("aria-hidden") !== "true" && !["svg", "style"].includes(node.tagName.toLowerCase())) {
      node.childNodes.forEach(read);
    }
  };
  read(element);
  return words.join(" ").replace(blank, " ").trim();
}

/** The cells of some rows in their columns: those that span several stand in the first, heads in all of them. */
function gridOf(rows: HTMLTableRowElement[], heads = false): (HTMLTableCellElement | undefined)[][] {
  const grid: (HTMLTableCellElement | undefined)[][] = rows.map(() => []);
  const taken = rows.map(() => new Set<number>());
  rows.forEach((row, i) => {
    let at = 0;
    for (const cell of row.cells) {
      while (taken[i]?.has(at)) at++;
      for (let down = 0; down < cell.rowSpan; down++) {
        for (let right = 0; right < cell.colSpan; right++) {
          taken[i + down]?.add(at + right);
          if (heads && grid[i + down]) grid[i + down]![at + right] = cell;
        }
      }
      grid[i]![at] = cell;
      at += cell.colSpan;
    }
  });
  return grid;
}

/** Numbers stand to the right or have digits of equal width; anything else that looks like a number, such as a code, stays text. */
function isNumeric(cell: HTMLTableCellElement): boolean {
  return cell.classList.contains("num") || cell.querySelector(".num") !== null || ["right", "end"].includes(cell.style.textAlign);
}

/** A table of the page as it is shown now. */
export function readTable(table: HTMLTableElement, title: string, read: (text: string) => SheetCell): SheetTable {
  const heads = gridOf([...(table.tHead?.rows ?? [])], true);
  const body = gridOf([...table.tBodies, ...(table.tFoot ? [table.tFoot] : [])].flatMap((part) => [...part.rows]));
  const width = Math.max(1, ...[...heads, ...body].map((row) => row.length));
  const columns = Array.from({ length: width }, (_, i) => [...new Set(heads.map((row) => row[i]).map((cell) => (cell ? wordsOf(cell) : "")).filter(Boolean))].join(" – "));
  const rows = body.map((row) =>
    Array.from(row, (cell): SheetCell => {
      if (!cell) return {};
      const text = wordsOf(cell);
      const value = read(text);
      return value.number === undefined || isNumeric(cell) ? value : { text };
    }),
  );
  return tidy({ title, columns, rows });
}

/** The table of a chart, whose first column names what the others count. */
export function readChart(table: { head: string[]; rows: string[][] }, title: string, read: (text: string) => SheetCell): SheetTable {
  return tidy({ title, columns: table.head, rows: table.rows.map((row) => row.map((cell, i) => (i ? read(cell) : { text: cell }))) });
}

/** Without columns that say nothing; the currency of a column also in its head, and where it changes in the text alone. */
function tidy(table: SheetTable): SheetTable {
  const filled = table.columns.map((name, i) => name !== "" || table.rows.some((row) => row[i]?.text || row[i]?.date || row[i]?.number !== undefined));
  const kept = table.rows.map((row) => row.filter((_, i) => filled[i]));
  const columns = table.columns.filter((_, i) => filled[i]);
  columns.forEach((name, i) => {
    const currencies = new Set(kept.map((row) => row[i]).filter((cell) => cell?.number !== undefined).map((cell) => cell?.currency));
    const only = currencies.size === 1 ? [...currencies][0] : undefined;
    if (only && !name.includes(only)) columns[i] = `${name} (${only})`;
  });
  return { ...table, columns, rows: kept };
}
