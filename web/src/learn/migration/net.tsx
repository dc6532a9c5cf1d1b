import { useTranslation } from "react-i18next";
import type { MatrixMigration, MatrixMigrationPart } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import type { Search } from "../../ui/search";
import classes from "./migration.module.css";
import { absent, behindMovement, signed, useMigrationWords } from "./scenario";

/** What happened in each place: who stood there, stayed, left, came, and stands there now, with the money. */
export function Net({ of, search }: { of: MatrixMigration; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMigrationWords();
  const places = of.places.filter((p) => p.before.customers + p.after.customers > 0);
  const figure = (name: string, column: string, part: MatrixMigrationPart, behind: Search) =>
    part.customers === 0 ? <span className={classes.nobody}>0</span> : (
      <Figure to="/map/matrix/movers" search={behindMovement(search, of, behind)} label={t("migration.behind", { name: `${name}: ${column}`, customers: format.number(part.customers) })}>{format.number(part.customers)}</Figure>
    );
  const heads = ["before", "left", "gone", "came", "new", "after"] as const;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("migration.net")}>
      <table className={classes.net}>
        <thead>
          <tr>
            <th scope="col">{t(`migration.by_${of.by}`)}</th>
            {heads.map((h) => <th scope="col" key={h}>{t(`migration.head_${h}`)}</th>)}
            <th scope="col">{t("migration.head_net")}</th>
            <th scope="col">{t("migration.head_revenue_from")}</th>
            <th scope="col">{t("migration.head_revenue_to")}</th>
            <th scope="col">{t("migration.head_revenue_net")}</th>
          </tr>
        </thead>
        <tbody className="num">
          {places.map((p) => {
            const name = words.place(of.matrix, of.by, p.key);
            const net = p.after.customers - p.before.customers;
            const behind: Record<(typeof heads)[number], Search> = {
              before: { place_from: p.key },
              left: { place_from: p.key, which: "moved" },
              gone: { place_from: p.key, place_to: absent },
              came: { place_to: p.key, which: "moved" },
              new: { place_from: absent, place_to: p.key },
              after: { place_to: p.key },
            };
            return (
              <tr key={p.key}>
                <th scope="row">{name}</th>
                {heads.map((h) => <td key={h}>{figure(name, t(`migration.head_${h}`), p[h], behind[h])}</td>)}
                <td className={classes.sum}>{net > 0 ? `+${format.number(net)}` : format.number(net).replace("-", "−")}</td>
                <td>{format.amount(p.before.revenue_from)}</td>
                <td>{format.amount(p.after.revenue_to)}</td>
                <td className={classes.sum}>{signed(format, p.after.revenue_to - p.before.revenue_from)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
