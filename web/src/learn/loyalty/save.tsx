import { address } from "../../api/client";
import type { Loyalty } from "../../api/types";
import { FileOffer } from "../../ui/download";
import { filtersOf } from "../../ui/filter";
import { useSearchState } from "../../ui/search";

/** A table of the page with all its digits. */
export function Save({ of, table }: { of: Loyalty; table: "indices" | "parts" | "types" | "matrix" | "relation" }) {
  const [search] = useSearchState();
  return <FileOffer kind="csv" href={address("/loyalty/export", { as_of: of.as_of, period: of.period, by: search.by, table, ...filtersOf(search) })} />;
}
