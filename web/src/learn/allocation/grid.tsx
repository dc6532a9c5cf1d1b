import { ActionIcon, Button, Group, NumberInput, Switch, Table, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import classes from "./allocation.module.css";
import { emptyRow, type Draft, type Level, type Row } from "./draft";
import { useSegmentName } from "./words";

const mostLevels = 8;

/** Segments down, spends with their returns across. */
export function Grid({ draft, onChange }: { draft: Draft; onChange: (d: Draft) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useSegmentName(draft.by);
  const [limits, setLimits] = useState(draft.rows.some((r) => r.least !== "" || r.most !== "" || r.contacts !== ""));
  const levels = Math.max(1, ...draft.rows.map((r) => r.levels.length));
  const set = (i: number, change: Partial<Row>) => onChange({ ...draft, rows: draft.rows.map((r, j) => (j === i ? { ...r, ...change } : r)) });
  const setLevel = (i: number, at: number, change: Partial<Level>) => set(i, { levels: draft.rows[i]?.levels.map((l, j) => (j === at ? { ...l, ...change } : l)) ?? [] });
  const addLevel = () => onChange({ ...draft, rows: draft.rows.map((r) => ({ ...r, levels: [...r.levels, { spend: "", return: "" }] })) });
  const extra = [...(draft.method === "adbudg" ? (["saturation"] as const) : []), ...(limits ? (["least", "most", "contacts", "contact_cost"] as const) : [])];
  return (
    <Panel title={t("allocation.responses")} aside={<Switch size="sm" label={t("allocation.limits")} checked={limits} onChange={(e) => setLimits(e.currentTarget.checked)} />}>
      <Text size="sm" c="dimmed" mb="sm" maw={860}>{t("allocation.responses_help", { currency: format.currency })} {limits && t("allocation.limits_help")}</Text>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("allocation.responses")}>
        <Table fz="sm" withRowBorders={false} className={classes.grid} w="auto">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("allocation.segment")}</Table.Th>
              <Table.Th>{t("figure.customers")}</Table.Th>
              {Array.from({ length: levels }, (_, i) => (
                <Table.Th key={i}>
                  <div className={classes.pair}><span>{t("allocation.spend_no", { no: i + 1 })}</span><span>{t("allocation.return_no", { no: i + 1 })}</span></div>
                </Table.Th>
              ))}
              <Table.Th>{t("allocation.now")}</Table.Th>
              {extra.map((k) => <Table.Th key={k}>{t(`allocation.${k}`)}</Table.Th>)}
              <Table.Td aria-hidden />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {draft.rows.map((r, i) => {
              const label = name(r.name);
              const field = (key: "customers" | "least" | "most" | "contacts" | "contact_cost" | "now" | "saturation", width = 88) => (
                <NumberInput size="xs" hideControls min={key === "saturation" ? undefined : 0} allowDecimal={key !== "customers"} aria-label={t("allocation.cell", { segment: label, what: key === "customers" ? t("figure.customers") : t(`allocation.${key}`) })} value={r[key]} onChange={(v) => set(i, { [key]: v })} w={width} />
              );
              return (
                <Table.Tr key={i}>
                  <Table.Td>{draft.by ? <Text size="sm" fw={550}>{label}</Text> : <TextInput size="xs" maxLength={100} aria-label={t("allocation.name_of", { no: i + 1 })} value={r.name} onChange={(e) => set(i, { name: e.currentTarget.value })} />}</Table.Td>
                  <Table.Td>{field("customers", 84)}</Table.Td>
                  {r.levels.map((l, at) => (
                    <Table.Td key={at}>
                      <div className={classes.pair}>
                        <NumberInput size="xs" hideControls min={0} aria-label={t("allocation.cell", { segment: label, what: t("allocation.spend_no", { no: at + 1 }) })} value={l.spend} onChange={(spend) => setLevel(i, at, { spend })} />
                        <NumberInput size="xs" hideControls aria-label={t("allocation.cell", { segment: label, what: t("allocation.return_no", { no: at + 1 }) })} value={l.return} onChange={(v) => setLevel(i, at, { return: v })} />
                      </div>
                    </Table.Td>
                  ))}
                  <Table.Td>{field("now")}</Table.Td>
                  {extra.map((k) => <Table.Td key={k}>{field(k)}</Table.Td>)}
                  <Table.Td>
                    <ActionIcon variant="subtle" color="gray" aria-label={t("allocation.remove", { segment: label })} onClick={() => onChange({ ...draft, rows: draft.rows.filter((_, j) => j !== i) })}>
                      <IconTrash size={16} />
                    </ActionIcon>
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </div>
      <Group mt="sm" gap="xs">
        {levels < mostLevels && <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={addLevel}>{t("allocation.add_level")}</Button>}
        {!draft.by && <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => onChange({ ...draft, rows: [...draft.rows, emptyRow(t("allocation.example_segment", { no: draft.rows.length + 1 }), "", levels)] })}>{t("allocation.add_segment")}</Button>}
      </Group>
    </Panel>
  );
}
