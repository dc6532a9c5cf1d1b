import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { matricesQuery, measuresQuery } from "../../api/queries";
import type { Goal, GoalWhat, Measure } from "../../api/types";
import { joined } from "../../learn/measure/conditions";
import { useConditionWords } from "../../learn/measure/filter";
import { useMeasureWords } from "../../learn/measure/words";
import { cellKey, customerMatrix, useMatrixWords } from "../../learn/matrix/words";
import { useFormat } from "../../ui/format";
import type { Search } from "../../ui/search";

const none: Measure[] = [];

/** What a goal counts, and its values, in words of the screen. */
export function useGoalWords() {
  const { t } = useTranslation();
  const format = useFormat();
  const told = useMeasureWords();
  const named = useMatrixWords();
  const measures = useQuery(measuresQuery()).data?.items;
  const matrices = useQuery(matricesQuery).data;
  const condition = useConditionWords(measures ?? none);
  return useMemo(() => {
    const matrixOf = (what: GoalWhat) => matrices?.find((m) => m.key === (what.matrix || customerMatrix));
    const cell = (what: GoalWhat, key: string): string => {
      const m = matrixOf(what);
      if (!m) return key;
      for (const r of [...m.rows.classes.map((c) => c.key), "unknown"]) for (const c of [...m.columns.classes.map((x) => x.key), "unknown"]) if (cellKey(r, c) === key) return named.cell(m, r, c);
      return key;
    };
    const all = (texts: string[] | null | undefined) => (texts ?? []).map(condition).join(", ");
    const value = (what: GoalWhat, x: number | null | undefined): string => {
      if (x === null || x === undefined) return "–";
      if (what.kind === "share") return format.percent(x);
      const m = measures?.find((y) => y.key === what.measure);
      return m ? told.value(m, m.unit === "count" && what.kind === "average" ? Number(x.toFixed(2)) : x) : format.number(x);
    };
    const what = (w: GoalWhat): string => {
      const m = measures?.find((y) => y.key === w.measure);
      const meeting = all(w.meeting);
      const key = w.kind === "count" && !meeting ? "count_all" : w.kind;
      const text = t(`goal.says_${key}`, { measure: m ? told.label(m) : w.measure, meeting, from: cell(w, w.from ?? ""), to: cell(w, w.to ?? "") });
      const matrix = matrixOf(w);
      const among = [w.cell && cell(w, w.cell), w.row && matrix && named.row(matrix, w.row), w.column && matrix && named.column(matrix, w.column), all(w.among)].filter(Boolean).join(", ");
      return among ? `${text} ${t("goal.says_among", { among })}` : text;
    };
    const whom = (g: Pick<Goal, "unit_name" | "person_name">): string =>
      g.person_name ? (g.unit_name ? t("goal.of_person", { person: g.person_name, unit: g.unit_name }) : g.person_name) : g.unit_name || t("goal.company");
    return { cell, value, what, whom, matrixOf };
  }, [t, format, told, named, measures, matrices, condition]);
}

/** The list of the customers that a goal counts, as of a date. A list takes one condition on measures for each. */
export function behindGoal(g: Goal, as_of: string): Search {
  const w = g.what;
  const matrix = w.matrix && w.matrix !== customerMatrix ? w.matrix : undefined;
  return {
    as_of,
    unit: g.unit_id,
    direct: g.direct ? "true" : undefined,
    owner: g.person_id,
    country: w.country,
    matrix,
    cell: w.kind === "cell_move" ? w.to : w.cell,
    row: w.row,
    column: w.column,
    measure: joined([...(w.among ?? []), ...(w.kind === "count" || w.kind === "share" ? (w.meeting ?? []) : [])]),
  };
}
