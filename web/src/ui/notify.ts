import { notifications } from "@mantine/notifications";
import { useTranslation } from "react-i18next";

/** Says in a corner, for some seconds, that something was done. */
export function useNotify(): (message: string) => void {
  const { t } = useTranslation();
  return (message) => {
    notifications.show({ message, color: "tide", closeButtonProps: { "aria-label": t("action.close") } });
  };
}
