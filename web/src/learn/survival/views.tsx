import { SegmentedControl } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchState } from "../../ui/search";

/** The two views of lifetime: value of all customers, and how long they stay. */
export function LifetimeViews() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  return (
    <SegmentedControl aria-label={t("contracts.view")} value={search.view === "contracts" ? "contracts" : "value"} onChange={(v) => change({ view: v === "contracts" ? v : undefined })}
      data={[{ value: "value", label: t("contracts.view_value") }, { value: "contracts", label: t("contracts.view_contracts") }]} />
  );
}
