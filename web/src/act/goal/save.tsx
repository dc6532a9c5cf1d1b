import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import { useCan } from "../../ui/session";

/** Saves goals with their parts as a file: all within reach, or one. */
export function SaveGoals({ id }: { id?: string }) {
  const { t } = useTranslation();
  const can = useCan();
  if (!can("export.run")) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>{t("list.export")}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(["csv", "xlsx"] as const).map((format) => (
          <Menu.Item key={format} component="a" href={address(id ? `/goals/${id}/export` : "/goals/export", { format })} download>
            {t(`list.export_${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
