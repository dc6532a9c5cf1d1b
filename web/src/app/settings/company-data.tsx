import { Alert, Anchor, Badge, Button, Grid, Group, NumberInput, Stack, Table, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { contentsQuery, sessionQuery, versionsQuery, warehouseQuery } from "../../api/queries";
import { scoredDates } from "../../learn/scoring/as-of";
import { LoadDemo } from "../../learn/matrix/start";
import { ConfirmButton } from "../../ui/confirm";
import { useFormat } from "../../ui/format";
import { JobProgress } from "../../ui/job";
import { PageHeader, Panel } from "../../ui/page";
import { useCan, useSession } from "../../ui/session";
import { Answered } from "../../ui/states";

/** Data › Company data: what there is, whether the warehouse answers, and the demo company. */
export function CompanyData() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t("nav.company_data")}>{t("company_data.intro")}</PageHeader>
      <Unnamed />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Stack>
            <ContentsPanel />
            <VersionsPanel />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Stack>
            <WarehousePanel />
            <DemoPanel />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

/** Nobody has said yet whose installation this is, as after the demo company was removed. */
function Unnamed() {
  const { t } = useTranslation();
  const can = useCan();
  const session = useSession();
  if (!session || session.company.name || !can("settings.write")) return null;
  return (
    <Alert mb="md" color="yellow" title={t("company_data.unnamed_title")}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{t("company_data.unnamed")}</Text>
        <Button component={Link} to="/settings/company" size="compact-sm" variant="default">
          {t("company_data.name_it")}
        </Button>
      </Stack>
    </Alert>
  );
}

function WarehousePanel() {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const queries = useQueryClient();
  const state = useQuery(warehouseQuery);
  const rebuild = async () => {
    queries.setQueryData(warehouseQuery.queryKey, await ask(api.POST("/warehouse/rebuild")));
  };
  const colour = { ready: "tide", rebuilding: "yellow", broken: "red" } as const;
  return (
    <Panel title={t("warehouse.title")} aside={state.data && <Badge color={colour[state.data.state]} variant={state.data.state === "ready" ? "light" : "filled"} c={state.data.state === "ready" ? "var(--k-accent)" : undefined} tt="none" radius="sm">{t(`warehouse.${state.data.state}_title`)}</Badge>}>
      <Stack align="stretch">
        <Text size="sm" c="dimmed">
          {t("warehouse.about")}
        </Text>
        <Answered of={state} height={40}>
          {(w) => (
            <Text size="sm">
              {[w.message, t(`warehouse.${w.state}`)].filter(Boolean).join(" ")}
              {w.checked_at && <Text span size="xs" c="dimmed">{` ${t("warehouse.checked", { at: format.instant(w.checked_at) })}`}</Text>}
            </Text>
          )}
        </Answered>
        {can("warehouse.manage") && (
          <Group gap="sm">
            <ConfirmButton danger={false} disabled={state.data?.state === "rebuilding"} label={t("warehouse.rebuild")} title={t("warehouse.rebuild")} confirm={t("warehouse.rebuild")} onConfirm={rebuild}>
              {t("warehouse.rebuild_text")}
            </ConfirmButton>
            {state.data?.state === "rebuilding" && <Reason>{t("warehouse.rebuild_runs")}</Reason>}
          </Group>
        )}
      </Stack>
    </Panel>
  );
}

/** Why a button cannot be pressed now. */
function Reason({ children }: { children: ReactNode }) {
  return (
    <Text size="xs" c="dimmed" flex={1} miw={200}>
      {children}
    </Text>
  );
}

