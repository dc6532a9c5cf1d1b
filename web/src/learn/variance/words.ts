import { useTranslation } from "react-i18next";
import type { VarianceBy } from "../../api/types";
import { useFormat } from "../../ui/format";

/** What a part of a budget is called. */
export function usePartName() {
  const { t } = useTranslation();
  const format = useFormat();
  return (by: VarianceBy, part: { key: string; name: string }): string => {
    if (part.key === "-") return t(`variance.none_${by}`);
    if (part.key === "?") return t("variance.untold");
    if (by === "month") return format.month(part.key);
    if (by === "country") return format.country(part.key);
    if (part.key.startsWith("=")) return t("variance.itself", { name: part.name });
    return part.name || part.key;
  };
}

/** The months of a question: "Jan 26 – Oct 26", or one alone. */
export function useMonths() {
  const format = useFormat();
  return (from: string, to: string) => (from === to ? format.month(from) : `${format.month(from)} – ${format.month(to)}`);
}
