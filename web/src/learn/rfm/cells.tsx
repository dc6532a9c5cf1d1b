import { Table, Text, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { BreakEven, Rfm } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import type { Search } from "../../ui/search";
import classes from "./rfm.module.css";

type Cell = Rfm["cells"][number];

/** The bands from the best down. */
export function bands(count: number): number[] {
  return Array.from({ length: count }, (_, i) => count - i);
}

/** Address state of the list behind some cells. */
export function behind(as_of: string, place: { r?: number; f?: number; m?: number }): Search {
  const parts = (["r", "f", "m"] as const).filter((k) => place[k] !== undefined).map((k) => `rfm_${k}=${place[k]}`);
  return { as_of, measure: parts.join("|"), sort: "-revenue", columns: "code,cell,revenue,last_purchase,owner,rfm_cell,rfm_points" };
}

/** The code of a cell, such as 543. */
export function codeOf(c: { r: number; f: number; m: number }): string {
  return Math.max(c.r, c.f, c.m) > 9 ? `${c.r}.${c.f}.${c.m}` : `${c.r}${c.f}${c.m}`;
}

/**
 * Recency down, frequency across, and in each field the bands of money as
 * tiles, tinted by the figure. Cells whose known response lies above the
 * break-even are framed.
 */
export function CellGrid({ rfm, figure, judged }: { rfm: Rfm; figure: "customers" | "revenue"; judged?: BreakEven }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { r, f, m } = rfm.definition.cells;
  const at = new Map(rfm.cells.map((c) => [`${c.r}|${c.f}|${c.m}`, c]));
  const most = Math.max(1, ...rfm.cells.map((c) => c[figure]));
  const mail = new Set(judged?.results.filter((x) => x.mail).map((x) => `${x.r}|${x.f}|${x.m}`));
  const sum = (of: Cell[]) => of.reduce((n, c) => n + c[figure], 0);
  const show = (n: number) => (figure === "customers" ? format.number(n) : format.short(n));
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={t("rfm.cells")}>
      <div className={classes.grid} role="table" aria-label={t("rfm.cells")} style={{ "--f": f } as CSSProperties}>
        <div className={classes.line} role="row">
          <div role="columnheader" className={classes.head}>
            {t("rfm.axes")}
          </div>
          {bands(f).map((fb) => (
            <div key={fb} role="columnheader" className={classes.head}>
              <b>{t("rfm.f_band", { band: fb })}</b>
              {fb === f ? t("rfm.most_often") : fb === 1 ? t("rfm.least_often") : " "}
            </div>
          ))}
        </div>
        {bands(r).map((rb) => (
          <div key={rb} className={classes.line} role="row">
            <div role="rowheader" className={classes.side}>
              <b>{t("rfm.r_band", { band: rb })}</b>
              {rb === r ? t("rfm.most_recent") : rb === 1 ? t("rfm.least_recent") : " "}
            </div>
            {bands(f).map((fb) => {
              const here = rfm.cells.filter((c) => c.r === rb && c.f === fb);
              const total = sum(here);
              return (
                <div key={fb} role="cell" className={classes.cell} data-empty={here.length === 0}>
                  {here.length === 0 ? (
                    <Text size="sm" c="dimmed">
                      {show(0)}
                    </Text>
                  ) : (
                    <Figure strong to="/map/customers" search={behind(rfm.as_of, { r: rb, f: fb })} label={t("rfm.field_label", { r: rb, f: fb, figure: t(`figure.${figure}`) })}>
                      {show(total)}
                    </Figure>
                  )}
                  <div className={classes.tiles}>
                    {bands(m).map((mb) => {
                      const c = at.get(`${rb}|${fb}|${mb}`);
                      const style = { "--weight": c ? Math.sqrt(Math.max(0, c[figure]) / most) : 0 } as CSSProperties;
                      if (!c) return <span key={mb} className={classes.tile} style={style} aria-hidden />;
                      const label = t("rfm.tile_label", { cell: codeOf(c), customers: format.number(c.customers), revenue: format.money(c.revenue) });
                      return (
                        <Tooltip key={mb} label={label}>
                          <Link to="/map/customers" search={behind(rfm.as_of, c) as never} className={classes.tile} style={style} data-mail={mail.has(`${rb}|${fb}|${mb}`)} aria-label={`${show(c[figure])}: ${label}`}>
                            {show(c[figure])}
                          </Link>
                        </Tooltip>
                      );
                    })}
                  </div>
                </div>
              );
            })}
          </div>
        ))}
      </div>
      <Text size="xs" c="dimmed" mt="xs">
        {t("rfm.tiles", { m })} {mail.size > 0 && t("rfm.framed")}
      </Text>
    </div>
  );
}

/** The same cells as rows. */
export function CellTable({ rfm }: { rfm: Rfm }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div style={{ maxHeight: 520, overflow: "auto" }} tabIndex={0} role="group" aria-label={t("rfm.cells")}>
      <Table stickyHeader fz="sm" verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("rfm.cell")}</Table.Th>
            <Table.Th ta="right">{t("figure.customers")}</Table.Th>
            <Table.Th ta="right">{t("rfm.revenue_in", { currency: rfm.currency })}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rfm.cells.map((c) => (
            <Table.Tr key={codeOf(c)}>
              <Table.Td className="num">{codeOf(c)}</Table.Td>
              <Table.Td ta="right">
                <Figure to="/map/customers" search={behind(rfm.as_of, c)} label={t("rfm.tile_label", { cell: codeOf(c), customers: format.number(c.customers), revenue: format.money(c.revenue) })}>
                  {format.number(c.customers)}
                </Figure>
              </Table.Td>
              <Table.Td ta="right" className="num">
                {format.amount(c.revenue)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
