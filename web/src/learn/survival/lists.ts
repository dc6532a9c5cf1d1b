import type { Contracts } from "../../api/types";
import type { Search } from "../../ui/search";

type Told = Pick<Contracts, "as_of" | "silent_days" | "period_days" | "definition">;

function list(of: Told, conditions: string[], group?: Search): Search {
  return { as_of: of.as_of, measure: conditions.join("|"), sort: "-revenue", columns: "code,revenue,days_since_first,days_first_to_last,days_since_purchase", ...group };
}

/** Who has been known long enough to tell; lost and still there among them. */
export function known(of: Told, group?: Search): Search {
  return list(of, [`days_since_first>=${of.silent_days}`], group);
}

export function lost(of: Told, group?: Search): Search {
  return list(of, [`days_since_first>=${of.silent_days}`, `days_since_purchase>=${of.silent_days}`], group);
}

export function tooNew(of: Told): Search {
  return list(of, [`days_since_first<${of.silent_days}`]);
}

/** The customers of a cohort who renewed at least so often. */
export function survivors(of: Told, periods: number, renewals: number): Search {
  const from = of.silent_days + periods * of.period_days;
  const stayed = renewals * of.period_days - of.definition.early_days;
  return list(of, [`days_since_first>=${from}`, `days_since_first<${from + of.period_days}`, ...(renewals > 0 ? [`days_first_to_last>=${stayed}`] : [])]);
}
