import { ActionIcon, Badge, Button, Grid, Group, NumberInput, Select, Stack, Table, Text, Textarea, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { problemOf } from "../../api/problem";
import type { Rule, RuleListing } from "../../api/types";
import { Panel } from "../../ui/page";
import { ProblemNotice } from "../../ui/states";
import { Preview } from "./preview";
import { empty, keyOf } from "./rule";

const units: Rule["unit"][] = ["number", "money", "share", "points", "count", "days"];
const directions: Rule["direction"][] = ["more", "less", "neutral"];

/** One rule: its words, its expression with what it can be made of, and what it would give for all customers. */
export function RuleForm({ listing, rules, at, onSave, onCancel }: { listing: RuleListing; rules: Rule[]; at: number; onSave: (rules: Rule[]) => Promise<void>; onCancel: () => void }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<Rule>(rules[at] ?? empty());
  const [ownKey, setOwnKey] = useState(Boolean(rules[at]));
  const text = useRef<HTMLTextAreaElement>(null);
  const change = (c: Partial<Rule>) => setDraft({ ...draft, ...c });
  const save = useMutation({ mutationFn: () => onSave([...rules.slice(0, at), draft, ...rules.slice(at + 1)]) });

  // What is typed is tried a moment after typing stops; its words do not matter for that.
  const complete = draft.classes.names.every((n) => n.trim() !== "");
  const tried = { ...draft, key: /^[a-z][a-z0-9_]{0,30}$/.test(draft.key) ? draft.key : "draft", label: draft.label || "draft", definition: draft.definition || "draft", classes: complete ? draft.classes : { at: [], names: [] } };
  const [asked] = useDebouncedValue(draft.expression.trim() === "" ? "" : JSON.stringify([...rules.slice(0, at), tried]), 500);
  const preview = useQuery({
    queryKey: ["rules", "preview", asked],
    queryFn: () => ask(api.POST("/rules/preview", { body: { rules: JSON.parse(asked) as Rule[] } })),
    enabled: asked !== "",
    placeholderData: keepPreviousData,
    retry: false,
  });
  const mistake = draft.expression.trim() === "" ? null : preview.data?.mistake;
  const insert = (word: string) => {
    const field = text.current;
    const [from, to] = [field?.selectionStart ?? draft.expression.length, field?.selectionEnd ?? draft.expression.length];
    change({ expression: draft.expression.slice(0, from) + word + draft.expression.slice(to) });
    field?.focus();
  };
  const wrong = save.error ? problemOf(save.error).fields : {};
  const of = (name: string) => wrong[`rules[${at}].${name}`];
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            save.mutate();
          }}
        >
          <Panel title={t(rules[at] ? "rule.edit" : "rule.new")}>
            <Stack gap="sm">
              <Group grow align="flex-start">
                <TextInput label={t("rule.label")} required maxLength={80} value={draft.label} error={of("label")}
                  onChange={(e) => change({ label: e.currentTarget.value, ...(ownKey ? {} : { key: keyOf(e.currentTarget.value) }) })} />
                <TextInput label={t("rule.key")} description={t("rule.key_help")} required maxLength={31} pattern="[a-z][a-z0-9_]*" value={draft.key} error={of("key")}
                  onChange={(e) => {
                    setOwnKey(true);
                    change({ key: e.currentTarget.value });
                  }} inputWrapperOrder={["label", "input", "description", "error"]} />
              </Group>
              <TextInput label={t("rule.definition")} required maxLength={500} value={draft.definition} error={of("definition")} onChange={(e) => change({ definition: e.currentTarget.value })} />
              <Textarea ref={text} label={t("rule.expression")} description={t("rule.expression_help")} required autosize minRows={2} maxLength={1000} spellCheck={false} styles={{ input: { fontFamily: "monospace" } }}
                value={draft.expression} onChange={(e) => change({ expression: e.currentTarget.value })}
                error={mistake ? `${t("rule.at", { at: mistake.at + 1 })} ${mistake.detail}` : undefined} />
              {mistake && <Place text={draft.expression} at={mistake.at} />}
              <Group grow align="flex-start">
                <Select label={t("rule.unit")} data={units.map((u) => ({ value: u, label: t(`unit.${u}`) }))} value={draft.unit} allowDeselect={false} onChange={(u) => u && change({ unit: u as Rule["unit"] })} />
                <Select label={t("rule.direction")} data={directions.map((d) => ({ value: d, label: t(`direction.${d}`) }))} value={draft.direction} allowDeselect={false} onChange={(d) => d && change({ direction: d as Rule["direction"] })} />
              </Group>
              <ClassFields rule={draft} onChange={(classes) => change({ classes })} />
              {save.error && <ProblemNotice cause={save.error} shown={["label", "key", "definition"].map((n) => `rules[${at}].${n}`)} />}
              <Group>
                <Button type="submit" loading={save.isPending} disabled={Boolean(mistake)}>
                  {t("action.save")}
                </Button>
                <Button variant="default" onClick={onCancel}>
                  {t("action.cancel")}
                </Button>
              </Group>
            </Stack>
          </Panel>
        </form>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <Stack>
          <Panel title={t("rule.preview")}>
            {draft.expression.trim() === "" ? (
              <Text size="sm" c="dimmed">
                {t("rule.preview_empty")}
              </Text>
            ) : preview.error ? (
              <ProblemNotice cause={preview.error} />
            ) : mistake ? (
              <Text size="sm" c="dimmed">{t("rule.preview_mistake")}</Text>
            ) : (
              <Preview of={preview.data} unit={draft.unit} waiting={preview.isFetching} />
            )}
          </Panel>
          <Names listing={listing} rules={rules.slice(0, at)} onPick={insert} />
        </Stack>
      </Grid.Col>
    </Grid>
  );
}

