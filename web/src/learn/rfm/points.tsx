import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Rfm } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { HowButton } from "../measure/how";
import classes from "./rfm.module.css";

/** How many customers have how many points: a table whose rows are bars. */
export function PointsPanel({ rfm }: { rfm: Rfm }) {
  const { t } = useTranslation();
  const format = useFormat();
  const last = rfm.points.reduce((n, p, i) => (p.customers > 0 ? i : n), 0);
  const steps = rfm.points.slice(0, last + 1);
  const most = Math.max(1, ...steps.map((p) => p.customers));
  const span = (p: Rfm["points"][number]) =>
    p.below === null ? t("rfm.points_from", { from: format.quantity(p.from) }) : t("rfm.points_between", { from: format.quantity(p.from), below: format.quantity(p.below) });
  return (
    <Panel title={t("rfm.points")}>
      <Text size="sm" c="dimmed" mb="sm" component="div">
        {t("rfm.points_explain")} <HowButton measure="rfm_points" label={t("rfm.points")} as_of={rfm.as_of} />
      </Text>
      <Table fz="sm" verticalSpacing={3} withRowBorders={false}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("rfm.points_head")}</Table.Th>
            <Table.Th ta="right">{t("figure.customers")}</Table.Th>
            <Table.Th className={classes.barCell} aria-hidden />
            <Table.Th ta="right">{t("rfm.revenue_in", { currency: rfm.currency })}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {steps.map((p) => (
            <Table.Tr key={p.from}>
              <Table.Td className="num">{span(p)}</Table.Td>
              <Table.Td ta="right">
                {p.customers === 0 ? (
                  <span className="num">0</span>
                ) : (
                  <Figure to="/map/customers"
                    search={{ as_of: rfm.as_of, sort: "-rfm_points", columns: "code,cell,revenue,last_purchase,owner,rfm_points", measure: [`rfm_points>=${p.from}`, ...(p.below === null ? [] : [`rfm_points<${p.below}`]), "days_since_purchase!="].join("|") }}
                    label={t("rfm.points_label", { span: span(p) })}>
                    {format.number(p.customers)}
                  </Figure>
                )}
              </Table.Td>
              <Table.Td className={classes.barCell} aria-hidden>
                <div className={classes.bar} style={{ width: `${(100 * p.customers) / most}%` }} />
              </Table.Td>
              <Table.Td ta="right" className="num">
                {format.amount(p.revenue)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
