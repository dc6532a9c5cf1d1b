import { ActionIcon, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import type { Loyalty } from "../../api/types";
import { filtersOf } from "../../ui/filter";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";

/** Saves a table of the page. */
export function Save({ of, table }: { of: Loyalty; table: "indices" | "parts" | "types" | "matrix" | "relation" }) {
  const { t } = useTranslation();
  const can = useCan();
  const [search] = useSearchState();
  if (!can("export.run")) return null;
  return (
    <Tooltip label={t("loyalty.export")}>
      <ActionIcon variant="subtle" color="gray" component="a" href={address("/loyalty/export", { as_of: of.as_of, period: of.period, by: search.by, table, ...filtersOf(search) })} download aria-label={t("loyalty.export_of", { name: t(`loyalty.table_${table}`) })}>
        <IconDownload size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
