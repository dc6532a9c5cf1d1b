import { ActionIcon, Anchor, Autocomplete, Grid, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowRight, IconPlus, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { fileColumnsQuery } from "../../api/queries";
import type { KindField, Lookup, StoredFile } from "../../api/types";
import { dateForms } from "./dialect";
import classes from "./intake.module.css";
import type { Rule } from "./mapping";

type Props = { field: KindField; rule: Rule; lookups: StoredFile[]; onChange: (r: Rule) => void };

/** What is done to a value before it is taken, in the order it is done: look up, translate, fill in, multiply. */
export function Refine({ field, rule, lookups, onChange }: Props) {
  const { t } = useTranslation();
  const dated = field.type === "date" || field.type === "month";
  const counted = field.type === "amount" || field.type === "number" || field.type === "integer";
  return (
    <div className={classes.more}>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <LookUp {...{ field, rule, lookups, onChange }} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <ValueMap {...{ field, rule, onChange }} />
        </Grid.Col>
        {rule.by !== "constant" && (
          <>
            {rule.by === "column" && (
              <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
                <Split {...{ field, rule, onChange }} />
              </Grid.Col>
            )}
            <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
              <TextInput label={t("import.fallback")} description={t("import.fallback_help")} value={rule.fallback} onChange={(e) => onChange({ ...rule, fallback: e.currentTarget.value })} />
            </Grid.Col>
            {counted && (
              <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
                <TextInput label={t("import.factor")} description={t("import.factor_help")} value={rule.factor} inputMode="decimal" onChange={(e) => onChange({ ...rule, factor: e.currentTarget.value })} />
              </Grid.Col>
            )}
            {dated && (
              <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
                <Autocomplete label={t("import.format")} description={t("import.format_help")} data={dateForms} value={rule.format} onChange={(format) => onChange({ ...rule, format })} />
              </Grid.Col>
            )}
            {counted && (
              <Grid.Col span={{ base: 12, xs: 6, md: 3 }}>
                <Select label={t("dialect.decimal")} description={t("import.decimal_help")} clearable placeholder={t("import.as_file")} value={rule.format || null} onChange={(format) => onChange({ ...rule, format: format ?? "" })}
                  data={[{ value: ".", label: "1234.56" }, { value: ",", label: "1234,56" }]} />
              </Grid.Col>
            )}
          </>
        )}
      </Grid>
    </div>
  );
}

/** Takes the value of another file's column instead. One step is edited here; a chain from a mapping file is shown. */
function LookUp({ field, rule, lookups, onChange }: Props) {
  const { t } = useTranslation();
  const [one] = rule.lookups;
  const set = (change: Partial<Lookup>) => onChange({ ...rule, lookups: [{ file: "", key: "", value: "", ...one, ...change }] });
  const file = lookups.find((f) => f.name === one?.file || f.id === one?.file);
  const columns = useQuery({ ...fileColumnsQuery(file?.id ?? ""), enabled: file !== undefined });
  const label = (what: string) => t("import.rule_label", { field: field.label, what });
  if (rule.lookups.length > 1) {
    return (
      <Stack gap={4}>
        <Text size="sm" fw={500}>{t("import.look_up")}</Text>
        {rule.lookups.map((l, i) => (
          <Text size="sm" key={i}>{t("import.look_up_step", { ...l, no: i + 1 })}</Text>
        ))}
        <Remove words={t("import.look_up_remove")} onClick={() => onChange({ ...rule, lookups: [] })} />
      </Stack>
    );
  }
  const names = [...new Set([...lookups.map((f) => f.name), ...(one?.file ? [one.file] : [])])];
  const choices = (now: string | undefined) => [...new Set([...(columns.data ?? []), ...(now ? [now] : [])])];
  return (
    <Stack gap={6}>
      <Select label={t("import.look_up")} description={t(lookups.length > 0 ? "import.look_up_help" : "import.look_up_none")} data={names} value={one?.file || null} clearable
        placeholder={t("import.look_up_nowhere")} disabled={names.length === 0} error={one?.file && !file ? t("import.look_up_missing") : undefined}
        onChange={(name) => (name ? set({ file: name, key: "", value: "" }) : onChange({ ...rule, lookups: [] }))} />
      {one && (
        <Group grow align="flex-start" gap="xs">
          <Select label={t("import.look_up_key")} aria-label={label(t("import.look_up_key"))} searchable data={choices(one.key)} value={one.key || null} onChange={(key) => set({ key: key ?? "" })} />
          <Select label={t("import.look_up_value")} aria-label={label(t("import.look_up_value"))} searchable data={choices(one.value)} value={one.value || null} onChange={(value) => set({ value: value ?? "" })} />
        </Group>
      )}
    </Stack>
  );
}

/** Takes a part of the cell: by what stands between the parts, and which of them. */
function Split({ field, rule, onChange }: Omit<Props, "lookups">) {
  const { t } = useTranslation();
  const label = (what: string) => t("import.rule_label", { field: field.label, what });
  const set = (change: Partial<Rule["split"]>) => onChange({ ...rule, split: { ...rule.split, ...change } });
  const parts = [1, 2, 3, 4, 5, -1, -2];
  return (
    <Group gap="xs" grow align="flex-end" wrap="nowrap">
      <TextInput label={t("import.split")} description={t("import.split_help")} value={rule.split.by} onChange={(e) => set({ by: e.currentTarget.value })} />
      {rule.split.by !== "" && (
        <Select label={t("import.part")} description={t("import.part_help")} aria-label={label(t("import.part"))} allowDeselect={false} value={String(rule.split.part)} onChange={(v) => v && set({ part: Number(v) })}
          data={[...new Set([...parts, rule.split.part])].map((n) => ({ value: String(n), label: n > 0 ? t("import.part_first", { no: n }) : n === -1 ? t("import.part_last") : t("import.part_from_end", { no: -n }) }))} />
      )}
    </Group>
  );
}

/** From what stands in the file to what is meant; a field with choices offers them. */
function ValueMap({ field, rule, onChange }: Omit<Props, "lookups">) {
  const { t } = useTranslation();
  const set = (i: number, pair: [string, string]) => onChange({ ...rule, map: rule.map.map((p, at) => (at === i ? pair : p)) });
  const named = (what: string, i: number) => `${t("import.rule_label", { field: field.label, what })} ${i + 1}`;
  return (
    <Stack gap={6}>
      <div>
        <Text size="sm" fw={500}>{t("import.map")}</Text>
        <Text size="xs" c="dimmed">{t("import.map_help")}</Text>
      </div>
      {rule.map.map(([from, to], i) => (
        <div key={i} className={classes.pair}>
          <TextInput aria-label={named(t("import.map_from"), i)} placeholder={t("import.map_from")} value={from} onChange={(e) => set(i, [e.currentTarget.value, to])} />
          <IconArrowRight size={14} aria-hidden />
          {field.choices ? (
            <Select aria-label={named(t("import.map_to"), i)} placeholder={t("import.pick_value")} data={[...new Set([...field.choices, ...(to ? [to] : [])])]} value={to || null} onChange={(v) => set(i, [from, v ?? ""])} />
          ) : (
            <TextInput aria-label={named(t("import.map_to"), i)} placeholder={t("import.map_to")} value={to} onChange={(e) => set(i, [from, e.currentTarget.value])} />
          )}
          <ActionIcon variant="subtle" color="gray" aria-label={`${t("import.map_remove")} ${i + 1}`} onClick={() => onChange({ ...rule, map: rule.map.filter((_, at) => at !== i) })}>
            <IconX size={15} />
          </ActionIcon>
        </div>
      ))}
      <Anchor component="button" type="button" size="sm" ta="left" onClick={() => onChange({ ...rule, map: [...rule.map, ["", ""]] })}>
        <Group gap={4} component="span">
          <IconPlus size={14} aria-hidden />
          {t("import.map_add")}
        </Group>
      </Anchor>
    </Stack>
  );
}

function Remove({ words, onClick }: { words: string; onClick: () => void }) {
  return (
    <Anchor component="button" type="button" size="sm" ta="left" onClick={onClick}>
      {words}
    </Anchor>
  );
}
