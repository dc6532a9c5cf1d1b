import type { TFunction } from "i18next";
import type { Wallet, WalletCard } from "../../api/types";
import type { Format } from "../../ui/format";
import type { Search } from "../../ui/search";

type Source = Wallet["sources"][number];
type Traits = NonNullable<WalletCard["estimate"]>["traits"];

/** Address state of the list behind some customers. */
export function behind(as_of: string, conditions: string[], sort = "-potential"): Search {
  return { as_of, measure: conditions.join("|"), sort, columns: "code,cell,revenue,potential,share,owner,potential_since" };
}

/** The conditions of the customers whose potential comes from a source in a state. */
export function conditions(s: Pick<Source, "source" | "state" | "fresh_from">): string[] {
  const since = { fresh: `potential_since>=${s.fresh_from}`, out_of_date: `potential_since<${s.fresh_from}`, look_alikes: "potential_since=" }[s.state];
  return [`potential_source=${s.source}`, since];
}

/** What look-alikes share, such as "Shipyard · 10–49 employees · Denmark · mostly paint". */
export function shared(t: TFunction, format: Format, level: string, traits: Traits): string {
  const parts: string[] = [];
  if (level.includes("industry")) parts.push(traits.industry || t("wallet.no_industry"));
  if (level.includes("size")) parts.push(traits.size ? t("wallet.employees", { band: traits.size }) : t("wallet.no_size"));
  if (level.includes("country")) parts.push(traits.country ? format.country(traits.country) : t("wallet.no_country"));
  if (level.includes("category")) parts.push(t("wallet.mostly", { category: traits.category }));
  return parts.join(" · ") || t("wallet.level.all");
}
