import { Alert, Group, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { walletCardQuery } from "../../api/queries";
import type { WalletCard } from "../../api/types";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { HowButton } from "../measure/how";
import classes from "./wallet.module.css";
import { shared } from "./words";

/** What the panels say in their own words; the list of all measures leaves these out. */
export const toldOfWallet = ["potential_estimate", "potential_low", "potential_high", "potential_since", "alike", "alike_by", "white_space", "white_category"];

type Props = { customerId: string; as_of?: string };

/** On the card: the potential in force with its source and age, the estimate, and the nearest look-alikes. */
export function WalletPanel({ customerId, as_of }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const card = useQuery(walletCardQuery(customerId, as_of)).data;
  if (!card) return null; // the place in the matrix says why
  return (
    <Panel title={t("wallet.card_title")} aside={<Text size="xs" c="dimmed">{format.date(card.as_of)}</Text>}>
      <Stack gap="sm">
        <InForce card={card} customerId={customerId} />
        <Estimated card={card} customerId={customerId} />
        {card.neighbours.length > 0 && <Neighbours card={card} />}
      </Stack>
    </Panel>
  );
}

function InForce({ card, customerId }: { card: WalletCard; customerId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (card.potential === null) return <Text size="sm" c="dimmed">{t("wallet.card_unknown", { count: card.least })}</Text>;
  const words = {
    fresh: () => t("wallet.card_fresh", { source: t(`source.${card.source}`), date: format.date(card.since), until: format.date(card.fresh_until) }),
    out_of_date: () => t("wallet.card_old", { source: t(`source.${card.source}`), date: format.date(card.since) }),
    look_alikes: () => t("wallet.card_estimated"),
    unknown: () => "",
  }[card.state]();
  return (
    <div>
      <Group gap={4}>
        <Text fw={650} fz="lg" className="num">{format.round(card.potential, card.currency)}</Text>
        <HowButton measure="potential" label={t("wallet.potential")} customerId={customerId} as_of={card.as_of} />
      </Group>
      {card.state === "out_of_date" ? <Alert color="yellow" p="xs" mt={4}>{words}</Alert> : <Text size="xs" c="dimmed">{words}</Text>}
    </div>
  );
}

function Estimated({ card, customerId }: { card: WalletCard; customerId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const e = card.estimate;
  if (!e) return null;
  return (
    <div>
      <Group justify="space-between" gap={6} wrap="nowrap">
        <Group gap={2} wrap="nowrap">
          <Text size="sm" c="dimmed">{t("wallet.estimate")}</Text>
          <HowButton measure="potential_estimate" label={t("wallet.estimate")} customerId={customerId} as_of={card.as_of} />
        </Group>
        <Text size="sm" fw={550} className="num">{format.round(e.amount, card.currency)}</Text>
      </Group>
      <Text size="xs" c="dimmed" ta="right">
        {t(e.tested ? "wallet.interval" : "wallet.interval_quantile", { low: format.round(e.low, card.currency), high: format.round(e.high, card.currency), level: format.cut(e.chance) })}
      </Text>
      <Text size="xs" c="dimmed" mt={4}>
        {t("wallet.of_look_alikes", { rank: format.number(e.rank), buyers: format.number(e.buyers), shared: shared(t, format, e.level, e.traits) })}
      </Text>
    </div>
  );
}

function Neighbours({ card }: { card: WalletCard }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div>
      <Text size="sm" fw={600} component="h3" mb={4}>{t("wallet.neighbours")}</Text>
      <ul className={classes.list}>
        {card.neighbours.map((n) => (
          <li key={n.id}>
            <Group justify="space-between" gap={6} wrap="nowrap" align="baseline">
              <Text size="sm" style={{ minWidth: 0 }}>
                <Link to="/map/customers/$id" params={{ id: n.id }} search={{ as_of: card.as_of } as never}>{n.name}</Link>
              </Text>
              <Text size="sm" className="num" style={{ whiteSpace: "nowrap" }}>{format.cutMoney(n.revenue, card.currency)}</Text>
            </Group>
            <Text size="xs" c="dimmed">
              {[n.employees !== null && t("wallet.staff", { count: n.employees, number: format.number(n.employees) }), n.potential !== null && t("wallet.could", { amount: format.cutMoney(n.potential, card.currency), source: t(`source.${n.potential_source}`) })].filter(Boolean).join(" · ")}
            </Text>
          </li>
        ))}
      </ul>
      <Text size="xs" c="dimmed" mt={4}>{t("wallet.neighbours_explain")}</Text>
    </div>
  );
}

/** On the card: what the customer buys of each category against what is to be expected, and the white space. */
export function CategoriesPanel({ customerId, as_of }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const card = useQuery(walletCardQuery(customerId, as_of)).data;
  if (!card || card.categories.length === 0) return null;
  const expected = card.categories.some((c) => c.expected !== null);
  return (
    <Panel title={t("wallet.categories")} aside={<HowButton measure="white_space" label={t("wallet.white")} customerId={customerId} as_of={card.as_of} />}>
      <Text size="sm" c="dimmed" mb="sm">{t(expected ? "wallet.categories_explain" : "wallet.categories_unknown")}</Text>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("wallet.categories")}>
        <Table fz="sm" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("wallet.category")}</Table.Th>
              <Table.Th ta="right">{t("wallet.spent_in", { currency: card.currency })}</Table.Th>
              {expected && <Table.Th ta="right">{t("wallet.expected_in", { currency: card.currency })}</Table.Th>}
              {expected && <Table.Th ta="right">{t("wallet.share")}</Table.Th>}
              {expected && <Table.Th ta="right">{t("wallet.white_in", { currency: card.currency })}</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {card.categories.map((c) => (
              <Table.Tr key={c.category} fw={c.white_space > 0 ? 600 : undefined}>
                <Table.Td className={classes.name}>
                  {c.category || t("wallet.no_category")}
                  {c.reach !== null && <Text size="xs" c="dimmed" fw={400}>{t("wallet.reach", { share: format.cut(Math.round(c.reach * 100) / 100) })}</Text>}
                </Table.Td>
                <Table.Td ta="right" className="num">{format.amount(c.spent, card.currency)}</Table.Td>
                {expected && <Table.Td ta="right" className="num">{c.expected === null ? "–" : format.amount(c.expected, card.currency)}</Table.Td>}
                {expected && <Table.Td ta="right" className="num">{c.share === null ? "–" : format.percent(c.share)}</Table.Td>}
                {expected && <Table.Td ta="right" className="num">{c.white_space > 0 ? format.amount(c.white_space, card.currency) : "–"}</Table.Td>}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Panel>
  );
}
