import type { CellKey, ColumnKey, Matrix, MatrixCell, MatrixFigures, RowKey } from "../../api/types";
import type { Search } from "../../ui/search";

/** The rows and columns of the customer matrix (K1), from the largest potential and from no share up. */
export const rows: Exclude<RowKey, "unknown">[] = ["gold", "silver", "bronze"];
export const columns: ColumnKey[] = ["prospect", "bubble", "sailer", "loyal"];

/** The figures a matrix can be tinted by. */
export const figures = ["customers", "revenue", "potential", "unused"] as const;
export type FigureKey = (typeof figures)[number];

export function figureOf(text: string | undefined): FigureKey {
  return figures.find((f) => f === text) ?? "revenue";
}

export function cellOf(matrix: Matrix, row: RowKey, column: ColumnKey): MatrixCell | undefined {
  return matrix.cells.find((c) => c.row === row && c.column === column);
}

export function unknownOf(matrix: Matrix): MatrixCell | undefined {
  return matrix.cells.find((c) => c.row === "unknown");
}

/** How strongly a cell is tinted, 0…1: its figure against the largest cell's, square-rooted so that small cells still show. */
export function weight(matrix: Matrix, cell: MatrixFigures, figure: FigureKey): number {
  const most = Math.max(0, ...matrix.cells.filter((c) => c.row !== "unknown").map((c) => c[figure]));
  return most > 0 ? Math.sqrt(Math.max(0, cell[figure]) / most) : 0;
}

/** The share a figure has in the total of the matrix; null when there is nothing to share. */
export function partOf(matrix: Matrix, figuresOf: MatrixFigures, figure: FigureKey): number | null {
  const total = matrix.total[figure];
  return total > 0 ? figuresOf[figure] / total : null;
}

/** The list is sorted by what was clicked. */
export function sortOf(figure: FigureKey): string {
  return figure === "potential" ? "-potential" : figure === "unused" ? "-unused" : "-revenue";
}

/** Address state of the list behind a cell, a row, a column or everything. */
export function behind(search: Search, place: { cell?: CellKey; row?: string; column?: string }, figure: FigureKey): Search {
  const { as_of, unit, owner, industry, country, segment, rule } = search;
  return { as_of, unit, owner, industry, country, segment, rule, ...place, sort: sortOf(figure) };
}
