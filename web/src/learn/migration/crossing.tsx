import { Text } from "@mantine/core";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { MatrixMigration } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import type { Search } from "../../ui/search";
import classes from "./migration.module.css";
import { absent, behindMovement, useMigrationWords } from "./scenario";

/** From × to, only the places where somebody stands; each field opens who moved so. */
export function Crossing({ of, search, money }: { of: MatrixMigration; search: Search; money: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMigrationWords();
  const keys = [...of.places.map((p) => p.key), absent];
  const rows = keys.filter((k) => of.flows.some((f) => f.from === k));
  const columns = keys.filter((k) => of.flows.some((f) => f.to === k));
  const name = (key: string) => words.place(of.matrix, of.by, key);
  const flow = (from: string, to: string) => of.flows.find((f) => f.from === from && f.to === to);
  const most = Math.max(1, ...of.flows.filter((f) => f.from !== f.to).map((f) => f.customers));
  const sum = (some: MatrixMigration["flows"], side: "revenue_from" | "revenue_to") => (money ? format.amount(some.reduce((n, f) => n + f[side], 0)) : format.number(some.reduce((n, f) => n + f.customers, 0)));
  return (
    <>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("migration.crossing")}>
        <table className={classes.crossing}>
          <thead>
            <tr>
              <th scope="col">{t("migration.from_to")}</th>
              {columns.map((c) => <th scope="col" key={c}>{name(c)}</th>)}
              <th scope="col">{t("migration.stood", { scenario: words.scenario(of.from.key) })}</th>
            </tr>
          </thead>
          <tbody className="num">
            {rows.map((r) => (
              <tr key={r}>
                <th scope="row">{name(r)}</th>
                {columns.map((c) => {
                  const f = flow(r, c);
                  if (!f) return <td key={c}><Text span size="xs" c="dimmed">–</Text></td>;
                  const label = t("migration.flow", { from: name(r), to: name(c), customers: format.number(f.customers), before: format.amount(f.revenue_from), after: format.amount(f.revenue_to) });
                  return (
                    <td key={c} data-same={r === c} style={{ "--weight": r === c ? 0 : f.customers / most } as CSSProperties}>
                      <Figure to="/map/matrix/movers" search={behindMovement(search, of, { place_from: r, place_to: c })} label={label}>
                        {money ? format.short(r === absent ? f.revenue_to : f.revenue_from) : format.number(f.customers)}
                      </Figure>
                      {money && r !== absent && c !== absent && <div className={classes.then}>→ {format.short(f.revenue_to)}</div>}
                    </td>
                  );
                })}
                <td className={classes.sum}>{sum(of.flows.filter((f) => f.from === r), "revenue_from")}</td>
              </tr>
            ))}
            <tr>
              <th scope="row">{t("migration.stands", { scenario: words.scenario(of.to.key) })}</th>
              {columns.map((c) => <td key={c} className={classes.sum}>{sum(of.flows.filter((f) => f.to === c), "revenue_to")}</td>)}
              <td className={classes.sum}>{money ? "" : format.number(of.total.customers)}</td>
            </tr>
          </tbody>
        </table>
      </div>
      <Text size="xs" c="dimmed" p="sm">{t(money ? "migration.read_money" : "migration.read_customers")}</Text>
    </>
  );
}
