import { ActionIcon, Box, Button, Group, MultiSelect, Select, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { IconFolderPlus, IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "../../ui/format";
import classes from "./segment.module.css";
import { complete, isGroup, joins, newGroup, newLine, signName, signsOf, takesValue, type Field, type Group as Parts, type Join, type Line, type Node } from "./tree";

/** Groups may stand so deep within each other; a "none" counts twice for the server. */
const deepest = 4;

/** The rule as groups of conditions that all, any or none of must hold. */
export function RuleBuilder({ group, onChange, fields, depth = 1, onRemove, place }: { group: Parts; onChange: (g: Parts) => void; fields: Map<string, Field>; depth?: number; onRemove?: () => void; place?: string }) {
  const { t } = useTranslation();
  const set = (i: number, part: Node) => onChange({ ...group, parts: group.parts.map((p, j) => (j === i ? part : p)) });
  const remove = (i: number) => onChange({ ...group, parts: group.parts.filter((_, j) => j !== i) });
  const name = place ? t("segment.group_no", { no: place }) : t("segment.group");
  return (
    <Box component="fieldset" className={classes.group} data-depth={depth}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Select aria-label={name} data={joins.map((j) => ({ value: j, label: t(`segment.join.${j}`) }))} value={group.join} allowDeselect={false} w={{ base: "100%", xs: 260 }} onChange={(j) => j && onChange({ ...group, join: j as Join })} />
        {onRemove && (
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("segment.remove_group", { name })} onClick={onRemove}>
            <IconTrash size={16} />
          </ActionIcon>
        )}
      </Group>
      <Stack gap="xs" mt="xs">
        {group.parts.map((part, i) => {
          const at = place ? `${place}.${i + 1}` : String(i + 1);
          return isGroup(part) ? (
            <RuleBuilder key={part.id} group={part} fields={fields} depth={depth + 1} place={at} onChange={(g) => set(i, g)} onRemove={() => remove(i)} />
          ) : (
            <ConditionLine key={part.id} line={part} fields={fields} place={at} onChange={(l) => set(i, l)} onRemove={group.parts.length > 1 ? () => remove(i) : undefined} />
          );
        })}
        {group.parts.length === 0 && <Text size="sm" c="dimmed">{t("segment.group_empty")}</Text>}
        <Group gap="xs">
          <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => onChange({ ...group, parts: [...group.parts, newLine()] })}>
            {t("segment.add_condition")}
          </Button>
          {depth < deepest && (
            <Button variant="subtle" size="compact-sm" leftSection={<IconFolderPlus size={14} />} onClick={() => onChange({ ...group, parts: [...group.parts, newGroup()] })}>
              {t("segment.add_group")}
            </Button>
          )}
        </Group>
      </Stack>
    </Box>
  );
}

function ConditionLine({ line, onChange, onRemove, fields, place }: { line: Line; onChange: (l: Line) => void; onRemove?: () => void; fields: Map<string, Field>; place: string }) {
  const { t } = useTranslation();
  const field = fields.get(line.field);
  const groups = (["customer", "measure", "segment"] as const).map((g) => ({
    group: t(`segment.fields.${g}`),
    items: [...fields.values()].filter((f) => f.group === g).map((f) => ({ value: f.key, label: f.label })),
  }));
  const choose = (key: string | null) => {
    const chosen = key ? fields.get(key) : undefined;
    if (chosen) onChange({ ...line, field: chosen.key, sign: signsOf(chosen.kind)[0] ?? "", typed: "", values: [] });
  };
  const words = (sign: string) => t(`segment.sign.${field?.kind === "segment" ? (sign === "=" ? "in_segment" : "not_in_segment") : signName(sign)}`);
  return (
    <Group gap="xs" align="flex-start" className={classes.line} role="group" aria-label={t("segment.condition_no", { no: place })}>
      <Select className={classes.field} aria-label={t("segment.about")} placeholder={t("segment.about")} data={groups} value={line.field || null} onChange={choose} searchable openOnFocus={false} allowDeselect={false} limit={300} nothingFoundMessage={t("filter.nothing")}
        error={line.field !== "" && !field ? t("segment.gone") : undefined} />
      {field && (
        <Select className={classes.sign} aria-label={t("condition.sign")} data={signsOf(field.kind).map((s) => ({ value: s, label: words(s) }))} value={line.sign} allowDeselect={false} onChange={(s) => s && onChange({ ...line, sign: s })} />
      )}
      {field && takesValue(line.sign) && <Value line={line} field={field} onChange={onChange} />}
      {onRemove && (
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("segment.remove_condition", { no: place })} onClick={onRemove}>
          <IconTrash size={16} />
        </ActionIcon>
      )}
    </Group>
  );
}

function Value({ line, field, onChange }: { line: Line; field: Field; onChange: (l: Line) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = t("condition.value");
  if (line.sign === "in") {
    return field.options ? (
      <MultiSelect className={classes.value} aria-label={label} placeholder={line.values.length ? undefined : t("segment.choose")} data={field.options} value={line.values} onChange={(values) => onChange({ ...line, values })} searchable openOnFocus={false} hidePickedOptions limit={200} nothingFoundMessage={t("filter.nothing")} />
    ) : (
      <TagsInput className={classes.value} aria-label={label} placeholder={line.values.length ? undefined : t("segment.type_each")} value={line.values} onChange={(values) => onChange({ ...line, values })} maxTags={500} />
    );
  }
  if (field.options) {
    return <Select className={classes.value} aria-label={label} placeholder={t("segment.choose")} data={field.options} value={line.typed || null} onChange={(v) => onChange({ ...line, typed: v ?? "" })} searchable openOnFocus={false} limit={200} nothingFoundMessage={t("filter.nothing")} />;
  }
  const unit = field.measure?.unit;
  const suffix = unit === "money" ? format.currency : unit === "share" || unit === "chance" ? "%" : undefined;
  return (
    <TextInput className={classes.value} aria-label={label} type={field.kind === "date" ? "date" : "text"} value={line.typed} onChange={(e) => onChange({ ...line, typed: e.currentTarget.value })} rightSection={suffix} rightSectionWidth={suffix && suffix.length > 1 ? 44 : 30}
      inputMode={field.kind === "number" ? "decimal" : undefined} error={line.typed !== "" && !complete(line, field, format) ? t("condition.number") : undefined} />
  );
}