/** The expression with the wrong character marked. */
function Place({ text, at }: { text: string; at: number }) {
  const letters = [...text];
  return (
    <Text size="sm" ff="monospace" aria-hidden style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
      {letters.slice(0, at).join("")}
      <mark style={{ background: "var(--mantine-color-error)", color: "var(--mantine-color-body)", borderRadius: 2, padding: "0 2px" }}>{letters[at] ?? "␣"}</mark>
      {letters.slice(at + 1).join("")}
    </Text>
  );
}

function ClassFields({ rule, onChange }: { rule: Rule; onChange: (c: Rule["classes"]) => void }) {
  const { t } = useTranslation();
  const { at, names } = rule.classes;
  const add = () => onChange(names.length === 0 ? { at: [0], names: ["", ""] } : { at: [...at, (at.at(-1) ?? 0) + 1], names: [...names, ""] });
  const remove = (i: number) => onChange(names.length <= 2 ? { at: [], names: [] } : { at: at.filter((_, j) => j !== Math.max(0, i - 1)), names: names.filter((_, j) => j !== i) });
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        {t("rule.classes")}
      </Text>
      <Text size="xs" c="dimmed">
        {t("rule.classes_help")}
      </Text>
      {names.map((name, i) => (
        <Group key={i} gap="xs" align="flex-end">
          <TextInput label={t("rule.class_name")} required maxLength={40} value={name} onChange={(e) => onChange({ at, names: names.map((n, j) => (j === i ? e.currentTarget.value : n)) })} w={200} />
          {i === 0 ? (
            <Text size="sm" c="dimmed" w={160} pb={8}>
              {t("rule.class_first")}
            </Text>
          ) : (
            <NumberInput label={t("rule.class_from")} required value={at[i - 1]} onChange={(v) => onChange({ names, at: at.map((x, j) => (j === i - 1 ? Number(v) : x)) })} w={160} />
          )}
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("rule.remove_class", { no: i + 1 })} onClick={() => remove(i)}>
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={add} disabled={names.length >= 12}>
          {t("rule.add_class")}
        </Button>
      </Group>
    </Stack>
  );
}

/** What an expression can be made of; a click puts the name where the cursor stands. */
function Names({ listing, rules, onPick }: { listing: RuleListing; rules: Rule[]; onPick: (word: string) => void }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const names = [...rules.map((r) => ({ key: r.key, label: r.label, kind: "number", note: "rule" })), ...listing.names];
  const found = names.filter((n) => `${n.key} ${n.label}`.toLowerCase().includes(search.toLowerCase()));
  return (
    <Panel title={t("rule.names")}>
      <Stack gap="xs">
        <TextInput type="search" aria-label={t("rule.find_name")} placeholder={t("rule.find_name")} value={search} onChange={(e) => setSearch(e.currentTarget.value)} />
        <div style={{ maxHeight: 260, overflow: "auto" }} tabIndex={0} role="group" aria-label={t("rule.names")}>
          <Table fz="xs" verticalSpacing={2}>
            <Table.Tbody>
              {found.map((n) => (
                <Table.Tr key={n.key}>
                  <Table.Td>
                    <UnstyledButton ff="monospace" fz="xs" c="var(--k-accent)" onClick={() => onPick(n.key)} title={t("rule.put_in", { name: n.key })}>
                      {n.key}
                    </UnstyledButton>
                  </Table.Td>
                  <Table.Td>{n.label}</Table.Td>
                  <Table.Td c="dimmed">{t(`kind_of.${n.kind}`)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
        <Text size="xs" fw={600} c="dimmed">
          {t("rule.functions")}
        </Text>
        <Group gap={6}>
          {listing.functions.map((f) => (
            <Badge key={f.name} component="button" type="button" variant="default" tt="none" fw={450} ff="monospace" title={f.note} style={{ cursor: "pointer" }} onClick={() => onPick(`${f.name}(`)}>
              {f.form}
            </Badge>
          ))}
        </Group>
        <Text size="xs" c="dimmed">
          {t("rule.grammar")}
        </Text>
      </Stack>
    </Panel>
  );
}
