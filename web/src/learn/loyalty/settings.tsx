import { Alert, Button, Checkbox, Group, NumberInput, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { loyaltyDefinitionQuery, versionsQuery } from "../../api/queries";
import type { LoyaltyDefinition } from "../../api/types";
import { digitsOf, major, minor, useFormat } from "../../ui/format";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import { ComputeNow } from "../scoring/compute";
import { RulesPanel } from "./rules";

/** Settings › Loyalty: early warning, what makes consistency and tie, where low, middle and high begin, and the rules of behaviour. */
export function LoyaltySettings() {
  const { t } = useTranslation();
  const definition = useQuery(loyaltyDefinitionQuery);
  return (
    <>
      <PageHeader title={t("nav.loyalty_settings")}>{t("loyalty_settings.intro")}</PageHeader>
      <Answered of={definition}>{({ data, tag }) => <Form key={tag} saved={data} tag={tag} />}</Answered>
    </>
  );
}

function Form({ saved, tag }: { saved: LoyaltyDefinition; tag: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(saved);
  const latest = useQuery(versionsQuery).data?.items.map((v) => v.as_of).sort().at(-1);
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/loyalty/definition", { body: draft, params: { header: { "If-Match": tag } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: loyaltyDefinitionQuery.queryKey }),
  });
  const set = (change: Partial<LoyaltyDefinition>) => setDraft({ ...draft, ...change });
  return (
    <Stack maw={860}>
      <WarningRules of={draft} set={set} />
      <Weights title={t("loyalty_settings.consistency")} help={t("loyalty_settings.consistency_help")} of={draft.consistency} onChange={(consistency) => set({ consistency })} />
      <Weights title={t("loyalty_settings.tie")} help={t("loyalty_settings.tie_help")} of={draft.tie} onChange={(tie) => set({ tie })}>
        <NumberInput label={t("loyalty_settings.answer_months")} min={1} max={120} allowDecimal={false} value={draft.answer_months} onChange={(v) => set({ answer_months: Number(v) || 24 })} />
        <NumberInput label={t("loyalty_settings.asked")} min={1} max={1000} allowDecimal={false} value={draft.asked} onChange={(v) => set({ asked: Number(v) || 5 })} />
      </Weights>
      <Weights title={t("loyalty_settings.index")} help={t("loyalty_settings.index_help")} of={draft.index} onChange={(index) => set({ index })} />
      <CutsPanel of={draft} set={set} />
      <RulesPanel rules={draft.rules} onChange={(rules) => set({ rules })} />
      {save.error && <ProblemNotice cause={save.error} />}
      {save.isSuccess && (
        <Alert color="green" role="status">
          {t("loyalty_settings.saved")}
        </Alert>
      )}
      <Group>
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("action.save")}
        </Button>
        <Text size="sm" c="dimmed">
          {t("lifetime_settings.later")}
        </Text>
      </Group>
      {latest && can("score.run") && <ComputeNow as_of={latest} again />}
    </Stack>
  );
}

type Set = (change: Partial<LoyaltyDefinition>) => void;

function WarningRules({ of, set }: { of: LoyaltyDefinition; set: Set }) {
  const { t } = useTranslation();
  const w = of.warning;
  const change = (x: Partial<typeof w>) => set({ warning: { ...w, ...x } });
  return (
    <Panel title={t("loyalty_settings.warning")}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t("loyalty_settings.warning_help")}
        </Text>
        <Group align="flex-end" grow preventGrowOverflow={false}>
          <NumberInput label={t("loyalty_settings.rate")} min={0.01} max={20} decimalScale={2} suffix=" %" value={Math.round(w.rate * 1e4) / 100} onChange={(v) => change({ rate: Number(v) / 100 })} />
          <NumberInput label={t("loyalty_settings.months")} min={1} max={12} allowDecimal={false} value={w.months} onChange={(v) => change({ months: Number(v) || 3 })} />
          <NumberInput label={t("loyalty_settings.minimum")} min={8} max={1000} allowDecimal={false} value={w.minimum} onChange={(v) => change({ minimum: Number(v) || 8 })} />
        </Group>
        <Checkbox label={t("loyalty_settings.season")} checked={w.season} onChange={(e) => change({ season: e.currentTarget.checked })} />
      </Stack>
    </Panel>
  );
}

/** A panel of weights, one field each. */
function Weights<T extends Record<string, number>>({ title, help, of, onChange, children }: { title: string; help: string; of: T; onChange: (of: T) => void; children?: React.ReactNode }) {
  const { t } = useTranslation();
  return (
    <Panel title={title}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {help}
        </Text>
        <Group align="flex-end" gap="sm">
          {Object.keys(of).map((k) => (
            <NumberInput key={k} w={180} label={t(`loyalty_settings.weight_${k}`)} min={0} max={k === "complaint" ? 1 : 100} step={k === "complaint" ? 0.05 : 1} decimalScale={2} value={of[k]} onChange={(v) => onChange({ ...of, [k]: Number(v) })} />
          ))}
          {children}
        </Group>
      </Stack>
    </Panel>
  );
}

function CutsPanel({ of, set }: { of: LoyaltyDefinition; set: Set }) {
  const { t } = useTranslation();
  const format = useFormat();
  const own = of.profit_cuts.length === 2;
  const digits = digitsOf(format.currency);
  const setProfit = (i: number, v: number) => set({ profit_cuts: of.profit_cuts.map((c, j) => (j === i ? minor(v, format.currency) : c)) });
  return (
    <Panel title={t("loyalty_settings.cuts")}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t("loyalty_settings.cuts_help")}
        </Text>
        {(["consistency_cuts", "tie_cuts", "loyalty_cuts"] as const).map((k) => (
          <Group key={k} align="flex-end" gap="sm">
            {(["middle", "high"] as const).map((side) => (
              <NumberInput key={side} w={230} label={t(`loyalty_settings.${k}_${side}`)} min={0} max={k === "loyalty_cuts" ? 100 : 1} step={k === "loyalty_cuts" ? 5 : 0.05} decimalScale={2} value={of[k][side]} onChange={(v) => set({ [k]: { ...of[k], [side]: Number(v) } })} />
            ))}
          </Group>
        ))}
        <Checkbox label={t("loyalty_settings.thirds")} checked={!own} onChange={(e) => set({ profit_cuts: e.currentTarget.checked ? [] : [minor(1000, format.currency), minor(10_000, format.currency)] })} />
        {own && (
          <Group align="flex-end" gap="sm">
            {of.profit_cuts.map((c, i) => (
              <NumberInput key={i} w={230} label={t(i === 0 ? "loyalty_settings.profit_middle" : "loyalty_settings.profit_high", { currency: format.currency })} decimalScale={digits} value={major(c, format.currency)} onChange={(v) => setProfit(i, Number(v))} />
            ))}
          </Group>
        )}
      </Stack>
    </Panel>
  );
}
