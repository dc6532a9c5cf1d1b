import { Alert, Button, Group, NumberInput, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import type { Goal, GoalPart, GoalSplit } from "../../api/types";
import { major, minor, useFormat } from "../../ui/format";
import { Answered, ProblemNotice } from "../../ui/states";
import { useGoalWords } from "./words";

type By = GoalSplit["by"];
const keyOf = (p: Pick<GoalPart, "unit_id" | "person_id">) => `${p.unit_id}${p.person_id ?? ""}`;

/** Shares a goal out: a proposal that is adjusted while the sum stays. */
export function SplitForm({ of, money, onDone }: { of: Goal; money: boolean; onDone: () => void }) {
  const { t } = useTranslation();
  const [by, setBy] = useState<By>("potential");
  const proposal = useQuery({
    queryKey: ["goals", of.id, "proposal", by, of.version],
    queryFn: () => ask(api.POST("/goals/{id}/proposal", { params: { path: { id: of.id } }, body: { by, fixed: [] } })),
    staleTime: 0,
  });
  return (
    <Stack>
      <Group gap="xs">
        <Text size="sm">{t("goal.by")}</Text>
        <SegmentedControl size="sm" aria-label={t("goal.by")} value={by} onChange={(v) => setBy(v as By)} data={(["potential", "customers", "revenue"] as const).map((v) => ({ value: v, label: t(`goal.by_${v}`) }))} />
      </Group>
      <Answered of={proposal}>{(s) => <Parts key={by + proposal.dataUpdatedAt} of={of} split={s} money={money} onDone={onDone} />}</Answered>
    </Stack>
  );
}

function Parts({ of, split, money, onDone }: { of: Goal; split: GoalSplit; money: boolean; onDone: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useGoalWords();
  const queries = useQueryClient();
  const [parts, setParts] = useState(split.parts);
  const [changed, setChanged] = useState<Set<string>>(new Set());
  const fixedOf = (some: GoalPart[]) => some.map(({ unit_id, person_id, direct, amount }) => ({ unit_id, person_id, direct, amount }));
  const spread = useMutation({
    mutationFn: () => ask(api.POST("/goals/{id}/proposal", { params: { path: { id: of.id } }, body: { by: split.by, fixed: fixedOf(parts.filter((p) => changed.has(keyOf(p)))) } })),
    onSuccess: (s) => setParts(s.parts),
  });
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/goals/{id}/parts", { params: { path: { id: of.id }, header: ifMatch(of.version) }, body: { by: split.by, fixed: split.level ? [] : fixedOf(parts) } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["goals"] });
      onDone();
    },
  });
  if (parts.length === 0) return <Text size="sm">{t("goal.nobody_below")}</Text>;
  const amount = Math.round(split.amount);
  const difference = amount - parts.reduce((n, p) => n + p.amount, 0);
  const weight = (p: GoalPart) => (split.by === "customers" ? format.number(p.weight) : format.amount(p.weight));
  const write = (p: GoalPart, typed: number) => {
    const n = money ? minor(typed, format.currency) : Math.round(typed);
    setParts(parts.map((o) => (keyOf(o) === keyOf(p) ? { ...o, amount: n, target: o.start_value + n } : o)));
    setChanged(new Set([...changed, keyOf(p)]));
  };
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">{split.level ? t("goal.level_words") : t("goal.sum_stays", { amount: words.value(of.what, amount) })}</Text>
      <Table.ScrollContainer minWidth={560} type="native" tabIndex={0} role="region" aria-label={t("goal.share_out")}>
        <Table fz="sm" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("goal.part")}</Table.Th>
              <Table.Th ta="right">{t("goal.customers")}</Table.Th>
              {split.by !== "customers" && <Table.Th ta="right">{t(`goal.weight_${split.by}`)}</Table.Th>}
              <Table.Th ta="right">{t("goal.start")}</Table.Th>
              {!split.level && <Table.Th ta="right">{t("goal.amount")}{money ? ` (${format.currency})` : ""}</Table.Th>}
              <Table.Th ta="right">{t("goal.target")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {parts.map((p) => (
              <Table.Tr key={keyOf(p)}>
                <Table.Th scope="row" fw={550}>{p.name}</Table.Th>
                <Table.Td ta="right" className="num">{format.number(p.customers)}</Table.Td>
                {split.by !== "customers" && <Table.Td ta="right" className="num">{weight(p)}</Table.Td>}
                <Table.Td ta="right" className="num">{words.value(of.what, p.start_value)}</Table.Td>
                {!split.level && (
                  <Table.Td ta="right">
                    <NumberInput size="xs" w={120} ml="auto" aria-label={`${p.name}: ${t("goal.amount")}`} thousandSeparator hideControls value={money ? major(p.amount, format.currency) : p.amount} onChange={(v) => typeof v === "number" && v !== (money ? major(p.amount, format.currency) : p.amount) && write(p, v)} />
                  </Table.Td>
                )}
                <Table.Td ta="right" className="num">{words.value(of.what, p.target)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {split.unplaced > 0 && <Text size="sm" c="dimmed">{t("goal.unplaced", { number: format.number(split.unplaced) })}</Text>}
      {!split.level && difference !== 0 && (
        <Alert color="yellow" role="status">
          <Group gap="xs">
            <Text size="sm">{t(difference > 0 ? "goal.difference" : "goal.difference_over", { amount: words.value(of.what, Math.abs(difference)) })}</Text>
            <Button size="compact-sm" variant="default" loading={spread.isPending} disabled={changed.size === parts.length} onClick={() => spread.mutate()}>{t("goal.spread")}</Button>
          </Group>
        </Alert>
      )}
      {(save.error ?? spread.error) && <ProblemNotice cause={save.error ?? spread.error} />}
      <Group>
        <Button loading={save.isPending} disabled={!split.level && difference !== 0} onClick={() => save.mutate()}>{t("goal.keep_parts")}</Button>
      </Group>
    </Stack>
  );
}
