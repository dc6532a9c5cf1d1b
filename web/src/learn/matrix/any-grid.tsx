import type { CSSProperties, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { MatrixStatistics } from "../../api/types";
import { DrawnHere } from "../../ui/drawn";
import { cellKey, unknown, useMatrixWords, useRangeWords } from "./words";
import classes from "./matrix.module.css";

/** A place in a matrix: a cell, a row, a column, or everything. */
export type MatrixPlace = { cell?: string; row?: string; column?: string };

type Counted = { customers: number };

type Drawn<F extends Counted> = Pick<MatrixStatistics, "matrix" | "rows" | "columns" | "rows_begin" | "columns_begin"> & {
  cells: (F & { row: string; column: string })[];
  row_totals: (F & { key: string })[];
  column_totals: (F & { key: string })[];
  total: F;
};

/** Whether those of whom nothing is known lack both values: then they are one field across the row, and no column. */
function together(of: Drawn<Counted>): boolean {
  return of.columns.includes(unknown) && of.rows.includes(unknown) && of.cells.every((c) => (c.row === unknown) === (c.column === unknown) || c.customers === 0);
}

/**
 * Any matrix with its totals, as a table for screen readers; on a phone each row becomes a stack. What stands in a
 * place is for the view to say, and how strongly a cell is tinted.
 */
export function AnyGrid<F extends Counted>({ of, label, unitOf, axes, weight, show }: {
  of: Drawn<F>;
  label: string;
  unitOf: (measure: string) => string | undefined;
  axes: { rows: string; columns: string };
  weight: (cell: F) => number;
  show: (figures: F, place: MatrixPlace, name: string) => ReactNode;
}) {
  const { t } = useTranslation();
  const words = useMatrixWords();
  const range = useRangeWords(unitOf);
  const merged = together(of);
  const columns = merged ? of.columns.filter((c) => c !== unknown) : of.columns;
  const style = { "--columns": columns.length } as CSSProperties;
  return (
    <DrawnHere label={label}>
      <div className={classes.grid} role="table" aria-label={label} style={style} data-many={columns.length > 5}>
        <div role="row" className={classes.line}>
          <div role="columnheader" className={classes.corner}>
            <span className={classes.axis}>↓ {axes.rows}</span>
            <span className={classes.axis}>→ {axes.columns}</span>
          </div>
          {columns.map((c) => (
            <div role="columnheader" key={c} className={classes.columnHead}>
              <b>{words.column(of.matrix, c)}</b>
              <span>{range(of.matrix.columns, of.columns_begin, c)}</span>
            </div>
          ))}
          <div role="columnheader" className={classes.columnHead}>
            <b>{t("matrix.total")}</b>
          </div>
        </div>
        {of.rows.map((row) => {
          const total = of.row_totals.find((r) => r.key === row);
          return (
            <div role="row" key={row} className={classes.line} data-row={row}>
              <div role="rowheader" className={classes.rowHead}>
                <b>{words.row(of.matrix, row)}</b>
                <span>{range(of.matrix.rows, of.rows_begin, row)}</span>
              </div>
              {(merged && row === unknown ? [unknown] : columns).map((column) => {
                const cell = of.cells.find((c) => c.row === row && c.column === column);
                if (!cell) return <div role="cell" key={column} />;
                const own = of.matrix.cells.find((c) => c.row === row && c.column === column);
                const name = words.cell(of.matrix, row, column);
                const strategy = own?.strategy && t(`strategy.${own.strategy}`);
                // What to do is said where there is room: by whom the matrix is, else as the strategy has it.
                const advice = own?.advice || (own?.strategy && columns.length <= 3 && of.rows.length <= 3 && t(`strategy_advice.${own.strategy}`));
                const wide = merged && row === unknown;
                return (
                  <div role="cell" key={column} className={classes.cell} data-colour={own?.colour ?? (row === unknown || column === unknown ? "none" : undefined)} data-empty={cell.customers === 0}
                    style={{ "--weight": weight(cell), gridColumn: wide ? `span ${columns.length}` : undefined } as CSSProperties}>
                    <div className={classes.name}>{name}</div>
                    {strategy && strategy !== name && <div className={classes.strategy}>{strategy}</div>}
                    {advice && <div className={classes.advice}>{advice}</div>}
                    {show(cell, { cell: cellKey(row, column) }, name)}
                  </div>
                );
              })}
              <div role="cell" className={classes.total}>
                <span className={classes.mobileName}>{t("matrix.total_of", { name: words.row(of.matrix, row) })}</span>
                {total && show(total, { row }, words.row(of.matrix, row))}
              </div>
            </div>
          );
        })}
        <div role="row" className={`${classes.line} ${classes.totals}`}>
          <div role="rowheader" className={classes.rowHead}>
            <b>{t("matrix.total")}</b>
          </div>
          {columns.map((column) => {
            const total = of.column_totals.find((c) => c.key === column);
            return (
              <div role="cell" key={column} className={classes.total}>
                <span className={classes.mobileName}>{words.column(of.matrix, column)}</span>
                {total && show(total, { column }, words.column(of.matrix, column))}
              </div>
            );
          })}
          <div role="cell" className={classes.total}>
            <span className={classes.mobileName}>{t("matrix.everybody")}</span>
            {show(of.total, {}, t("matrix.everybody"))}
          </div>
        </div>
      </div>
    </DrawnHere>
  );
}
