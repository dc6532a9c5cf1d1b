import { Alert, Stack, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Wallet } from "../../api/types";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import classes from "./wallet.module.css";

/** How well potentials that customers stated would have been estimated. */
export function TrialPanel({ of, save }: { of: Wallet; save: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { trial, definition } = of.basis;
  const { estimate, naive } = trial;
  if (!estimate || !naive) {
    return (
      <Panel title={t("wallet.trial")}>
        <Text size="sm">{t("wallet.untested", { count: trial.customers, number: format.number(trial.customers), least: format.number(trial.least) })}</Text>
      </Panel>
    );
  }
  const signed = (x: number) => (x > 0 ? "+" : "") + format.percent(x);
  const rows = [
    { key: "own", name: t("wallet.by_quantile", { quantile: format.cut(definition.quantile) }), errors: estimate, strong: true },
    { key: "naive", name: t("wallet.by_mean"), errors: naive, strong: false },
    ...trial.quantiles.filter((q) => q.quantile !== definition.quantile).map((q) => ({ key: String(q.quantile), name: t("wallet.other_quantile", { quantile: format.cut(q.quantile) }), errors: q, strong: false })),
  ];
  return (
    <Panel title={t("wallet.trial")} aside={save}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t("wallet.trial_explain", { customers: format.number(trial.customers), stated: format.number(trial.stated) })}
        </Text>
        <Alert color={{ trusted: "green", rough: "yellow", no_better: "red", untested: "gray" }[trial.verdict]} title={t(`wallet.verdict.${trial.verdict}_title`)}>
          {t(`wallet.verdict.${trial.verdict}`, { error: format.percent(estimate.median_error), naive: format.percent(naive.median_error), bias: signed(estimate.bias) })}
        </Alert>
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("wallet.trial")}>
          <Table fz="sm" verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("wallet.by")}</Table.Th>
                <Table.Th ta="right">{t("wallet.median_error")}</Table.Th>
                <Table.Th ta="right">{t("wallet.bias")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((r) => (
                <Table.Tr key={r.key} fw={r.strong ? 600 : undefined}>
                  <Table.Td>{r.name}</Table.Td>
                  <Table.Td ta="right" className="num">{format.percent(r.errors.median_error)}</Table.Td>
                  <Table.Td ta="right" className="num">{signed(r.errors.bias)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
        {trial.coverage !== null && (
          <Text size="sm">
            {t("wallet.coverage_words", { below: format.quantity(trial.below), above: format.quantity(trial.above), level: format.cut(trial.level), coverage: format.percent(trial.coverage) })}
          </Text>
        )}
        <Text size="xs" c="dimmed">{t("wallet.trial_how")}</Text>
      </Stack>
    </Panel>
  );
}
