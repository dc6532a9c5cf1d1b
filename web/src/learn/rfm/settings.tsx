import { ActionIcon, Button, Group, NumberInput, Radio, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { rfmDefinitionQuery, versionsQuery } from "../../api/queries";
import type { RfmDefinition } from "../../api/types";
import { useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import { ComputeNow } from "../scoring/compute";

/** Settings › RFM: how points are given and how customers are divided. */
export function RfmSettings() {
  const { t } = useTranslation();
  const definition = useQuery(rfmDefinitionQuery);
  return (
    <>
      <PageHeader title={t("nav.rfm_settings")}>{t("rfm_settings.intro")}</PageHeader>
      <Answered of={definition}>{({ data, tag }) => <Form key={tag} saved={data} tag={tag} />}</Answered>
    </>
  );
}

function Form({ saved, tag }: { saved: RfmDefinition; tag: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(saved);
  const latest = useQuery(versionsQuery).data?.items.map((v) => v.as_of).sort().at(-1);
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/rfm/definition", { body: draft, params: { header: { "If-Match": tag } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: rfmDefinitionQuery.queryKey }),
  });
  const { points, cells } = draft;
  const setPoints = (change: Partial<RfmDefinition["points"]>) => setDraft({ ...draft, points: { ...points, ...change } });
  const setCells = (change: Partial<RfmDefinition["cells"]>) => setDraft({ ...draft, cells: { ...cells, ...change } });
  const setBand = (i: number, change: Partial<{ months: number; points: number }>) => setPoints({ bands: points.bands.map((b, j) => (j === i ? { ...b, ...change } : b)) });
  const addBand = () => setPoints({ bands: [...points.bands, { months: (points.bands.at(-1)?.months ?? 0) + 3, points: 0 }] });
  return (
    <Stack maw={760}>
      <Panel title={t("rfm_settings.recency")}>
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            {t("rfm_settings.recency_help")}
          </Text>
          {points.bands.map((b, i) => (
            <Group key={i} gap="xs" align="flex-end" wrap="nowrap">
              <NumberInput label={t("rfm_settings.months")} min={1} max={1200} allowDecimal={false} value={b.months} onChange={(v) => setBand(i, { months: Number(v) || 1 })} w={150} />
              <NumberInput label={t("rfm_settings.points")} min={0} decimalScale={4} value={b.points} onChange={(v) => setBand(i, { points: Number(v) })} w={100} />
              <ActionIcon variant="subtle" color="gray" size="lg" disabled={points.bands.length === 1} aria-label={t("rfm_settings.remove_band", { no: i + 1 })} onClick={() => setPoints({ bands: points.bands.filter((_, j) => j !== i) })}>
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          ))}
          <Group>
            <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={addBand}>
              {t("rfm_settings.add_band")}
            </Button>
          </Group>
        </Stack>
      </Panel>
      <Panel title={t("rfm_settings.rest")}>
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <NumberInput label={t("rfm_settings.window")} description={t("rfm_settings.window_help")} min={1} max={1200} allowDecimal={false} value={points.window_months} onChange={(v) => setPoints({ window_months: Number(v) || 12 })} />
          <NumberInput label={t("rfm_settings.factor")} description={t("rfm_settings.factor_help")} min={0} decimalScale={4} value={points.factor} onChange={(v) => setPoints({ factor: Number(v) })} />
        </Group>
        <Group align="flex-start" grow preventGrowOverflow={false} mt="sm">
          <NumberInput label={t("rfm_settings.rate")} description={t("rfm_settings.rate_help", { currency: format.currency })} min={0} decimalScale={2} suffix=" %" value={Math.round(points.rate * 1e4) / 100} onChange={(v) => setPoints({ rate: Number(v) / 100 })} />
          <NumberInput label={t("rfm_settings.cap")} description={t("rfm_settings.cap_help")} min={0} decimalScale={4} value={points.cap} onChange={(v) => setPoints({ cap: Number(v) })} />
        </Group>
      </Panel>
      <Panel title={t("rfm_settings.cells")}>
        <Stack gap="sm">
          <Group align="flex-start" grow>
            {(["r", "f", "m"] as const).map((k) => (
              <NumberInput key={k} label={t(`rfm_settings.bands_${k}`)} min={1} max={100} allowDecimal={false} value={cells[k]} onChange={(v) => setCells({ [k]: Number(v) || 1 })} />
            ))}
          </Group>
          <Radio.Group label={t("rfm_settings.method")} value={cells.method} onChange={(m) => setCells({ method: m as "independent" | "nested" })}>
            <Stack gap={6} mt={6}>
              <Radio value="independent" label={t("rfm_settings.independent")} description={t("rfm_settings.independent_help")} />
              <Radio value="nested" label={t("rfm_settings.nested")} description={t("rfm_settings.nested_help")} />
            </Stack>
          </Radio.Group>
        </Stack>
      </Panel>
      {save.error && <ProblemNotice cause={save.error} />}
      <Group>
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("action.save")}
        </Button>
        <Text size="sm" c="dimmed">
          {t("rfm_settings.later")}
        </Text>
      </Group>
      {latest && can("score.run") && <ComputeNow as_of={latest} again />}
    </Stack>
  );
}
