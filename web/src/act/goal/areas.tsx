import { ActionIcon, Badge, Button, Group, NumberInput, Select, Stack, Table, Text, TextInput, VisuallyHidden } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, askTagged } from "../../api/client";
import { areasQuery, matricesQuery } from "../../api/queries";
import type { GoalArea } from "../../api/types";
import { useMatrixWords } from "../../learn/matrix/words";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";

/** Satisfaction now and wanted by area, ranked; and the strategy of each cell. */
export function AreasTab() {
  const areas = useQuery(areasQuery);
  return (
    <Stack>
      <Answered of={areas}>{({ data, tag }) => <Areas key={tag} of={data.items} tag={tag} />}</Answered>
      <Strategies />
    </Stack>
  );
}

const priority = (a: GoalArea) => a.weight * Math.max(a.wanted - a.now, 0);

function Areas({ of, tag }: { of: GoalArea[]; tag: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useCan()("plan.write");
  const queries = useQueryClient();
  const [areas, setAreas] = useState(() => [...of].sort((a, b) => priority(b) - priority(a)));
  const save = useMutation({
    mutationFn: () => askTagged(api.PUT("/goals/areas", { params: { header: { "If-Match": tag } }, body: { items: areas } })),
    onSuccess: (after) => queries.setQueryData(areasQuery.queryKey, after),
  });
  const set = (i: number, change: Partial<GoalArea>) => setAreas(areas.map((a, j) => (j === i ? { ...a, ...change } : a)));
  const rank = (a: GoalArea) => 1 + areas.filter((o) => priority(o) > priority(a)).length;
  const number = (i: number, a: GoalArea, field: "now" | "wanted" | "weight", label: string) =>
    may ? (
      <NumberInput size="xs" w={84} aria-label={`${a.name}: ${label}`} min={field === "weight" ? 0 : 1} max={10} step={0.5} value={a[field]} onChange={(v) => set(i, { [field]: Number(v) })} />
    ) : (
      <span className="num">{format.quantity(a[field])}</span>
    );
  return (
    <Panel title={t("goal.areas")}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed" maw={760}>{t("goal.areas_help")}</Text>
        <Table.ScrollContainer minWidth={560} type="native" tabIndex={0} role="region" aria-label={t("goal.areas")}>
          <Table fz="sm" verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("goal.rank")}</Table.Th>
                <Table.Th>{t("goal.area")}</Table.Th>
                <Table.Th>{t("goal.area_now")}</Table.Th>
                <Table.Th>{t("goal.area_wanted")}</Table.Th>
                <Table.Th>{t("goal.area_weight")}</Table.Th>
                <Table.Th ta="right">{t("goal.priority")}</Table.Th>
                {may && <Table.Th><VisuallyHidden>{t("action.delete")}</VisuallyHidden></Table.Th>}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {areas.map((a, i) => (
                <Table.Tr key={i}>
                  <Table.Td className="num">{priority(a) > 0 ? format.number(rank(a)) : "–"}</Table.Td>
                  <Table.Td>{may ? <TextInput size="xs" miw={160} aria-label={t("goal.area")} value={a.name} onChange={(e) => set(i, { name: e.currentTarget.value })} /> : a.name}</Table.Td>
                  <Table.Td>{number(i, a, "now", t("goal.area_now"))}</Table.Td>
                  <Table.Td>{number(i, a, "wanted", t("goal.area_wanted"))}</Table.Td>
                  <Table.Td>{number(i, a, "weight", t("goal.area_weight"))}</Table.Td>
                  <Table.Td ta="right" className="num">{priority(a) > 0 ? format.quantity(priority(a)) : t("goal.nothing")}</Table.Td>
                  {may && (
                    <Table.Td>
                      <ActionIcon variant="subtle" color="gray" disabled={areas.length === 1} aria-label={t("goal.remove_area", { name: a.name })} onClick={() => setAreas(areas.filter((_, j) => j !== i))}><IconTrash size={16} /></ActionIcon>
                    </Table.Td>
                  )}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        {save.error && <ProblemNotice cause={save.error} />}
        {may && (
          <Group>
            <Button loading={save.isPending} onClick={() => save.mutate()}>{t("goal.save_areas")}</Button>
            <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => setAreas([...areas, { name: "", now: 5, wanted: 5, weight: 1 }])}>{t("goal.add_area")}</Button>
          </Group>
        )}
      </Stack>
    </Panel>
  );
}

/** Bind and minimal care keep what there is, the others go for more. */
const offensive = ["care", "develop"];

function Strategies() {
  const { t } = useTranslation();
  const words = useMatrixWords();
  const [search, change] = useSearchState();
  const matrices = useQuery(matricesQuery);
  return (
    <Answered of={matrices}>
      {(all) => {
        const told = all.filter((m) => m.usable && m.cells.some((c) => c.strategy));
        const m = told.find((x) => x.key === search.matrix) ?? told[0];
        return (
          <Panel title={t("goal.strategies")} aside={m && <Select size="xs" w={220} allowDeselect={false} aria-label={t("goal.matrix")} data={told.map((x) => ({ value: x.key, label: words.name(x) }))} value={m.key} onChange={(key) => change({ matrix: key ?? undefined })} />}>
            {!m ? <Text size="sm" c="dimmed">{t("goal.no_strategy")}</Text> : (
              <Stack gap="sm">
                <Text size="sm" c="dimmed">{t("goal.strategies_help", { name: words.name(m) })}</Text>
                <Table.ScrollContainer minWidth={520} type="native" tabIndex={0} role="region" aria-label={t("goal.strategies")}>
                  <Table fz="sm" verticalSpacing={6}>
                    <Table.Thead><Table.Tr><Table.Th>{t("goal.cell")}</Table.Th><Table.Th>{t("goal.strategy")}</Table.Th><Table.Th>{t("goal.stance")}</Table.Th><Table.Th>{t("goal.advice")}</Table.Th></Table.Tr></Table.Thead>
                    <Table.Tbody>
                      {m.cells.filter((c) => c.strategy).map((c) => (
                        <Table.Tr key={`${c.row}_${c.column}`}>
                          <Table.Th scope="row" fw={550}>{words.cell(m, c.row, c.column)}</Table.Th>
                          <Table.Td>{t(`strategy.${c.strategy}`)}</Table.Td>
                          <Table.Td><Badge variant="default" tt="none" fw={450} radius="sm">{t(offensive.includes(c.strategy ?? "") ? "goal.offensive" : "goal.defensive")}</Badge></Table.Td>
                          <Table.Td>{c.advice || t(`strategy_advice.${c.strategy}`)}</Table.Td>
                        </Table.Tr>
                      ))}
                    </Table.Tbody>
                  </Table>
                </Table.ScrollContainer>
              </Stack>
            )}
          </Panel>
        );
      }}
    </Answered>
  );
}
