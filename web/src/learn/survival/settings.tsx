import { Button, Group, NumberInput, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { contractsDefinitionQuery } from "../../api/queries";
import type { ContractsDefinition } from "../../api/types";
import { Panel } from "../../ui/page";
import { Answered, ProblemNotice } from "../../ui/states";

/** In the settings of lifetime: when a customer is lost, and how long a contract runs. */
export function ContractSettings() {
  const definition = useQuery(contractsDefinitionQuery);
  return <Answered of={definition}>{({ data, tag }) => <Form key={tag} saved={data} tag={tag} />}</Answered>;
}

function Form({ saved, tag }: { saved: ContractsDefinition; tag: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(saved);
  const save = useMutation({
    mutationFn: () => ask(api.PUT("/contracts/definition", { body: draft, params: { header: { "If-Match": tag } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["contracts"] }),
  });
  const number = (key: keyof ContractsDefinition, min: number, max: number) => (
    <NumberInput label={t(`contracts_settings.${key}`)} description={t(`contracts_settings.${key}_help`)} min={min} max={max} allowDecimal={false} value={draft[key] as number} onChange={(v) => setDraft({ ...draft, [key]: Number(v) || min })} />
  );
  return (
    <Panel title={t("contracts_settings.title")}>
      <Stack gap="sm">
        <Group align="flex-start" grow preventGrowOverflow={false}>{number("silent_months", 1, 60)}{number("period_months", 1, 36)}</Group>
        <Group align="flex-start" grow preventGrowOverflow={false}>{number("early_days", 0, 92)}{number("minimum", 20, 1_000_000)}</Group>
        {save.error && <ProblemNotice cause={save.error} />}
        <Group>
          <Button variant="default" loading={save.isPending} onClick={() => save.mutate()}>{t("contracts_settings.save")}</Button>
          <Text size="sm" c="dimmed">{t("contracts_settings.at_once")}</Text>
        </Group>
      </Stack>
    </Panel>
  );
}
