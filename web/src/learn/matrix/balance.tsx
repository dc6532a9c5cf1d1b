import { Alert, Stack, Text } from "@mantine/core";
import { IconScale } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { MatrixStatistics } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import type { Search } from "../../ui/search";
import { behindAny, cellKey, useMatrixWords } from "./words";

/** Two figures against each other in a sentence each: where effort goes that brings little, and where value gets little effort. */
export function Balance({ of, search }: { of: MatrixStatistics; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMatrixWords();
  const { balance } = of;
  if (!balance) return null;
  const name = (key: string) => (key === "customers" ? t("figure.customers") : words.figure(of.offered.find((f) => f.key === key) ?? { key, label: key }));
  const names = { effort: name(balance.effort).toLowerCase(), value: name(balance.value).toLowerCase() };
  const part = (p: NonNullable<typeof balance.over>) => ({
    ...names, effort_share: format.percent(p.share_of_effort), value_share: format.percent(p.share_of_value), customers_share: format.percent(p.share_of_customers), customers: format.number(p.customers),
  });
  const cells = (p: NonNullable<typeof balance.over>) =>
    of.cells
      .filter((c) => p.cells.includes(c.key))
      .map((c, i) => (
        <span key={c.key}>
          {i > 0 && ", "}
          <Figure to="/map/customers" search={behindAny(search, of.matrix.key, { cell: cellKey(c.row, c.column) }, "-revenue")} label={t("statistics.customers", { count: c.customers, number: format.number(c.customers) })}>
            {words.cell(of.matrix, c.row, c.column)}
          </Figure>
        </span>
      ));
  return (
    <Alert color="tide" variant="light" icon={<IconScale size={18} />} title={t("statistics.balance_title", { effort: name(balance.effort), value: names.value })} styles={{ title: { color: "var(--k-accent)" } }}>
      <Stack gap={6}>
        {balance.too_few && <Text size="sm">{t(`statistics.too_few_${balance.too_few}`, names)}</Text>}
        {balance.over && (
          <Text size="sm">
            <b>{t("statistics.over_said", part(balance.over))}</b> {cells(balance.over)}.
          </Text>
        )}
        {balance.under && (
          <Text size="sm">
            <b>{t("statistics.under_said", part(balance.under))}</b> {cells(balance.under)}.
          </Text>
        )}
        {!balance.too_few && !balance.over && !balance.under && <Text size="sm">{t("statistics.balanced", names)}</Text>}
        <Text size="xs" c="dimmed">{t("statistics.rule")}</Text>
      </Stack>
    </Alert>
  );
}
