import { Button, Group, NumberInput, Radio, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { definitionQuery, versionsQuery } from "../../api/queries";
import type { Cut, MatrixDefinition } from "../../api/types";
import { major, minor, useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import { ComputeNow } from "../scoring/compute";

/** Settings › Matrix cut points, explained before they are asked for. */
export function CutSettings() {
  const { t } = useTranslation();
  const definition = useQuery(definitionQuery);
  return (
    <>
      <PageHeader title={t("cuts.title")} crumbs={[{ label: t("nav.cuts"), to: "/settings/matrix" }]}>
        {t("cuts.intro")}
      </PageHeader>
      <Answered of={definition}>{({ data, tag }) => <CutForm key={tag} saved={data} tag={tag} />}</Answered>
    </>
  );
}

function CutForm({ saved, tag }: { saved: MatrixDefinition; tag: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(saved);
  const [done, setDone] = useState(false);
  const latest = useQuery(versionsQuery).data?.items.map((v) => v.as_of).sort().at(-1);
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/matrix/definition", { body: draft, params: { header: { "If-Match": tag } } })),
    onSuccess: async () => {
      setDone(true);
      await queries.invalidateQueries({ queryKey: definitionQuery.queryKey });
    },
  });
  const may = can("matrix.define");
  return (
    <Stack maw={760}>
      <Panel title={t("cuts.window")}>
        <NumberInput label={t("cuts.months")} description={t("cuts.months_help")} min={1} max={60} allowDecimal={false} disabled={!may} value={draft.window_months} onChange={(v) => setDraft({ ...draft, window_months: Number(v) || 12 })} />
      </Panel>
      <Panel title={t("cuts.potential")}>
        <CutFields kind="potential" cut={draft.potential} disabled={!may} onChange={(potential) => setDraft({ ...draft, potential })} />
      </Panel>
      <Panel title={t("cuts.share")}>
        <CutFields kind="share" cut={draft.share} disabled={!may} onChange={(share) => setDraft({ ...draft, share })} />
      </Panel>
      {save.error && <ProblemNotice cause={save.error} />}
      {may ? (
        <Group>
          <Button loading={save.isPending} onClick={() => save.mutate()}>
            {t("action.save")}
          </Button>
          <Text size="sm" c="dimmed">
            {t("cuts.later")}
          </Text>
        </Group>
      ) : (
        <Text size="sm" c="dimmed">
          {t("cuts.read_only")}
        </Text>
      )}
      {(done || save.isSuccess) && latest && can("score.run") && <ComputeNow as_of={latest} again />}
    </Stack>
  );
}

function CutFields({ kind, cut, disabled, onChange }: { kind: "potential" | "share"; cut: Cut; disabled: boolean; onChange: (c: Cut) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const names = kind === "potential" ? ["gold", "silver"] : ["sailer", "loyal"];
  const percent = cut.by === "cumulative_share" || kind === "share";
  const shown = (x: number | undefined) => (x === undefined ? "" : percent ? Math.round(x * 1000) / 10 : major(x, format.currency));
  const set = (i: number, v: number | string) => {
    const at = [...cut.at];
    at[i] = percent ? Number(v) / 100 : minor(Number(v), format.currency);
    onChange({ ...cut, at });
  };
  const usual: Record<Cut["by"], number[]> =
    kind === "potential" ? { cumulative_share: [0.5, 0.8], value: [100_000_00, 25_000_00] } : { cumulative_share: [0.5, 0.8], value: [0.25, 0.6] };
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t(`cuts.${kind}_help`)}
      </Text>
      {kind === "potential" && (
        <Radio.Group label={t("cuts.by")} value={cut.by} onChange={(by) => onChange({ by: by as Cut["by"], at: usual[by as Cut["by"]] })}>
          <Stack gap={6} mt={6}>
            <Radio value="cumulative_share" label={t("cuts.by_cumulative")} description={t("cuts.by_cumulative_help")} disabled={disabled} />
            <Radio value="value" label={t("cuts.by_value")} description={t("cuts.by_value_help")} disabled={disabled} />
          </Stack>
        </Radio.Group>
      )}
      <Group grow align="flex-start">
        {names.map((name, i) => (
          <NumberInput key={name} disabled={disabled} min={0} label={t(`cuts.${kind}_${cut.by}_${name}`)} value={shown(cut.at[i])} onChange={(v) => set(i, v)}
            suffix={percent ? " %" : ` ${format.currency}`} thousandSeparator={percent ? undefined : " "} decimalScale={percent ? 1 : 0} />
        ))}
      </Group>
    </Stack>
  );
}
