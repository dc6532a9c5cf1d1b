import type { WhatIfFilter } from "../../api/types";

/** A scenario as it stands in the address: gold_bubble*3*gold_sailer, or gold_bubble*id,id*0.5. */
export type Scenario = { from: string; customers: number; chosen?: string[]; to?: string; share?: number };

/** Of each of the three scenarios, until somebody changes it. */
export const beginnings = ["gold_bubble*3*gold_sailer", "gold_bubble*3*0.5", "silver_bubble*10*silver_sailer"];

export function parsed(text: string): Scenario {
  const [from = "", who = "", to = ""] = text.split("*");
  const plain = /^\d{1,6}$/.test(who);
  const share = Number(to);
  return {
    from,
    customers: plain ? Math.max(1, Number(who)) : 1,
    chosen: plain ? undefined : who.split(",").filter(Boolean),
    ...(to !== "" && Number.isFinite(share) ? { share } : { to }),
  };
}

export function written(s: Scenario): string {
  return [s.from, s.chosen ? s.chosen.join(",") : String(s.customers), s.share !== undefined ? String(s.share) : (s.to ?? "")].join("*");
}

/** The question of a scenario; nothing while it is not complete. */
export function questionOf(s: Scenario): Pick<WhatIfFilter, "from" | "customers" | "chosen" | "to" | "share"> | undefined {
  if (!s.from || (s.chosen && s.chosen.length === 0) || (s.share === undefined ? !s.to : s.share <= 0)) return undefined;
  return { from: s.from, customers: s.customers, chosen: s.chosen?.join(","), to: s.to || undefined, share: s.share };
}
