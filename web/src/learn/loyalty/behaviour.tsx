import { Group, Table, Text } from "@mantine/core";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { Loyalty } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { HowButton } from "../measure/how";
import { behind, levels, within } from "./lists";
import classes from "./loyalty.module.css";
import { Save } from "./save";

/** The ten types of behaviour (P12): where they stand by consistency and tie, and what each comes to. */
export function BehaviourPanel({ of }: { of: Loyalty }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search] = useSearchState();
  const { consistency_cuts, tie_cuts } = of.definition;
  const field = (c: number, tie: number) => of.grid.filter((g) => g.consistency === c && g.tie === tie);
  const placed = of.grid.filter((g) => g.consistency >= 0 && g.tie >= 0).reduce((n, g) => n + g.customers, 0);
  const most = Math.max(1, ...levels.flatMap((c) => levels.map((tie) => field(c, tie).reduce((n, g) => n + g.customers, 0))));
  const all = Math.max(1, ...of.types.map((x) => x.customers));
  return (
    <Panel title={t("loyalty.types")} aside={<Save of={of} table="types" />}>
      <Group gap={4} mb="sm" wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed">
          {t("loyalty.types_help", { placed: format.number(placed), customers: format.number(of.customers) })}
        </Text>
        <HowButton measure="behaviour_type" label={t("loyalty.type")} as_of={of.as_of} />
      </Group>
      {placed > 0 && (
        <div className={classes.scroll} tabIndex={0} role="group" aria-label={t("loyalty.types_grid")}>
          <div className={classes.grid} role="table" aria-label={t("loyalty.types_grid")}>
            <div className={classes.line} role="row">
              <div role="columnheader" className={classes.head}>
                {t("loyalty.types_axes")}
              </div>
              {[0, 1, 2].map((tie) => (
                <div key={tie} role="columnheader" className={classes.head}>
                  <b>{t(`loyalty.tie_${tie}`)}</b>
                </div>
              ))}
            </div>
            {levels.map((c) => (
              <div key={c} className={classes.line} role="row">
                <div role="rowheader" className={classes.side}>
                  <b>{t(`loyalty.consistency_${c}`)}</b>
                </div>
                {[0, 1, 2].map((tie) => {
                  const here = field(c, tie);
                  const n = here.reduce((sum, g) => sum + g.customers, 0);
                  return (
                    <div key={tie} role="cell" className={classes.cell} style={{ "--weight": Math.sqrt(n / most) } as CSSProperties}>
                      {here.length === 0 && <Text size="sm" c="dimmed">0</Text>}
                      {here.map((g) => (
                        <div key={g.type} className={classes.entry}>
                          <span>{t(`behaviour.${g.type}`)}</span>
                          <Figure to="/map/customers" search={behind(of, search, [`behaviour_type=${g.type}`, ...within("consistency", consistency_cuts, c), ...within("tie", tie_cuts, tie)])} label={t("loyalty.type_label", { type: t(`behaviour.${g.type}`) })}>
                            {format.number(g.customers)}
                          </Figure>
                        </div>
                      ))}
                    </div>
                  );
                })}
              </div>
            ))}
          </div>
        </div>
      )}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("loyalty.types")}>
        <Table fz="sm" verticalSpacing={4} mt="md" withRowBorders={false}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("loyalty.type")}</Table.Th>
              <Table.Th ta="right">{t("figure.customers")}</Table.Th>
              <Table.Th className={classes.barCell} aria-hidden />
              <Table.Th ta="right">{t("rfm.revenue_in", { currency: of.currency })}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {of.types.map((x) => (
              <Table.Tr key={x.type}>
                <Table.Td>
                  {t(`behaviour.${x.type}`)}
                  <Text size="xs" c="dimmed">
                    {t(`behaviour_help.${x.type}`)}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">
                  {x.customers === 0 ? (
                    <span className="num">0</span>
                  ) : (
                    <Figure to="/map/customers" search={behind(of, search, [`behaviour_type=${x.type}`])} label={t("loyalty.type_label", { type: t(`behaviour.${x.type}`) })}>
                      {format.number(x.customers)}
                    </Figure>
                  )}
                </Table.Td>
                <Table.Td className={classes.barCell} aria-hidden>
                  <div className={classes.bar} style={{ width: `${(100 * x.customers) / all}%` }} />
                </Table.Td>
                <Table.Td ta="right" className="num">
                  {format.amount(x.revenue)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Panel>
  );
}
