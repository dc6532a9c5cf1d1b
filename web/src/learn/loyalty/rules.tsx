import { ActionIcon, Button, Group, NumberInput, Select, Stack, Table, Text, Tooltip } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import type { LoyaltyDefinition } from "../../api/types";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { ProblemNotice } from "../../ui/states";
import { types } from "./lists";
import classes from "./loyalty.module.css";

type Rule = LoyaltyDefinition["rules"][number];
type Condition = Rule["when"][number];

const inputs = ["consistency", "tie", "satisfaction", "intention", "recommendation", "relation", "complaints", "references_given", "second_chance", "share", "revenue_trend", "regularity", "price_level"] as const;

/** The ordered rules of behaviour (P12), with a preview of how many customers each type would have. */
export function RulesPanel({ rules, onChange }: { rules: Rule[]; onChange: (rules: Rule[]) => void }) {
  const { t } = useTranslation();
  const set = (i: number, change: Partial<Rule>) => onChange(rules.map((r, j) => (j === i ? { ...r, ...change } : r)));
  const move = (i: number, by: number) => {
    const next = [...rules];
    const [rule] = next.splice(i, 1);
    if (rule) next.splice(i + by, 0, rule);
    onChange(next);
  };
  return (
    <Panel title={t("loyalty_settings.rules")}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t("loyalty_settings.rules_help")}
        </Text>
        {rules.map((r, i) => (
          <div key={i} className={classes.rule} role="group" aria-label={t("loyalty_settings.rule", { no: i + 1 })}>
            <Group justify="space-between" gap="xs" mb={6}>
              <Group gap="xs">
                <Text size="sm" c="dimmed" className="num" w={20}>
                  {i + 1}
                </Text>
                <Select aria-label={t("loyalty_settings.rule_type", { no: i + 1 })} w={220} allowDeselect={false} value={r.type} onChange={(v) => v && set(i, { type: v as Rule["type"] })} data={types.filter((x) => x !== "unknown").map((x) => ({ value: x, label: t(`behaviour.${x}`) }))} />
              </Group>
              <Group gap={2}>
                <Small label={t("loyalty_settings.up", { no: i + 1 })} disabled={i === 0} onClick={() => move(i, -1)} icon={<IconArrowUp size={16} />} />
                <Small label={t("loyalty_settings.down", { no: i + 1 })} disabled={i === rules.length - 1} onClick={() => move(i, 1)} icon={<IconArrowDown size={16} />} />
                <Small label={t("loyalty_settings.remove", { no: i + 1 })} disabled={rules.length === 1} onClick={() => onChange(rules.filter((_, j) => j !== i))} icon={<IconTrash size={16} />} />
              </Group>
            </Group>
            <Conditions rule={r} no={i + 1} onChange={(when) => set(i, { when })} />
          </div>
        ))}
        <Group>
          <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} disabled={rules.length >= 40} onClick={() => onChange([...rules, { type: "indifferent", when: [] }])}>
            {t("loyalty_settings.add_rule")}
          </Button>
        </Group>
        <Preview rules={rules} />
      </Stack>
    </Panel>
  );
}

function Small({ label, icon, ...rest }: { label: string; icon: React.ReactNode; disabled?: boolean; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} {...rest}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

function Conditions({ rule, no, onChange }: { rule: Rule; no: number; onChange: (when: Condition[]) => void }) {
  const { t } = useTranslation();
  const set = (i: number, change: Partial<Condition>) => onChange(rule.when.map((c, j) => (j === i ? { ...c, ...change } : c)));
  return (
    <Stack gap={6} pl={28}>
      {rule.when.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("loyalty_settings.everybody")}
        </Text>
      )}
      {rule.when.map((c, i) => {
        const at = { rule: no, no: i + 1 };
        return (
          <Group key={i} gap="xs" wrap="wrap">
            <Select size="xs" w={210} allowDeselect={false} aria-label={t("loyalty_settings.input", at)} value={c.input} onChange={(v) => v && set(i, { input: v as Condition["input"] })} data={inputs.map((x) => ({ value: x, label: t(`loyalty_input.${x}`) }))} />
            <Select size="xs" w={110} allowDeselect={false} aria-label={t("loyalty_settings.sign", at)} value={c.sign} onChange={(v) => v && set(i, { sign: v as Condition["sign"] })} data={[{ value: ">=", label: t("loyalty_settings.at_least") }, { value: "<", label: t("loyalty_settings.below") }]} />
            <NumberInput size="xs" w={90} aria-label={t("loyalty_settings.value", at)} decimalScale={4} step={0.05} value={c.value} onChange={(v) => set(i, { value: Number(v) })} />
            <Small label={t("loyalty_settings.remove_condition", at)} onClick={() => onChange(rule.when.filter((_, j) => j !== i))} icon={<IconTrash size={14} />} />
          </Group>
        );
      })}
      <Group>
        <Button variant="subtle" size="compact-xs" leftSection={<IconPlus size={12} />} disabled={rule.when.length >= 8} onClick={() => onChange([...rule.when, { input: "tie", sign: ">=", value: 0.5 }])}>
          {t("loyalty_settings.add_condition")}
        </Button>
      </Group>
    </Stack>
  );
}

function Preview({ rules }: { rules: Rule[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const preview = useMutation({ mutationFn: () => ask(api.POST("/loyalty/preview", { body: { rules } })) });
  return (
    <Stack gap="xs" aria-live="polite">
      <Group>
        <Button variant="light" size="xs" loading={preview.isPending} onClick={() => preview.mutate()}>
          {t("loyalty_settings.preview")}
        </Button>
        {preview.data && (
          <Text size="xs" c="dimmed">
            {t("loyalty_settings.preview_of", { date: format.date(preview.data.as_of) })}
          </Text>
        )}
      </Group>
      {preview.error && <ProblemNotice cause={preview.error} />}
      {preview.data && (
        <Table fz="sm" verticalSpacing={3} withRowBorders={false} maw={520}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("loyalty.type")}</Table.Th>
              <Table.Th ta="right">{t("loyalty_settings.now")}</Table.Th>
              <Table.Th ta="right">{t("loyalty_settings.then")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {preview.data.types.map((x) => (
              <Table.Tr key={x.type} fw={x.customers === x.now ? undefined : 600}>
                <Table.Td>{t(`behaviour.${x.type}`)}</Table.Td>
                <Table.Td ta="right" className="num">{format.number(x.now)}</Table.Td>
                <Table.Td ta="right" className="num">{format.number(x.customers)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
