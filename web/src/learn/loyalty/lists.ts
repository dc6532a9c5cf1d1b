import type { Loyalty } from "../../api/types";
import { filtersOf } from "../../ui/filter";
import type { Search } from "../../ui/search";

/** The middle and high parts of a scale. */
type Cuts = Loyalty["definition"]["tie_cuts"];

/** Address state of the list behind some customers of the page. */
export function behind(of: Loyalty, search: Search, conditions: string[], columns = "consistency,tie,loyalty,behaviour_type", sort = "-revenue"): Search {
  return { ...filtersOf(search), as_of: of.as_of, measure: conditions.join("|"), sort, columns: `code,cell,revenue,last_purchase,owner,${columns}` };
}

/** The conditions of a class of a measure: 0 low, 1 middle, 2 high, -1 without a value. */
export function within(measure: string, cuts: Cuts, at: number): string[] {
  if (at < 0) return [`${measure}=`];
  if (at === 0) return [`${measure}<${cuts.middle}`];
  return at === 1 ? [`${measure}>=${cuts.middle}`, `${measure}<${cuts.high}`] : [`${measure}>=${cuts.high}`];
}

/** The types of behaviour, consistent ones first. */
export const types = ["truly_loyal", "bought_loyalty", "bad_habit", "hostage", "vampire", "terrorist", "fan", "waits_for_offer", "occasion_buyer", "indifferent", "unknown"] as const;
export const bs = ["willingness", "ability", "reliability", "reachability", "involvement"] as const;
export const levels = [2, 1, 0] as const;