function VersionsPanel() {
  const { t } = useTranslation();
  const format = useFormat();
  const versions = useQuery(versionsQuery);
  return (
    <Panel title={t("company_data.pictures")}>
      <Answered of={versions} height={60}>
        {(v) =>
          v.items.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t("company_data.no_pictures")}
            </Text>
          ) : (
            <Stack gap={4}>
              {scoredDates(v.items).slice(0, 8).map((x) => (
                <Group key={x.version} justify="space-between">
                  <Anchor component={Link} to="/map/matrix" search={{ as_of: x.as_of } as never} size="sm">
                    {format.date(x.as_of)}
                  </Anchor>
                  {x.customers !== undefined && (
                    <Text size="sm" c="dimmed" className="num">
                      {t("scoring.customers", { count: x.customers, number: format.number(x.customers) })}
                    </Text>
                  )}
                </Group>
              ))}
            </Stack>
          )
        }
      </Answered>
    </Panel>
  );
}

/** A date that is not broken over two lines. */
const whole = (date: string) => date.replaceAll(" ", "\u00a0");

/** How much of each thing is there. Those who may not import see only the rest of the page. */
function ContentsPanel() {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const contents = useQuery({ ...contentsQuery, enabled: can("import.read") });
  if (!can("import.read")) return null;
  const start = can("import.run") && (
    <Button component={Link} to="/data/import/new" size="compact-sm" variant="default">
      {t("import.start")}
    </Button>
  );
  return (
    <Panel title={t("company_data.contents")} aside={start}>
      <Answered of={contents} height={220}>
        {(held) => (
          <Table fz="sm" verticalSpacing={6} horizontalSpacing={0} aria-label={t("company_data.contents")}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("company_data.what")}</Table.Th>
                <Table.Th ta="right">{t("company_data.count")}</Table.Th>
                <Table.Th ta="right">{t("company_data.period")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {held.map((h) => (
                <Table.Tr key={h.kind} c={h.count === 0 ? "dimmed" : undefined}>
                  <Table.Td>{t(`company_data.kind.${h.kind}`)}</Table.Td>
                  <Table.Td ta="right" className="num">
                    {format.number(h.count)}
                  </Table.Td>
                  <Table.Td ta="right" className="num" style={{ whiteSpace: "normal" }}>
                    {h.from ? t("company_data.from_to", { from: h.from <= "1900-01-01" ? t("company_data.ever") : whole(format.date(h.from)), to: whole(format.date(h.to)) }) : ""}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Answered>
    </Panel>
  );
}

/** The demo company: to be loaded while there is nothing, and removed again. */
function DemoPanel() {
  const { t } = useTranslation();
  const can = useCan();
  const queries = useQueryClient();
  const demo = useSession()?.demo ?? false;
  const contents = useQuery({ ...contentsQuery, enabled: can("demo.manage") }).data;
  const empty = contents?.every((h) => h.count === 0) ?? false;
  const warehouse = useQuery(warehouseQuery).data?.state;
  const [customers, setCustomers] = useState<number | string>(3000);
  const [removing, setRemoving] = useState<string>();
  const ended = () => {
    void queries.fetchQuery({ ...sessionQuery, staleTime: 0 });
    void queries.invalidateQueries();
  };
  if (!can("demo.manage")) return null;
  return (
    <Panel title={t("demo.title")}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t(demo ? "demo.there" : contents && !empty ? "demo.not_empty" : "demo.about")}
        </Text>
        {removing && <JobProgress key={removing} id={removing} onEnd={ended} />}
        <Group align={demo ? "center" : "flex-end"} gap="sm">
          {demo && (
            <ConfirmButton disabled={warehouse !== "ready"} label={t("demo.remove")} title={t("demo.remove")} confirm={t("demo.remove")} onConfirm={async () => setRemoving((await ask(api.DELETE("/demo"))).job.id)}>
              {t("demo.remove_text")}
            </ConfirmButton>
          )}
          {demo && warehouse && warehouse !== "ready" && <Reason>{t(`demo.not_while_${warehouse}`)}</Reason>}
          {!demo && empty && (
            <>
              <NumberInput label={t("demo.customers")} min={100} max={100000} step={1000} thousandSeparator=" " value={customers} onChange={setCustomers} w={140} />
              <LoadDemo customers={Number(customers) || undefined} />
            </>
          )}
        </Group>
      </Stack>
    </Panel>
  );
}
