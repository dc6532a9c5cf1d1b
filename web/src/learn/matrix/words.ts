import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { AnyMatrix, MatrixAxis, StatisticsFigure } from "../../api/types";
import { useFormat } from "../../ui/format";
import type { Search } from "../../ui/search";

export const customerMatrix = "customer";
export const unknown = "unknown";

/** The names of a matrix in the language of the screen: the program's own by their keys, the company's as they were written. */
export function useMatrixWords() {
  const { t } = useTranslation();
  return useMemo(() => {
    const axisClass = (of: AnyMatrix, axis: "rows" | "columns", key: string): string => {
      if (of.key === customerMatrix) return axis === "rows" || key === unknown ? t(`row.${key}`) : t(`column.${key}`);
      if (key === unknown) return t("matrices.unknown");
      const written = of[axis].classes.find((c) => c.key === key)?.name ?? key;
      // A class of the program's own matrices is translated; one that was written in the company is not.
      return ["Low", "Medium", "High"].includes(written) ? t(`preset_class.${key}`, { defaultValue: written }) : written;
    };
    return {
      name: (of: AnyMatrix) => t(`preset.${of.key}.name`, { defaultValue: of.name }),
      about: (of: AnyMatrix) => t(`preset.${of.key}.about`, { defaultValue: of.description }),
      row: (of: AnyMatrix, key: string) => axisClass(of, "rows", key),
      column: (of: AnyMatrix, key: string) => axisClass(of, "columns", key),
      cell: (of: AnyMatrix, row: string, column: string): string => {
        const key = cellKey(row, column);
        if (of.key === customerMatrix && (key === unknown || (row !== unknown && column !== unknown))) return t(`cell.${key}`);
        if (key === unknown) return t("matrices.unknown");
        const written = of.cells.find((c) => c.row === row && c.column === column)?.name;
        if (written) return t(`preset_cell.${of.key}.${key}`, { defaultValue: written });
        return t("matrices.cell_of", { row: axisClass(of, "rows", row), column: axisClass(of, "columns", column) });
      },
      figure: (f: Pick<StatisticsFigure, "key" | "label">) => t(`measure_text.${f.key}.label`, { defaultValue: f.label }),
    };
  }, [t]);
}

export function cellKey(row: string, column: string): string {
  return row === unknown && column === unknown ? unknown : `${row}_${column}`;
}

/** Where a class of an axis lies, in words: "1.2m DKK and more", "25 % to 60 %". */
export function useRangeWords(unitOf: (measure: string) => string | undefined) {
  const { t } = useTranslation();
  const format = useFormat();
  return (axis: MatrixAxis, begins: (number | null)[] | null | undefined, key: string): string => {
    const at = axis.classes.findIndex((c) => c.key === key);
    if (at < 0 || axis.by === "word" || !begins || axis.classes.length < 2) return "";
    if (axis.classes.every((c) => /^\d+$/.test(c.name))) return ""; // bands that are called by their number
    const unit = unitOf(axis.measure);
    const value = (x: number) => (unit === "money" ? format.cutMoney(x) : unit === "share" || unit === "chance" ? format.cut(x) : format.quantity(x));
    const from = at > 0 ? begins[at - 1] : undefined;
    const above = begins.slice(at).find((x) => x !== null);
    if (at > 0 && (from === null || from === undefined)) return t("cut.nobody");
    if (from === undefined || from === null) return above === undefined || above === null ? t("cut.all") : t("cut.under", { value: value(above) });
    if (above === undefined || above === null) return t("cut.at_least", { value: value(from) });
    return t("cut.between", { from: value(from), to: value(above) });
  };
}

/** Address state of the list behind a place in any matrix. */
export function behindAny(search: Search, matrix: string, place: { cell?: string; row?: string; column?: string }, sort?: string, more: Search = {}): Search {
  const { as_of, unit, direct, owner, industry, country, segment, rule } = search;
  return { as_of, unit, direct, owner, industry, country, segment, rule, ...more, ...place, matrix: matrix === customerMatrix ? undefined : matrix, sort };
}
