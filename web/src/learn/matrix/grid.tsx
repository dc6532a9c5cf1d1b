import { Text } from "@mantine/core";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { ColumnKey, Matrix, MatrixFigures } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import type { Search } from "../../ui/search";
import { behind, cellOf, columns, figures, partOf, rows, unknownOf, weight, type FigureKey } from "./cell";
import { useBoundaryWords } from "./legend";
import classes from "./matrix.module.css";

type Props = { matrix: Matrix; figure: FigureKey; search: Search };

/**
 * The twelve named cells with their totals, and the customers whose potential
 * nobody knows as a row of their own. A table for screen readers; on a phone
 * the same markup stacks, row by row.
 */
export function MatrixGrid({ matrix, figure, search }: Props) {
  const { t } = useTranslation();
  const words = useBoundaryWords(matrix);
  return (
    <div className={classes.grid} role="table" aria-label={t("nav.matrix")}>
      <div role="row" className={classes.line}>
        <div role="columnheader" className={classes.corner}>
          <Text size="xs" c="dimmed">
            {t("matrix.axis_potential")}
          </Text>
          <Text size="xs" c="dimmed">
            {t("matrix.axis_share")}
          </Text>
        </div>
        {columns.map((c) => (
          <div role="columnheader" key={c} className={classes.columnHead}>
            <b>{t(`column.${c}`)}</b>
            <span>{words.column(c)}</span>
          </div>
        ))}
        <div role="columnheader" className={classes.columnHead}>
          <b>{t("matrix.total")}</b>
        </div>
      </div>
      {rows.map((row) => {
        const total = matrix.row_totals.find((r) => r.row === row);
        return (
          <div role="row" key={row} className={classes.line} data-row={row}>
            <div role="rowheader" className={classes.rowHead}>
              <b>{t(`row.${row}`)}</b>
              <span>{words.row(row)}</span>
            </div>
            {columns.map((c) => (
              <Cell key={c} matrix={matrix} figure={figure} search={search} row={row} column={c} />
            ))}
            <div role="cell" className={classes.total}>
              <span className={classes.mobileName}>{t("matrix.total_of", { name: t(`row.${row}`) })}</span>
              {total && <Figures of={total} name={t(`row.${row}`)} place={{ row }} matrix={matrix} figure={figure} search={search} />}
            </div>
          </div>
        );
      })}
      <Unknown matrix={matrix} figure={figure} search={search} />
      <div role="row" className={`${classes.line} ${classes.totals}`}>
        <div role="rowheader" className={classes.rowHead}>
          <b>{t("matrix.total")}</b>
        </div>
        {columns.map((c) => {
          const total = matrix.column_totals.find((x) => x.column === c);
          return (
            <div role="cell" key={c} className={classes.total}>
              <span className={classes.mobileName}>{t(`column.${c}`)}</span>
              {total && <Figures of={total} name={t(`column.${c}`)} place={{ column: c }} matrix={matrix} figure={figure} search={search} />}
            </div>
          );
        })}
        <div role="cell" className={classes.total}>
          <span className={classes.mobileName}>{t("matrix.everybody")}</span>
          <Figures of={matrix.total} name={t("matrix.everybody")} place={{}} matrix={matrix} figure={figure} search={search} />
        </div>
      </div>
    </div>
  );
}

function Cell({ matrix, figure, search, row, column }: Props & { row: (typeof rows)[number]; column: ColumnKey }) {
  const { t } = useTranslation();
  const cell = cellOf(matrix, row, column);
  if (!cell) return <div role="cell" />;
  const style = { "--weight": weight(matrix, cell, figure) } as CSSProperties;
  return (
    <div role="cell" className={classes.cell} style={style} data-empty={cell.customers === 0}>
      <div className={classes.name}>{t(`cell.${cell.key}`)}</div>
      <Figures of={cell} name={t(`cell.${cell.key}`)} place={{ cell: cell.key }} matrix={matrix} figure={figure} search={search} />
    </div>
  );
}

type FiguresProps = Props & { of: MatrixFigures; name: string; place: { cell?: string; row?: string; column?: string } };

/** One cell's numbers: the chosen one large, the others in a small table; each opens its customers. */
function Figures({ of, name, place, matrix, figure, search }: FiguresProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const show = (f: FigureKey) => (f === "customers" ? format.number(of.customers) : format.short(of[f]));
  const exact = (f: FigureKey) => (f === "customers" ? format.number(of.customers) : format.money(of[f]));
  const part = (f: FigureKey) => (f === "customers" ? of.share_of_customers : f === "revenue" ? of.share_of_revenue : partOf(matrix, of, f));
  const link = (f: FigureKey, strong?: boolean) => (
    <Figure to="/map/customers" search={behind(search, place, f)} strong={strong} label={t("matrix.figure_label", { name, figure: t(`figure.${f}`), value: exact(f) })}>
      {show(f)}
    </Figure>
  );
  // Where nobody knows the potential there is no unused one either, and a 0 would say that there is none.
  const shown = figures.filter((f) => f !== figure && f !== "potential" && !(f === "unused" && place.cell === "unknown"));
  return (
    <div className={classes.figures}>
      <div className={classes.main}>
        <span className={classes.large}>{link(figure, true)}</span>
        <span className={`num ${classes.part}`}>{format.percent(part(figure))}</span>
      </div>
      <div className={classes.bar} aria-hidden>
        <span style={{ width: `${100 * Math.min(1, Math.max(0, part(figure) ?? 0))}%` }} />
      </div>
      <dl className={classes.others}>
        {shown.map((f) => (
          <div key={f}>
            <dt>{t(`figure_short.${f}`)}</dt>
            <dd>
              {link(f)}
              {f !== "unused" && <span className={`num ${classes.small}`}>{format.percent(part(f))}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Unknown({ matrix, figure, search }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const cell = unknownOf(matrix);
  if (!cell) return null;
  return (
    <div role="row" className={`${classes.line} ${classes.unknown}`} data-row="unknown">
      <div role="rowheader" className={classes.rowHead}>
        <b>{t("row.unknown")}</b>
      </div>
      <div role="cell" className={classes.sentence}>
        {cell.customers === 0 ? (
          <Text size="sm">{t("matrix.unknown_none")}</Text>
        ) : (
          <Text size="sm" component="p" m={0}>
            <Figure strong to="/map/customers" search={behind(search, { cell: cell.key }, "customers")} label={t("matrix.figure_label", { name: t("row.unknown"), figure: t("figure.customers"), value: format.number(cell.customers) })}>
              {t("matrix.unknown_customers", { count: cell.customers, number: format.number(cell.customers) })}
            </Figure>
            {` (${format.percent(cell.share_of_customers)}) ${t("matrix.unknown_have")} `}
            <Figure strong to="/map/customers" search={behind(search, { cell: cell.key }, "revenue")} label={t("matrix.figure_label", { name: t("row.unknown"), figure: t("figure.revenue"), value: format.money(cell.revenue) })}>
              {format.shortMoney(cell.revenue)}
            </Figure>
            {` (${format.percent(cell.share_of_revenue)}). ${t("matrix.unknown_cure")}`}
          </Text>
        )}
      </div>
      <div role="cell" className={classes.total}>
        <span className={classes.mobileName}>{t("row.unknown")}</span>
        {cell.customers > 0 && <Figures of={cell} name={t("row.unknown")} place={{ cell: cell.key }} matrix={matrix} figure={figure === "revenue" ? "revenue" : "customers"} search={search} />}
      </div>
    </div>
  );
}
