import { Tabs } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { PageHeader } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { Allocator } from "./allocator";
import { LoyaltyPanel } from "./loyalty";

/** Plan › Allocation: where each unit of money brings most, and what losing fewer customers is worth (P6, C11). */
export function AllocationPage() {
  const { t } = useTranslation();
  const [search, change] = useSearchState();
  const tab = search.tab === "loyalty" ? "loyalty" : "allocation";
  return (
    <>
      <PageHeader title={t("nav.allocation")}>{t(tab === "loyalty" ? "arithmetic.intro" : "allocation.intro")}</PageHeader>
      <Tabs value={tab} onChange={(v) => change({ tab: v === "loyalty" ? v : undefined }, true)} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="allocation">{t("allocation.tab")}</Tabs.Tab>
          <Tabs.Tab value="loyalty">{t("arithmetic.tab")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="allocation">
          <Allocator />
        </Tabs.Panel>
        <Tabs.Panel value="loyalty">
          <LoyaltyPanel />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
