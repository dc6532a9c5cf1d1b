import { Group, NumberInput, Select, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schedule } from "../../api/types";

const turns = ["hand", "minutes", "hours", "day", "week"] as const;
const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

/** The schedule in words. */
export function useTurn(): (s: Schedule) => string {
  const { t } = useTranslation();
  return (s) => {
    if (s.every === "minutes") return t("sources.turn.minutes", { number: s.number });
    if (s.every === "hours") return t("sources.turn.hours", { count: s.number, number: s.number });
    if (s.every === "day") return t("sources.turn.day", { at: s.at });
    if (s.every === "week") return t("sources.turn.week", { day: t(`sources.days.${s.weekday || "monday"}`), at: s.at });
    return t("sources.by_hand");
  };
}

/** A schedule of this turn with what it needs, in the time zone of whoever sets it. */
export function scheduleOf(every: Schedule["every"], old: Schedule): Schedule {
  const at = old.at || "05:00";
  const zone = old.zone || Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  if (every === "minutes") return { every, number: old.every === every ? old.number : 30 };
  if (every === "hours") return { every, number: old.every === every ? old.number : 1 };
  if (every === "day") return { every, at, zone };
  if (every === "week") return { every, at, zone, weekday: old.weekday || "monday" };
  return { every };
}

/** When a feed runs. */
export function ScheduleFields({ value, onChange, error }: { value: Schedule; onChange: (s: Schedule) => void; error?: string }) {
  const { t } = useTranslation();
  const counted = value.every === "minutes" || value.every === "hours";
  const timed = value.every === "day" || value.every === "week";
  return (
    <>
      <Group align="flex-start" gap="sm" maw={680} grow preventGrowOverflow={false} wrap="wrap">
        <Select label={t("sources.every_label")} allowDeselect={false} value={value.every} error={error} onChange={(v) => v && onChange(scheduleOf(v as Schedule["every"], value))}
          data={turns.map((e) => ({ value: e, label: t(`sources.every.${e}`) }))} />
        {counted && (
          <NumberInput label={t(value.every === "minutes" ? "sources.number_minutes" : "sources.number_hours")} min={value.every === "minutes" ? 5 : 1} max={value.every === "minutes" ? 1440 : 168} allowDecimal={false}
            value={value.number ?? 1} onChange={(n) => onChange({ ...value, number: Number(n) || undefined })} />
        )}
        {value.every === "week" && (
          <Select label={t("sources.weekday")} allowDeselect={false} value={value.weekday ?? "monday"} onChange={(d) => d && onChange({ ...value, weekday: d as Schedule["weekday"] })}
            data={days.map((d) => ({ value: d, label: t(`sources.days.${d}`) }))} />
        )}
        {timed && <TextInput type="time" label={t("sources.at")} value={value.at ?? ""} onChange={(e) => onChange({ ...value, at: e.currentTarget.value })} />}
      </Group>
      {timed && (
        <Text size="xs" c="dimmed" mt={4}>
          {t("sources.zone", { zone: value.zone ?? "UTC" })}
        </Text>
      )}
    </>
  );
}
