import type { AnyMatrix, MatrixAxis, Measure } from "../../api/types";

/** Classes of an axis that has so many, named from low to high. */
export function classesOf(count: number, before: MatrixAxis["classes"] = []): MatrixAxis["classes"] {
  const usual: Record<number, [string, string][]> = { 1: [["all", "All"]], 2: [["low", "Low"], ["high", "High"]], 3: [["low", "Low"], ["medium", "Medium"], ["high", "High"]] };
  return Array.from({ length: count }, (_, i) => {
    const named = usual[count]?.[i];
    if (before.length === count && before[i]) return before[i];
    return named ? { key: named[0], name: named[1] } : { key: String(i + 1), name: String(i + 1) };
  });
}

/** The ways a measure can be divided. */
export function waysOf(measure: Measure | undefined, summable: boolean): MatrixAxis["by"][] {
  if (!measure) return ["value"];
  if (measure.unit === "word") return ["word"];
  return summable ? ["quantile", "cumulative_share", "value"] : ["quantile", "value"];
}

/** Cut points that divide into so many classes: equal parts, or round shares of the whole; values are for people to give. */
export function cutsOf(by: MatrixAxis["by"], count: number): number[] {
  const n = count - 1;
  if (by === "word") return [];
  return Array.from({ length: n }, (_, i) => (by === "quantile" ? round((i + 1) / count) : by === "cumulative_share" ? round(1 - (i + 1) / (count + 1)) : i + 1));
}

const round = (x: number) => Math.round(x * 100) / 100;

export function axisOf(measure: Measure, summable: boolean, count = 2): MatrixAxis {
  const by = waysOf(measure, summable)[0]!;
  if (by === "word") return { measure: measure.key, by, classes: [{ key: "first", name: "First", words: [""] }] };
  return { measure: measure.key, by, at: cutsOf(by, count), classes: classesOf(count) };
}

/** A key for addresses made of a name: small letters, digits and hyphens. */
export function keyOf(name: string): string {
  return name.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^[^a-z]+/, "").replace(/-+$/, "").slice(0, 31);
}

/** The matrix with only those cells that its classes still have. */
export function tidied(m: AnyMatrix): AnyMatrix {
  const has = (axis: MatrixAxis, key: string) => axis.classes.some((c) => c.key === key);
  return { ...m, cells: m.cells.filter((c) => has(m.rows, c.row) && has(m.columns, c.column)) };
}
