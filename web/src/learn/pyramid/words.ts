import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Pyramid } from "../../api/types";
import { useFormat } from "../../ui/format";
import type { Search } from "../../ui/search";

type Unit = Pyramid["measure"]["unit"];

/** The name of a tier in the language of the screen; one that the company named itself stands as it is. */
export function useTierName(): (name: string) => string {
  const { t } = useTranslation();
  return (name) => t(`tier.${name}`, { defaultValue: name });
}

/** Writes values of a measure: short for headings, whole units for tables. */
export function useValues(unit: Unit, currency: string) {
  const format = useFormat();
  return useMemo(
    () => ({
      whole: (x: number | null | undefined) => (unit === "money" ? format.amount(x, currency) : format.quantity(x)),
      short: (x: number | null | undefined) => (unit === "money" ? format.shortMoney(x, currency) : format.quantity(x)),
    }),
    [unit, currency, format],
  );
}

/** Address state of the list of the customers in a tier. */
export function behindTier(search: Search, of: Pyramid, conditions: string[]): Search {
  const { unit, owner, industry, country } = search;
  const columns = ["code", "cell", "revenue", "last_purchase", "owner", "tier", ...(of.measure.key === "revenue" ? [] : [of.measure.key])];
  return { as_of: of.as_of, unit, owner, industry, country, measure: conditions.join("|"), sort: `-${of.measure.key}`, columns: columns.join(",") };
}

/** Address state of the list of the customers behind a movement. */
export function behindMove(search: Search, of: { as_of: string; then: string; measure: { key: string }; by: string }, place: { tier_then?: string; tier_now?: string; temper?: string }): Search {
  const { unit, owner, industry, country } = search;
  return { as_of: of.as_of, then: of.then, measure: of.measure.key, by: of.by, unit, owner, industry, country, ...place };
}
