import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problem";
import { sheetQuery } from "../../api/queries";
import type { MeasureValue } from "../../api/types";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { Loading, ProblemNotice } from "../../ui/states";
import { HowButton } from "./how";
import { useMeasureWords } from "./words";

/** What the panel of the matrix shows already, with its own words. */
const elsewhere = new Set(["revenue", "potential", "potential_source", "share", "unused", "cell", "potential_class", "share_class"]);

/** On the card: every measure of the customer that no other panel shows, each with "how?"; `without` names those of the card. */
export function MeasuresPanel({ customerId, as_of, without = [] }: { customerId: string; as_of?: string; without?: string[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sheet = useQuery(sheetQuery(customerId, as_of));
  const missing = sheet.error && problemOf(sheet.error).status === 404;
  return (
    <Panel title={t("measure.title")} aside={sheet.data && <Text size="xs" c="dimmed">{format.date(sheet.data.as_of)}</Text>}>
      {sheet.isPending && <Loading height={120} />}
      {missing && <Text size="sm" c="dimmed">{t("measure.missing")}</Text>}
      {sheet.error && !missing && <ProblemNotice cause={sheet.error} />}
      <Stack gap={4}>
        {sheet.data?.items.filter((m) => !elsewhere.has(m.key) && !without.includes(m.key)).map((m) => <Line key={m.key} of={m} customerId={customerId} as_of={as_of} />)}
      </Stack>
    </Panel>
  );
}

function Line({ of, customerId, as_of }: { of: MeasureValue; customerId: string; as_of?: string }) {
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
        {of.too_few ? t("how.scant") : words.value(of, of.value)}
      </Text>
    </Group>
  );
}
