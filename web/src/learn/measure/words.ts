import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Measure, MeasureUnit } from "../../api/types";
import { useFormat, type Format } from "../../ui/format";

type Told = Pick<Measure, "key" | "label">;

/** A value of a measure as people read it. */
export function shown(format: Format, t: (key: string, words?: { defaultValue: string }) => string, key: string, unit: MeasureUnit, value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") {
    if (unit === "date") return format.date(value);
    if (key === "cell") return t(`cell.${value}`);
    if (key === "potential_class") return t(`row.${value}`);
    if (key === "share_class") return value === "unknown" ? t("row.unknown") : t(`column.${value}`);
    if (key === "customer_state") return t(`customer_state.${value}`);
    if (key === "opportunity_class") return t(`opportunity_class.${value}`);
    if (key === "lifetime_group") return t(`lifetime_group.${value}`);
    if (key === "behaviour_type") return t(`behaviour.${value}`);
    if (key === "warning") return t(`loyalty.warning_${value}`);
    if (key === "warning_strength") return t(`loyalty.${value}`);
    if (key === "alike_by") return t(`wallet.level.${value}`);
    if (key === "care") return t(`care.${value}`);
    if (key === "tier") return t(`tier.${value}`, { defaultValue: value });
    if (key === "potential_source") return t(`source.${value}`);
    return value;
  }
  if (typeof value !== "number") return "–";
  switch (unit) {
    case "money":
      return format.round(value);
    case "share":
    case "chance":
      return format.percent(value);
    case "count":
    case "days":
      return format.number(value);
    default:
      return format.quantity(value);
  }
}

/** The words of measures in the language of the screen; the server's English stands where a language has none. */
export function useMeasureWords() {
  const { t } = useTranslation();
  const format = useFormat();
  return useMemo(
    () => ({
      label: (m: Told) => t(`measure_text.${m.key}.label`, { defaultValue: m.label }),
      definition: (m: Told & Pick<Measure, "definition">) => t(`measure_text.${m.key}.definition`, { defaultValue: m.definition }),
      formula: (m: Told & Pick<Measure, "formula">) => t(`measure_text.${m.key}.formula`, { defaultValue: m.formula }),
      value: (m: { key: string; unit: MeasureUnit }, value: unknown) => shown(format, t, m.key, m.unit, value),
      fact: (value: string, unit: string | undefined) => {
        if (unit === undefined || unit === "") return value;
        if (unit === "share") return format.cut(Number(value));
        if (unit === "date") return format.date(value);
        return shown(format, t, "", unit as MeasureUnit, Number(value));
      },
    }),
    [t, format],
  );
}
