import { Anchor, Grid, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Profit } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import classes from "./profit.module.css";
import { useBehind, Explained, Save } from "./words";

/** What hangs on few customers (D5). */
export function RiskPanels({ of }: { of: Profit }) {
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <LossPanel of={of} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <FallingPanel of={of} />
      </Grid.Col>
    </Grid>
  );
}

function LossPanel({ of }: { of: Profit }) {
  const { t } = useTranslation();
  const behind = useBehind();
  const format = useFormat();
  const { losses, top } = of.risk;
  return (
    <Panel title={t("profit.risk")} aside={<Save of={of} table="losses" />}>
      <Explained text={t("profit.risk_explain")} measure="profit" label={t("profit.risk")} as_of={of.as_of} />
      {losses.length === 0 && <Text size="sm">{t("profit.risk_none")}</Text>}
      {losses.length > 0 && (
        <div className={classes.scroll} tabIndex={0} role="group" aria-label={t("profit.risk")}>
          <Table fz="sm" verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("profit.lost_top")}</Table.Th>
                <Table.Th ta="right">{t("profit.profit_in", { currency: of.currency })}</Table.Th>
                <Table.Th ta="right">{t("profit.of_all")}</Table.Th>
                <Table.Th ta="right">{t("profit.revenue_in", { currency: of.currency })}</Table.Th>
                <Table.Th ta="right">{t("profit.of_all")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {losses.map((l) => (
                <Table.Tr key={l.largest}>
                  <Table.Td>
                    <Figure to="/map/customers" search={behind(of.as_of, [`profit>=${l.least_profit - 0.5}`])} label={t("profit.top_label")}>
                      {t("profit.top", { count: l.largest, number: format.number(l.largest) })}
                    </Figure>
                  </Table.Td>
                  <Table.Td ta="right" className="num">{format.amount(l.profit)}</Table.Td>
                  <Table.Td ta="right" className="num">{format.percent(l.profit_share)}</Table.Td>
                  <Table.Td ta="right" className="num">{format.amount(l.revenue)}</Table.Td>
                  <Table.Td ta="right" className="num">{format.percent(l.revenue_share)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {top.length > 0 && (
        <Text size="sm" mt="sm" component="div">
          <Text span size="sm" c="dimmed">{t("profit.they_are")}</Text>{" "}
          {top.map((c, i) => (
            <span key={c.id}>
              {i > 0 && ", "}
              <Anchor component={Link} size="sm" to="/map/customers/$id" params={{ id: c.id } as never} search={{ as_of: of.as_of } as never}>{c.name}</Anchor>
            </span>
          ))}
        </Text>
      )}
    </Panel>
  );
}

function FallingPanel({ of }: { of: Profit }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { falling, against, watched } = of.risk;
  return (
    <Panel title={t("profit.falling")}>
      <Explained text={t("profit.falling_explain", { points: format.cut(of.definition.falling) })} measure="share" label={t("profit.falling")} as_of={of.as_of} />
      {!against && <Text size="sm">{t("profit.falling_no_version")}</Text>}
      {against && watched === 0 && <Text size="sm">{t("profit.falling_no_share")}</Text>}
      {against && watched > 0 && falling.length === 0 && <Text size="sm">{t("profit.falling_none", { count: watched, number: format.number(watched), date: format.date(against) })}</Text>}
      {against && falling.length > 0 && (
        <>
          <Text size="sm" mb="xs">{t("profit.falling_some", { count: falling.length, fell: format.number(falling.length), number: format.number(watched), date: format.date(against) })}</Text>
          <div className={classes.scroll} tabIndex={0} role="group" aria-label={t("profit.falling")}>
            <Table fz="sm" verticalSpacing={4}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("profit.customer")}</Table.Th>
                  <Table.Th ta="right">{format.date(against)}</Table.Th>
                  <Table.Th ta="right">{format.date(of.as_of)}</Table.Th>
                  <Table.Th ta="right">{t("profit.revenue_in", { currency: of.currency })}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {falling.map((c) => (
                  <Table.Tr key={c.id}>
                    <Table.Td><Anchor component={Link} size="sm" to="/map/customers/$id" params={{ id: c.id } as never} search={{ as_of: of.as_of } as never}>{c.name}</Anchor></Table.Td>
                    <Table.Td ta="right" className="num">{format.percent(c.share_before)}</Table.Td>
                    <Table.Td ta="right" className="num">{format.percent(c.share)}</Table.Td>
                    <Table.Td ta="right" className="num">{format.amount(c.revenue)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        </>
      )}
    </Panel>
  );
}
