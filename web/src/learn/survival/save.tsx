import { ActionIcon, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import type { Contracts } from "../../api/types";
import { useCan } from "../../ui/session";

/** Saves a table of the page. */
export function Save({ of, table }: { of: Contracts; table: "curves" | "groups" | "cohorts" | "renewal" }) {
  const { t } = useTranslation();
  const can = useCan();
  if (!can("export.run")) return null;
  return (
    <Tooltip label={t("lifetime.export")}>
      <ActionIcon variant="subtle" color="gray" component="a" href={address("/contracts/export", { as_of: of.as_of, by: of.by, table })} download aria-label={t("lifetime.export_of", { name: t(`contracts.table_${table}`) })}>
        <IconDownload size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
