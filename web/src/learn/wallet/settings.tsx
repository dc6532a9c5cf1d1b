import { ActionIcon, Button, Group, NumberInput, Stack, Switch, Table, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { versionsQuery, walletDefinitionQuery } from "../../api/queries";
import type { WalletDefinition } from "../../api/types";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import { ComputeNow } from "../scoring/compute";

/** Settings › Potential: which statements are trusted how long, and how the rest is estimated. */
export function PotentialSettings() {
  const { t } = useTranslation();
  const definition = useQuery(walletDefinitionQuery);
  return (
    <>
      <PageHeader title={t("nav.potential_settings")}>{t("wallet_settings.intro")}</PageHeader>
      <Answered of={definition}>{({ data, tag }) => <Form key={tag} saved={data} tag={tag} />}</Answered>
    </>
  );
}

function Form({ saved, tag }: { saved: WalletDefinition; tag: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(saved);
  const [sizes, setSizes] = useState(saved.sizes.join(", "));
  const latest = useQuery(versionsQuery).data?.items.map((v) => v.as_of).sort().at(-1);
  const save = useMutation({
    mutationFn: () => {
      const body = { ...draft, sizes: sizes.split(/[,;\s]+/).filter(Boolean).map(Number) };
      return ask(api.PUT("/wallet/definition", { body, params: { header: { "If-Match": tag } } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: walletDefinitionQuery.queryKey }),
  });
  const set = (change: Partial<WalletDefinition>) => setDraft({ ...draft, ...change });
  const percent = (key: "quantile" | "level" | "usual" | "less", min: number) => (
    <NumberInput label={t(`wallet_settings.${key}`)} description={t(`wallet_settings.${key}_help`)} min={min} max={key === "usual" || key === "less" ? 100 : 99} decimalScale={1} suffix=" %" value={Math.round(draft[key] * 1000) / 10} onChange={(v) => set({ [key]: Number(v) / 100 })} />
  );
  return (
    <Stack maw={760}>
      <Panel title={t("wallet_settings.trust")}>
        <Text size="sm" c="dimmed" mb="sm">{t("wallet_settings.trust_help")}</Text>
        <TrustTable trust={draft.trust} onChange={(trust) => set({ trust })} />
      </Panel>
      <Panel title={t("wallet_settings.estimates")}>
        <Stack gap="md">
          <Switch label={t("wallet_settings.estimate")} description={t("wallet_settings.estimate_help")} checked={draft.estimate} onChange={(e) => set({ estimate: e.currentTarget.checked })} />
          <Group align="flex-start" grow preventGrowOverflow={false}>
            {percent("quantile", 50)}
            {percent("level", 50)}
          </Group>
          <Group align="flex-start" grow preventGrowOverflow={false}>
            <NumberInput label={t("wallet_settings.minimum")} description={t("wallet_settings.minimum_help")} min={10} max={1_000_000} allowDecimal={false} value={draft.minimum} onChange={(v) => set({ minimum: Number(v) || 30 })} />
            <TextInput label={t("wallet_settings.sizes")} description={t("wallet_settings.sizes_help")} value={sizes} onChange={(e) => setSizes(e.currentTarget.value)} />
          </Group>
        </Stack>
      </Panel>
      <Panel title={t("wallet_settings.white")}>
        <Group align="flex-start" grow preventGrowOverflow={false}>
          {percent("usual", 5)}
          {percent("less", 5)}
        </Group>
      </Panel>
      {save.error && <ProblemNotice cause={save.error} />}
      <Group>
        <Button loading={save.isPending} onClick={() => save.mutate()}>{t("action.save")}</Button>
        <Text size="sm" c="dimmed">{t("lifetime_settings.later")}</Text>
      </Group>
      {latest && can("score.run") && <ComputeNow as_of={latest} again />}
    </Stack>
  );
}

function TrustTable({ trust, onChange }: { trust: WalletDefinition["trust"]; onChange: (trust: WalletDefinition["trust"]) => void }) {
  const { t } = useTranslation();
  const move = (from: number, to: number) => {
    const moved = [...trust];
    moved.splice(to, 0, ...moved.splice(from, 1));
    onChange(moved);
  };
  return (
    <Table verticalSpacing={6} fz="sm" maw={520}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("wallet.source")}</Table.Th>
          <Table.Th>{t("wallet_settings.years")}</Table.Th>
          <Table.Th>{t("wallet_settings.order")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {trust.map((x, i) => {
          const name = t(`source.${x.source}`);
          return (
            <Table.Tr key={x.source}>
              <Table.Td>{name}</Table.Td>
              <Table.Td>
                <NumberInput aria-label={t("wallet_settings.years_of", { source: name })} w={90} min={1} max={100} allowDecimal={false} value={x.years} onChange={(v) => onChange(trust.map((y, k) => (k === i ? { ...y, years: Number(v) || 1 } : y)))} />
              </Table.Td>
              <Table.Td>
                <Group gap={4} wrap="nowrap">
                  <ActionIcon variant="subtle" color="gray" disabled={i === 0} aria-label={t("rule.up", { name })} onClick={() => move(i, i - 1)}>
                    <IconArrowUp size={16} />
                  </ActionIcon>
                  <ActionIcon variant="subtle" color="gray" disabled={i === trust.length - 1} aria-label={t("rule.down", { name })} onClick={() => move(i, i + 1)}>
                    <IconArrowDown size={16} />
                  </ActionIcon>
                </Group>
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}
