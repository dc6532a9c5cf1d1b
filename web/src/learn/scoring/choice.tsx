import { Group, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { contentsQuery } from "../../api/queries";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { ComputeNow } from "./compute";
import { daysToCompute } from "./days";

/** Computes one of the days that suggest themselves. */
export function ComputeChoice({ onDone }: { onDone?: (as_of: string) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const held = useQuery({ ...contentsQuery, enabled: can("import.read") }).data ?? [];
  const today = new Date().toISOString().slice(0, 10);
  const days = daysToCompute(today, held);
  const [chosen, setChosen] = useState<string>();
  const as_of = chosen ?? days[0] ?? today;
  return (
    <Group align="flex-end" gap="xs">
      <Select label={t("scoring.day")} data={days.map((d) => ({ value: d, label: d === today ? t("scoring.today", { date: format.date(d) }) : format.date(d) }))} value={as_of} allowDeselect={false} onChange={(d) => d && setChosen(d)} w={190} />
      <ComputeNow key={as_of} as_of={as_of} onDone={() => onDone?.(as_of)} />
    </Group>
  );
}

/** After an import: the pictures are of what was known before, until they are computed again. */
export function ComputeAfterImport({ onDone }: { onDone: (as_of: string) => void }) {
  const { t } = useTranslation();
  const can = useCan();
  if (!can("score.run")) return null;
  return (
    <Panel title={t("scoring.after_import_title")}>
      <Stack align="flex-start">
        <Text size="sm" c="dimmed">
          {t("scoring.after_import")}
        </Text>
        <ComputeChoice onDone={onDone} />
      </Stack>
    </Panel>
  );
}
