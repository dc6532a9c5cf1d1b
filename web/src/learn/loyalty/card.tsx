import { Badge, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { sheetQuery } from "../../api/queries";
import type { MeasureValue } from "../../api/types";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { HowButton } from "../measure/how";
import { useMeasureWords } from "../measure/words";
import { bs } from "./lists";
import { evidence } from "./warnings";

/** What the panel says in its own words; the list of all measures leaves these out. */
export const toldLoyalty = [
  "behaviour_type", "consistency", "tie", "loyalty", "satisfaction", "satisfaction_source", ...bs, "relation", "warning", "warning_strength", "warning_chance", "buys_every", "purchases_recent", "purchases_usual",
  "rhythm_chance", "amount_change", "amount_chance", "share_before", "share_lately", "potential_change", "share_chance", "share_fell_by",
];

/** On the card: type of behaviour, tie and consistency, the five Bs and early warnings, each with "how?". */
export function LoyaltyPanel({ customerId, as_of }: { customerId: string; as_of?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMeasureWords();
  const sheet = useQuery(sheetQuery(customerId, as_of));
  const of = new Map(sheet.data?.items.map((m) => [m.key, m]));
  const type = of.get("behaviour_type");
  if (!sheet.data || !type) return null; // the panel of all measures says why
  const value = (key: string) => {
    const v = of.get(key)?.value;
    return typeof v === "number" ? v : null;
  };
  const word = (key: string) => {
    const v = of.get(key)?.value;
    return typeof v === "string" ? v : null;
  };
  const line = (key: string, label?: string) => {
    const m = of.get(key);
    return m && <Line key={key} of={m} label={label ?? words.label(m)} value={words.value(m, m.value)} customerId={customerId} as_of={as_of} />;
  };
  const warning = of.get("warning");
  const kind = typeof type.value === "string" ? type.value : "unknown";
  const scored = bs.filter((b) => value(b) !== null);
  return (
    <Panel title={t("nav.loyalty")} aside={<Text size="xs" c="dimmed">{format.date(sheet.data.as_of)}</Text>}>
      <Stack gap="sm">
        <div>
          <Group gap={4}>
            <Text fw={650} fz="lg">{t(`behaviour.${kind}`)}</Text>
            <HowButton measure="behaviour_type" label={t("loyalty.type")} customerId={customerId} as_of={as_of} />
          </Group>
          <Text size="xs" c="dimmed">{t(`behaviour_help.${kind}`)}</Text>
        </div>
        {warning && typeof warning.value === "string" && warning.value !== "none" && (
          <div>
            <Group gap={4}>
              <Badge variant="light" color={of.get("warning_strength")?.value === "strong" ? "red" : "orange"} radius="sm" tt="none" c="var(--mantine-color-text)">{t(`loyalty.warning_${warning.value}`)}</Badge>
              <HowButton measure="warning" label={t("loyalty.warning")} customerId={customerId} as_of={as_of} />
            </Group>
            <Text size="sm" mt={4}>
              {evidence(format, t, {
                warning: warning.value, buys_every: value("buys_every"), days_since_purchase: value("days_since_purchase"), purchases_recent: value("purchases_recent"), purchases_usual: value("purchases_usual"),
                rhythm_chance: value("rhythm_chance"), amount_change: value("amount_change"), amount_chance: value("amount_chance"),
                share_before: value("share_before"), share_lately: value("share_lately"), potential_change: value("potential_change"), share_chance: value("share_chance"), share_fell_by: word("share_fell_by"),
              }).join(" ")}
            </Text>
          </div>
        )}
        <Stack gap={4}>
          {line("loyalty")}
          {line("consistency")}
          {line("tie")}
          {line("satisfaction")}
          {warning && (warning.too_few || warning.value === "none") && <Line of={warning} label={t("loyalty.warning")} value={t("loyalty.warning_none")} customerId={customerId} as_of={as_of} />}
        </Stack>
        {scored.length > 0 && (
          <div>
            <Text size="sm" fw={550}>{t("loyalty.relation")}</Text>
            <Stack gap={4}>{scored.map((b) => line(b, t(`five_b.${b}`)))}</Stack>
          </div>
        )}
      </Stack>
    </Panel>
  );
}

function Line({ of, label, value, customerId, as_of }: { of: MeasureValue; label: string; value: ReactNode; customerId: string; as_of?: string }) {
  const { t } = useTranslation();
  return (
    <Group justify="space-between" gap={6} wrap="nowrap">
      <Group gap={2} wrap="nowrap" style={{ minWidth: 0 }}>
        <Text size="sm" c="dimmed">{label}</Text>
        <HowButton measure={of.key} label={label} customerId={customerId} as_of={as_of} />
      </Group>
      <Text size="sm" className={of.too_few ? undefined : "num"} c={of.too_few ? "dimmed" : undefined} fw={of.too_few ? 400 : 550} ta="right">
        {of.too_few ? t("ahead.none") : value}
      </Text>
    </Group>
  );
}
