import { ActionIcon, Badge, Button, Group, Popover, Select, Stack, TextInput } from "@mantine/core";
import { IconMathGreater, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Measure } from "../../api/types";
import { useFormat } from "../../ui/format";
import { asked, conditionsOf, joined, parsed, signs, type Sign } from "./conditions";
import { useMeasureWords } from "./words";

/** Conditions on measures: what is set as chips, and a form to add one. */
export function MeasureFilter({ value, onChange, measures }: { value: string | undefined; onChange: (v: string | undefined) => void; measures: Measure[] }) {
  const conditions = conditionsOf(value);
  return (
    <Group gap="xs">
      <Add measures={measures} onAdd={(c) => onChange(joined([...conditions.filter((o) => o !== c), c]))} />
      {conditions.map((c) => (
        <Chip key={c} text={c} measures={measures} onRemove={() => onChange(joined(conditions.filter((o) => o !== c)))} />
      ))}
    </Group>
  );
}

/** A condition in words: "RFM points ≥ 40". */
export function useConditionWords(measures: Measure[]): (text: string) => string {
  const { t } = useTranslation();
  const words = useMeasureWords();
  return (text) => {
    const c = parsed(text);
    const m = measures.find((x) => x.key === c?.key);
    if (!c || !m) return text;
    if (c.value === "") return t(c.sign === "=" ? "condition.none" : "condition.any", { name: words.label(m) });
    const value = m.unit === "word" || m.unit === "date" ? c.value : Number(c.value);
    return t("condition.words", { name: words.label(m), sign: t(`sign.${nameOf(c.sign)}`), value: words.value(m, value) });
  };
}

function nameOf(sign: Sign): string {
  return { ">=": "at_least", "<=": "at_most", "=": "is", "!=": "is_not", ">": "more", "<": "less" }[sign];
}

function Chip({ text, measures, onRemove }: { text: string; measures: Measure[]; onRemove: () => void }) {
  const { t } = useTranslation();
  const words = useConditionWords(measures)(text);
  return (
    <Badge variant="light" size="lg" radius="sm" tt="none" fw={500} color="tide" c="var(--k-accent)"
      rightSection={
        <ActionIcon size="xs" variant="transparent" c="var(--k-accent)" aria-label={t("filter.remove", { name: words })} onClick={onRemove}>
          <IconX size={12} />
        </ActionIcon>
      }>
      {words}
    </Badge>
  );
}

function Add({ measures, onAdd }: { measures: Measure[]; onAdd: (condition: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMeasureWords();
  const [open, setOpen] = useState(false);
  const [key, setKey] = useState<string | null>(null);
  const [sign, setSign] = useState<Sign>(">=");
  const [typed, setTyped] = useState("");
  const measure = measures.find((m) => m.key === key);
  const wordly = measure?.unit === "word";
  const chosen = wordly && sign !== "=" && sign !== "!=" ? "=" : sign;
  const suffix = measure?.unit === "money" ? format.currency : measure?.unit === "share" || measure?.unit === "chance" ? "%" : undefined;
  const bad = measure && !wordly && measure.unit !== "date" && typed !== "" && !Number.isFinite(Number(typed.replace(",", ".")));
  const add = () => {
    if (!measure || bad) return;
    onAdd(`${measure.key}${typed === "" ? (chosen === "!=" ? "!=" : "=") : chosen}${asked(measure, wordly ? typed : typed.replace(",", "."), format)}`);
    setOpen(false);
    setTyped("");
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus shadow="md" width={320}>
      <Popover.Target>
        <Button variant="default" leftSection={<IconMathGreater size={15} />} onClick={() => setOpen(!open)} aria-expanded={open}>
          {t("condition.title")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            add();
          }}
        >
          <Stack gap="xs">
            <Select label={t("condition.measure")} data={measures.map((m) => ({ value: m.key, label: words.label(m) }))} value={key} onChange={setKey} searchable openOnFocus={false} comboboxProps={{ withinPortal: false }} nothingFoundMessage={t("filter.nothing")} />
            <Select label={t("condition.sign")} data={signs.filter((s) => !wordly || s === "=" || s === "!=").map((s) => ({ value: s, label: t(`sign.${nameOf(s)}`) }))} value={chosen} onChange={(s) => s && setSign(s as Sign)} allowDeselect={false} comboboxProps={{ withinPortal: false }} />
            <TextInput label={t("condition.value")} description={t("condition.value_help")} type={measure?.unit === "date" ? "date" : "text"} value={typed} onChange={(e) => setTyped(e.currentTarget.value)}
              rightSection={suffix} rightSectionWidth={suffix && suffix.length > 1 ? 44 : 30} error={bad ? t("condition.number") : undefined} />
            <Button type="submit" disabled={!measure || Boolean(bad)}>
              {t("condition.add")}
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
