import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { facetsQuery, measuresQuery, peopleQuery, unitsQuery } from "../../api/queries";
import { segmentsQuery } from "../../api/segment-queries";
import type { SegmentReason, Tree } from "../../api/types";
import { useFormat } from "../../ui/format";
import { inTree } from "../../ui/unit-select";
import { useMeasureWords } from "../measure/words";
import { signName, takesValue, type Field } from "./tree";

const lifecycles = ["suspect", "prospect", "lead", "customer", "former"];

/** Everything that a rule can ask, by its key: the customer's own fields, the measures, and other segments. */
export function useFields(except?: string): Map<string, Field> {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMeasureWords();
  const units = useQuery(unitsQuery).data;
  const people = useQuery(peopleQuery).data;
  const facets = useQuery(facetsQuery).data;
  const measures = useQuery(measuresQuery()).data?.items;
  const segments = useQuery(segmentsQuery).data;
  return useMemo(() => {
    const choice = (key: string, label: string, options: { value: string; label: string }[]): Field => ({ key, label, kind: "choice", group: "customer", options });
    const text = (key: string, label: string): Field => ({ key, label, kind: "text", group: "customer" });
    const all: Field[] = [
      text("name", t("field.name")),
      text("code", t("field.code")),
      choice("industry", t("field.industry"), (facets?.industries ?? []).map((i) => ({ value: i, label: i }))),
      choice("country", t("field.country"), (facets?.countries ?? []).map((c) => ({ value: c, label: format.country(c) }))),
      text("city", t("field.city")),
      text("postal_code", t("field.postal_code")),
      { key: "size", label: t("field.size_employees"), kind: "number", group: "customer" },
      choice("unit", t("segment.unit_below"), inTree(units ?? []).map(({ unit }) => ({ value: unit.id, label: unit.name }))),
      choice("owner", t("field.owner"), (people ?? []).map((p) => ({ value: p.id, label: p.name }))),
      choice("lifecycle", t("field.lifecycle"), lifecycles.map((l) => ({ value: l, label: t(`lifecycle.${l}`) }))),
      choice("kind", t("field.kind"), ["organisation", "person"].map((k) => ({ value: k, label: t(`customer.kind_${k}`) }))),
    ];
    const cells = ["gold", "silver", "bronze"].flatMap((r) => ["prospect", "bubble", "sailer", "loyal"].map((c) => `${r}_${c}`));
    const known: Record<string, string[]> = {
      cell: [...cells, "unknown"],
      potential_class: ["gold", "silver", "bronze", "unknown"],
      share_class: ["prospect", "bubble", "sailer", "loyal", "unknown"],
      potential_source: ["declared", "surveyed", "imported", "estimated"],
    };
    for (const m of measures ?? []) {
      const kind = m.unit === "word" ? (known[m.key] ? "choice" : "word") : m.unit === "date" ? "date" : "number";
      all.push({ key: m.key, label: words.label(m), kind, group: "measure", measure: m, options: known[m.key]?.map((v) => ({ value: v, label: words.value(m, v) })) });
    }
    all.push({ key: "segment", label: t("segment.one"), kind: "segment", group: "segment", options: (segments ?? []).filter((s) => s.id !== except).map((s) => ({ value: s.id, label: s.name })) });
    return new Map(all.map((f) => [f.key, f]));
  }, [t, format, words, units, people, facets, measures, segments, except]);
}

/** Conditions and their values as people read them. */
export function useRuleWords(fields: Map<string, Field>) {
  const { t } = useTranslation();
  const words = useMeasureWords();
  return useMemo(() => {
    const value = (field: Field | undefined, v: unknown): string => {
      if (v === null || v === undefined || v === "") return t("segment.not_known");
      if (field?.options) return field.options.find((o) => o.value === v)?.label ?? (field.kind === "choice" && !/^[0-9a-f-]{36}$/.test(String(v)) ? String(v) : t("segment.gone"));
      if (field?.measure) return words.value(field.measure, field.kind === "number" ? Number(v) : v);
      return String(v);
    };
    const line = (c: Pick<Tree, "field" | "sign" | "value" | "values"> | SegmentReason): string => {
      const field = fields.get(c.field ?? "");
      const asked = !takesValue(c.sign ?? "") ? "" : c.sign === "in" ? (c.values ?? []).map((v) => value(field, v)).join(", ") : value(field, c.value);
      const sign = field?.kind === "segment" ? (c.sign === "=" ? "in_segment" : "not_in_segment") : signName(c.sign ?? "");
      return `${field?.label ?? c.field} ${t(`segment.sign.${sign}`)} ${asked}`.trim();
    };
    const rule = (tree: Tree): string => {
      if (tree.not) return t("segment.not_words", { rule: rule(tree.not) });
      const parts = tree.all ?? tree.any;
      if (!parts) return line(tree);
      const joined = parts.map((p) => ((p.all ?? p.any ?? []).length > 1 ? `(${rule(p)})` : rule(p)));
      return joined.join(` ${t(tree.all ? "segment.and" : "segment.or")} `);
    };
    return { value, line, rule };
  }, [t, words, fields]);
}
