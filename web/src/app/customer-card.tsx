import { Grid, Stack, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { customerQuery, versionsQuery } from "../api/queries";
import type { Customer } from "../api/types";
import { EditCustomer } from "../know/customer/edit";
import { MasterData, OwnerPanel } from "../know/customer/master";
import { Potentials } from "../know/customer/potentials";
import { Timeline } from "../know/interaction/timeline";
import { Purchases } from "../know/purchase/lines";
import { RevenueChart } from "../know/purchase/revenue";
import { Answers, RelationPanel } from "../know/survey/card";
import { AheadPanel, toldAhead } from "../learn/clv/card";
import { LoyaltyPanel, toldLoyalty } from "../learn/loyalty/card";
import { OthersPanel } from "../learn/matrix/others";
import { PlacePanel } from "../learn/matrix/place";
import { ProfitPanel, toldOfProfit } from "../learn/profit/card";
import { MeasuresPanel } from "../learn/measure/sheet";
import { scoredDates } from "../learn/scoring/as-of";
import { SegmentsPanel } from "../learn/segment/card";
import { CategoriesPanel, toldOfWallet, WalletPanel } from "../learn/wallet/card";
import { PageHeader, Panel } from "../ui/page";
import { useFormat } from "../ui/format";
import { useSearchState } from "../ui/search";
import { useCan } from "../ui/session";
import { Answered } from "../ui/states";

/** The customer card: who it is and where it stands · what it buys and what was done · what it could buy and who minds it. */
export function CustomerCard() {
  const { id } = useParams({ strict: false }) as { id: string };
  const customer = useQuery(customerQuery(id));
  return <Answered of={customer}>{(c) => <Card customer={c} />}</Answered>;
}

function Card({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const [search, change] = useSearchState();
  const as_of = search.as_of || undefined;
  // Without a date in the address the whole card shows the latest computed one, or today when there is none.
  const versions = useQuery(versionsQuery);
  const shown = as_of ?? scoredDates(versions.data?.items ?? [])[0]?.as_of;
  const below = [customer.code, customer.industry, customer.city, customer.country && format.country(customer.country)].filter(Boolean).join(" · ");
  return (
    <>
      <PageHeader title={customer.name} crumbs={[{ label: t("nav.customers"), to: "/map/customers", search: { as_of } }]} actions={can("customer.write") && <EditCustomer customer={customer} />}>
        {below}
      </PageHeader>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, sm: 6, lg: 3 }}>
          <Stack>
            <PlacePanel customerId={customer.id} as_of={as_of} />
            <OthersPanel customerId={customer.id} as_of={as_of} />
            <WalletPanel customerId={customer.id} as_of={as_of} />
            <AheadPanel customerId={customer.id} as_of={as_of} />
            <LoyaltyPanel customerId={customer.id} as_of={as_of} />
            <ProfitPanel customerId={customer.id} as_of={as_of} />
            <MasterData customer={customer} />
            <SegmentsPanel customerId={customer.id} name={customer.name} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 6 }} order={{ base: 3, lg: 2 }}>
          <Stack>
            <RevenueChart customerId={customer.id} as_of={shown} enabled={!versions.isPending} />
            <CategoriesPanel customerId={customer.id} as_of={as_of} />
            <Panel flush>
              <Tabs value={search.tab ?? "purchases"} onChange={(tab) => change({ tab: tab ?? undefined })} keepMounted={false}>
                <Tabs.List px="sm">
                  <Tabs.Tab value="purchases">{t("purchase.title")}</Tabs.Tab>
                  <Tabs.Tab value="interactions">{t("interaction.title")}</Tabs.Tab>
                  <Tabs.Tab value="answers">{t("survey.answers")}</Tabs.Tab>
                </Tabs.List>
                <Tabs.Panel value="purchases">
                  <Purchases customerId={customer.id} />
                </Tabs.Panel>
                <Tabs.Panel value="interactions">
                  <Timeline customerId={customer.id} />
                </Tabs.Panel>
                <Tabs.Panel value="answers">
                  <Answers customerId={customer.id} />
                </Tabs.Panel>
              </Tabs>
            </Panel>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, sm: 6, lg: 3 }} order={{ base: 2, lg: 3 }}>
          <Stack>
            <Potentials customerId={customer.id} as_of={shown} />
            <OwnerPanel customer={customer} />
            <RelationPanel customerId={customer.id} />
            <MeasuresPanel customerId={customer.id} as_of={as_of} without={[...toldAhead, ...toldLoyalty, ...toldOfProfit, ...toldOfWallet]} />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}
