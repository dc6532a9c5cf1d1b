import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { sheetQuery } from "../../api/queries";
import type { MeasureValue } from "../../api/types";
import { Panel } from "../../ui/page";
import { useFormat } from "../../ui/format";
import { HowButton } from "../measure/how";
import { useMeasureWords } from "../measure/words";

/** What the panel says in its own words; the list of all measures leaves these out. */
export const toldAhead = ["value_to_come", "value_so_far", "danger", "next_purchase", "next_purchase_from", "next_purchase_to", "next_purchase_size", "next_purchase_size_low", "next_purchase_size_high", "lifetime_group", "purchases_ahead"];

/** On the card: what is to be expected of the customer, each with "how?". */
export function AheadPanel({ customerId, as_of }: { customerId: string; as_of?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMeasureWords();
  const sheet = useQuery(sheetQuery(customerId, as_of));
  const of = new Map(sheet.data?.items.map((m) => [m.key, m]));
  const group = of.get("lifetime_group");
  if (!sheet.data || !group) return null; // the panel of all measures says why
  const next = of.get("next_purchase");
  const line = (key: string, value?: ReactNode) => {
    const m = of.get(key);
    return m && <Line key={key} of={m} value={value} customerId={customerId} as_of={as_of} />;
  };
  const day = (key: string) => {
    const v = of.get(key)?.value;
    return typeof v === "string" ? format.date(v) : "…";
  };
  const size = (key: string) => {
    const v = of.get(key)?.value;
    return typeof v === "number" ? format.round(v) : undefined;
  };
  return (
    <Panel title={t("ahead.title")} aside={<Text size="xs" c="dimmed">{format.date(sheet.data.as_of)}</Text>}>
      {group.too_few ? (
        <Text size="sm" c="dimmed">{group.too_few}</Text>
      ) : (
        <Stack gap="sm">
          <div>
            <Group gap={4}>
              <Text fw={650} fz="lg">{words.value(group, group.value)}</Text>
              <HowButton measure="lifetime_group" label={words.label(group)} customerId={customerId} as_of={as_of} />
            </Group>
            <Text size="xs" c="dimmed">{t(`lifetime.group_${String(group.value)}`)}</Text>
          </div>
          <Stack gap={4}>
            {line("value_to_come")}
            {line("value_so_far")}
            {line("danger")}
            {line("purchases_ahead")}
            {line("next_purchase", next?.value ? t("ahead.about", { date: day("next_purchase") }) : undefined)}
            {next?.value != null && <Text size="xs" c="dimmed" ta="right">{t("ahead.interval", { from: day("next_purchase_from"), to: day("next_purchase_to") })}</Text>}
            {line("next_purchase_size")}
            {size("next_purchase_size_low") && <Text size="xs" c="dimmed" ta="right">{t("ahead.size_interval", { from: size("next_purchase_size_low"), to: size("next_purchase_size_high") })}</Text>}
          </Stack>
        </Stack>
      )}
    </Panel>
  );
}

function Line({ of, value, customerId, as_of }: { of: MeasureValue; value?: ReactNode; customerId: string; as_of?: string }) {
  const { t } = useTranslation();
  const words = useMeasureWords();
  const label = words.label(of);
  return (
    <Group justify="space-between" gap={6} wrap="nowrap">
      <Group gap={2} wrap="nowrap" style={{ minWidth: 0 }}>
        <Text size="sm" c="dimmed">
          {label}
        </Text>
        <HowButton measure={of.key} label={label} customerId={customerId} as_of={as_of} />
      </Group>
      <Text size="sm" className={of.too_few ? undefined : "num"} c={of.too_few ? "dimmed" : undefined} fw={of.too_few ? 400 : 550} ta="right">
        {of.too_few ? t("ahead.none") : (value ?? words.value(of, of.value))}
      </Text>
    </Group>
  );
}
