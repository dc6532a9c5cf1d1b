import { Button, Group, NumberInput, Select, Stack, Switch, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { scheduleQuery, versionsQuery } from "../../api/queries";
import type { ScoringSchedule } from "../../api/types";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import { scoredDates } from "./as-of";
import { ComputeNow } from "./compute";

/** Settings › Computing: the months of the past, and when pictures are computed without anybody asking. */
export function ScoringSettings() {
  const { t } = useTranslation();
  const can = useCan();
  const schedule = useQuery(scheduleQuery);
  return (
    <>
      <PageHeader title={t("nav.scoring_settings")}>{t("schedule.intro")}</PageHeader>
      <Stack maw={760}>
        <Answered of={schedule}>{({ data, tag }) => <Form key={tag} saved={data} tag={tag} />}</Answered>
        {can("score.run") && <Months />}
      </Stack>
    </>
  );
}

function Form({ saved, tag }: { saved: ScoringSchedule; tag: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(saved);
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/scorings/schedule", { body: draft, params: { header: { "If-Match": tag } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: scheduleQuery.queryKey }),
  });
  return (
    <Panel title={t("schedule.title")}>
      <Stack gap="md">
        <Switch label={t("schedule.nightly")} description={t("schedule.nightly_help")} checked={draft.nightly} onChange={(e) => setDraft({ ...draft, nightly: e.currentTarget.checked })} />
        <NumberInput label={t("schedule.hour")} description={t("schedule.hour_help")} min={0} max={23} allowDecimal={false} maw={260} disabled={!draft.nightly} value={draft.hour} onChange={(v) => setDraft({ ...draft, hour: Number(v) })} />
        <Switch label={t("schedule.after_import")} description={t("schedule.after_import_help")} checked={draft.after_import} onChange={(e) => setDraft({ ...draft, after_import: e.currentTarget.checked })} />
        {save.error && <ProblemNotice cause={save.error} />}
        <Group>
          <Button loading={save.isPending} onClick={() => save.mutate()}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}

/** Draws the ends of the months before the latest picture. */
function Months() {
  const { t } = useTranslation();
  const format = useFormat();
  const scored = scoredDates(useQuery(versionsQuery).data?.items ?? []);
  const [months, setMonths] = useState("12");
  const latest = scored[0]?.as_of;
  if (!latest) return null;
  const first = new Date(`${latest.slice(0, 7)}-01T00:00:00Z`);
  first.setUTCMonth(first.getUTCMonth() - Number(months));
  const from = first.toISOString().slice(0, 10);
  return (
    <Panel title={t("schedule.months")}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm" c="dimmed">
          {t("schedule.months_help", { date: format.date(latest), count: scored.length, number: format.number(scored.length) })}
        </Text>
        <Group align="flex-end">
          <Select label={t("schedule.back")} data={["12", "24", "36", "60"].map((n) => ({ value: n, label: t("schedule.months_back", { count: Number(n) }) }))} value={months} allowDeselect={false} onChange={(v) => v && setMonths(v)} w={190} />
          <ComputeNow key={from} as_of={latest} from={from} />
        </Group>
      </Stack>
    </Panel>
  );
}
