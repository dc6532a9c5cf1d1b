import { Stack, Text } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { placesQuery } from "../../api/queries";
import type { Unit } from "../../api/types";
import { useCalendarLabels } from "../../ui/calendar";
import { useFormat } from "../../ui/format";

/** Since when a new place holds: from today unless said otherwise, and never in the future. */
export function Since({ value, onChange, error }: { value: string; onChange: (day: string) => void; error?: ReactNode }) {
  const { t } = useTranslation();
  const labels = useCalendarLabels();
  return (
    <DateInput ariaLabels={labels} label={t("org.since")} description={t("org.since_help")} valueFormat="D MMM YYYY" clearable placeholder={t("org.since_today")}
      maxDate={new Date()} value={value || null} onChange={(day) => onChange(day ?? "")} error={error} />
  );
}

/** Where a unit hung, or a person sat, since when; nothing while there was only one place. */
export function PlaceHistory({ of, id, units }: { of: "units" | "people"; id: string; units: Unit[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const places = useQuery(placesQuery(of, id)).data ?? [];
  if (places.length < 2) return null;
  const name = (unit?: string) => units.find((u) => u.id === unit)?.name ?? t(of === "units" ? "org.top" : "customer.no_unit");
  return (
    <Stack gap={2}>
      <Text size="xs" c="dimmed">
        {t("customer.before")}
      </Text>
      {places.map((p) => (
        <Text size="xs" key={p.valid_from}>
          {p.valid_from <= "1900-01-01" ? t("customer.from_start") : t("customer.since", { date: format.date(p.valid_from) })}: {name(p.unit_id)}
        </Text>
      ))}
    </Stack>
  );
}
