import { Group, SegmentedControl, Text } from "@mantine/core";
import { useMemo, type CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { Loyalty } from "../../api/types";
import { DrawnHere } from "../../ui/drawn";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { HowButton } from "../measure/how";
import { behind, levels, within } from "./lists";
import classes from "./loyalty.module.css";
import { Save } from "./save";

/** Profitability down, loyalty across (P11); consistency alone where ties were not asked about. */
export function MatrixPanel({ of }: { of: Loyalty }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, change] = useSearchState();
  const m = of.matrix;
  const asked = m.by_loyalty.some((c) => c.loyalty_class >= 0 && c.customers > 0);
  const axis = search.axis === "consistency" || search.axis === "loyalty" ? search.axis : asked ? "loyalty" : "consistency";
  const cells = axis === "loyalty" ? m.by_loyalty : m.by_consistency;
  const cuts = axis === "loyalty" ? of.definition.loyalty_cuts : of.definition.consistency_cuts;
  const most = Math.max(1, ...cells.map((c) => c.customers));
  const [middle = 0, high = middle] = m.cuts;
  const profit = (at: number) =>
    (at === 2 ? [`${m.profitability}>=${high}`] : at === 1 ? [`${m.profitability}>=${middle}`, `${m.profitability}<${high}`] : [`${m.profitability}<${middle}`]).concat("lines>=1");
  const profitName = (at: number) => (at === 2 ? t("loyalty.from", { value: format.cutMoney(high, of.currency) }) : t("loyalty.below", { value: format.cutMoney(at === 1 ? high : middle, of.currency) }));
  const columns = [-1, 0, 1, 2];
  const columnName = (at: number) => (at < 0 ? t("loyalty.not_known") : at === 2 ? t("loyalty.from", { value: format.quantity(cuts.high) }) : t("loyalty.below", { value: format.quantity(at === 1 ? cuts.high : cuts.middle) }));
  const rows = useMemo(() => {
    const name = (at: number) => (at < 0 ? t("loyalty.not_known") : t(`loyalty.level_${at}`));
    return {
      head: [t("loyalty.matrix_axes", { axis: t(`loyalty.axis_${axis}`) }), t("figure.customers"), t(m.profitability === "profit" ? "loyalty.profit" : "loyalty.revenue")],
      rows: cells.map((c) => [`${name(c.profit_class)} – ${name(c.loyalty_class)}`, format.number(c.customers), format.money(c.profit, of.currency)]),
    };
  }, [cells, axis, m, of, format, t]);
  return (
    <Panel
      title={t("loyalty.matrix")}
      aside={
        <Group gap="xs">
          <SegmentedControl size="xs" aria-label={t("loyalty.axis")} value={axis} onChange={(v) => change({ axis: v })} data={["loyalty", "consistency"].map((v) => ({ value: v, label: t(`loyalty.axis_${v}`) }))} />
          <Save of={of} table="matrix" />
        </Group>
      }
    >
      <Text size="sm" c="dimmed" mb="sm" component="div">
        {t(`loyalty.matrix_help_${m.profitability === "profit" ? "profit" : "revenue"}`)} {!asked && t("loyalty.matrix_not_asked")} <HowButton measure={axis} label={t(`loyalty.axis_${axis}`)} as_of={of.as_of} />
      </Text>
      {m.cuts.length === 0 ? (
        <Text size="sm">{t("loyalty.matrix_none")}</Text>
      ) : (
        <DrawnHere label={t("loyalty.matrix")} table={rows}>
          <div className={classes.scroll} tabIndex={0} role="group" aria-label={t("loyalty.matrix")}>
            <div className={classes.matrix} role="table" aria-label={t("loyalty.matrix")}>
              <div className={classes.line} role="row">
                <div role="columnheader" className={classes.head}>
                  {t("loyalty.matrix_axes", { axis: t(`loyalty.axis_${axis}`) })}
                </div>
                {columns.map((at) => (
                  <div key={at} role="columnheader" className={classes.head}>
                    <b>{t(at < 0 ? (axis === "loyalty" ? "loyalty.never_asked" : "loyalty.too_new") : `loyalty.level_${at}`)}</b>
                    {columnName(at)}
                  </div>
                ))}
              </div>
              {levels.map((p) => (
                <div key={p} className={classes.line} role="row">
                  <div role="rowheader" className={classes.side}>
                    <b>{t(`loyalty.level_${p}`)}</b>
                    <span className="num">{profitName(p)}</span>
                  </div>
                  {columns.map((at) => {
                    const c = cells.find((x) => x.profit_class === p && x.loyalty_class === at);
                    const n = c?.customers ?? 0;
                    return (
                      <div key={at} role="cell" className={classes.cell} data-aside={at < 0} style={{ "--weight": Math.sqrt(n / most) } as CSSProperties}>
                        {n === 0 || !c ? (
                          <Text size="sm" c="dimmed">0</Text>
                        ) : (
                          <>
                            <Figure strong to="/map/customers" search={behind(of, search, [...profit(p), ...within(axis, cuts, at)])} label={t("loyalty.field_label", { profit: t(`loyalty.level_${p}`), loyalty: at < 0 ? t("loyalty.not_known") : t(`loyalty.level_${at}`) })}>
                              {format.number(n)}
                            </Figure>
                            <Text size="xs" c="dimmed" className="num">
                              {format.shortMoney(c.profit, of.currency)}
                            </Text>
                          </>
                        )}
                      </div>
                    );
                  })}
                </div>
              ))}
            </div>
          </div>
        </DrawnHere>
      )}
      {m.cuts.length > 0 && (
        <Text size="xs" c="dimmed" mt="xs">
          {t("loyalty.matrix_money", { what: t(m.profitability === "profit" ? "loyalty.profit" : "loyalty.revenue"), months: of.window_months })}
        </Text>
      )}
    </Panel>
  );
}
