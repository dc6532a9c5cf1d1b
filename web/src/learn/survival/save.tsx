import { address } from "../../api/client";
import type { Contracts } from "../../api/types";
import { FileOffer } from "../../ui/download";

/** A table of the page with all its digits. */
export function Save({ of, table }: { of: Contracts; table: "curves" | "groups" | "cohorts" | "renewal" }) {
  return <FileOffer kind="csv" href={address("/contracts/export", { as_of: of.as_of, by: of.by, table })} />;
}
