import { ActionIcon, Badge, Button, Group, Table, Text, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { address, api, ask, ifMatch } from "../../api/client";
import { plansQuery } from "../../api/queries";
import type { KeptPlan, Plan } from "../../api/types";
import { ConfirmButton } from "../../ui/confirm";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import classes from "./allocation.module.css";

/** The kept plans, the one in force marked, each against the even spread and the day's it was made on. */
export function PlansPanel({ onOpen }: { onOpen: (k: KeptPlan) => void }) {
  const { t } = useTranslation();
  const plans = useInfiniteQuery(plansQuery);
  return (
    <Panel title={t("allocation.plans")}>
      <Answered of={plans} height={80}>
        {(data) => {
          const all = data.pages.flatMap((p) => p.items);
          if (all.length === 0) return <Text size="sm" c="dimmed">{t("allocation.no_plans")}</Text>;
          return (
            <>
              <Plans of={all} onOpen={onOpen} />
              {plans.hasNextPage && <Button mt="sm" size="compact-sm" variant="default" loading={plans.isFetchingNextPage} onClick={() => void plans.fetchNextPage()}>{t("table.more")}</Button>}
            </>
          );
        }}
      </Answered>
    </Panel>
  );
}

function Plans({ of, onOpen }: { of: Plan[]; onOpen: (k: KeptPlan) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const queries = useQueryClient();
  const again = () => queries.invalidateQueries({ queryKey: ["plans"] });
  const open = useMutation({ mutationFn: (id: string) => ask(api.GET("/plans/{id}", { params: { path: { id } } })), onSuccess: onOpen });
  const force = useMutation({
    mutationFn: (p: Plan) => ask(api.PUT("/plans/{id}/in-force", { params: { path: { id: p.id }, header: ifMatch(p.version) }, body: { in_force: !p.in_force } })),
    onSettled: again,
  });
  const remove = async (p: Plan) => {
    await ask(api.DELETE("/plans/{id}", { params: { path: { id: p.id }, header: ifMatch(p.version) } }));
    await again();
  };
  return (
    <>
      {(open.error ?? force.error) && <ProblemNotice cause={open.error ?? force.error} />}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("allocation.plans")}>
        <Table fz="sm" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("field.name")}</Table.Th>
              <Table.Th>{t("allocation.made")}</Table.Th>
              <Table.Th ta="right">{t("allocation.budget")}</Table.Th>
              <Table.Th ta="right">{t("allocation.mean_return")}</Table.Th>
              <Table.Th ta="right">{t("allocation.even_each")}</Table.Th>
              <Table.Th ta="right">{t("allocation.now_each")}</Table.Th>
              <Table.Td aria-hidden />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.map((p) => (
              <Table.Tr key={p.id}>
                <Table.Td>
                  <Group gap={4} maw={260}>
                    <Text size="sm" fw={550}>{p.name}</Text>
                    {p.in_force && <Badge tt="none" style={{ flexShrink: 0 }} variant="light" color="tide" c="var(--k-accent)">{t("allocation.in_force")}</Badge>}
                  </Group>
                  {p.as_of && <Text size="xs" c="dimmed">{t("allocation.plan_as_of", { date: format.date(p.as_of) })}</Text>}
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{format.instant(p.created_at)}</Text>
                  <Text size="xs" c="dimmed">{p.created_by_name}</Text>
                </Table.Td>
                <Table.Td ta="right" className="num">{`${format.number(p.budget)} ${p.currency}`}</Table.Td>
                <Table.Td ta="right" className="num">{format.quantity(p.best.mean_return)}</Table.Td>
                <Table.Td ta="right" className="num">{format.quantity(p.even.mean_return)}</Table.Td>
                <Table.Td ta="right" className="num">{format.quantity(p.now?.mean_return)}</Table.Td>
                <Table.Td>
                  <Group gap={4} wrap="nowrap" justify="flex-end">
                    <Button size="compact-xs" variant="default" aria-label={t("allocation.open_plan", { name: p.name })} loading={open.isPending && open.variables === p.id} onClick={() => open.mutate(p.id)}>{t("allocation.open")}</Button>
                    {can("plan.write") && <Button size="compact-xs" variant="default" loading={force.isPending && force.variables.id === p.id} onClick={() => force.mutate(p)}>{t(p.in_force ? "allocation.take_out" : "allocation.put_in")}</Button>}
                    {can("export.run") && (
                      <Tooltip label={t("allocation.export_plan", { name: p.name })}>
                        <ActionIcon variant="subtle" color="gray" component="a" href={address(`/plans/${p.id}/export`)} download aria-label={t("allocation.export_plan", { name: p.name })}><IconDownload size={16} /></ActionIcon>
                      </Tooltip>
                    )}
                    {can("plan.write") && <ConfirmButton compact label={t("action.delete")} ariaLabel={t("allocation.delete_plan", { name: p.name })} title={t("allocation.delete_plan", { name: p.name })} confirm={t("action.delete")} onConfirm={() => remove(p)}>{t("allocation.delete_words")}</ConfirmButton>}
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}
