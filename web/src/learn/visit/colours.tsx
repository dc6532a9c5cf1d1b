import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { VisitColours } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import type { Search } from "../../ui/search";
import classes from "./visit.module.css";

export const colours = ["green", "yellow", "red"] as const;
export type Colour = (typeof colours)[number];
const shapes = { green: "●", yellow: "◆", red: "▲" };

/** The sign of a colour: told by its shape as well. */
export function Shape({ colour }: { colour: Colour }) {
  return <span className={classes.shape} data-colour={colour} aria-hidden>{shapes[colour]}</span>;
}

/** Customers of whom contact is asked. */
export function asked(of: VisitColours): number {
  return of.green + of.yellow + of.red;
}

/** The part that is green in words: a share, or of few customers how many. */
export function useGreen() {
  const { t } = useTranslation();
  const format = useFormat();
  return (of: VisitColours): string =>
    asked(of) < 5 ? t("visits.green_of", { green: format.number(of.green), asked: format.number(asked(of)) }) : format.percent(of.green / asked(of));
}

/** A place of the matrix: a bar of three parts and a count for each, which is a link. */
export function ColourFigures({ of, name, link }: { of: VisitColours; name: string; link: (conditions: string[]) => Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const green = useGreen();
  if (of.customers === 0) return <Text size="sm" c="dimmed">{t("statistics.nobody")}</Text>;
  const count = (n: number, what: string, conditions: string[], shape?: Colour) => (
    <span key={what}>
      {shape && <Shape colour={shape} />}
      <Figure to="/map/customers" search={link(conditions)} label={t("visits.figure_label", { name, what: t(`care.${what}`) })}>{format.number(n)}</Figure>
      {!shape && ` ${t(`visits.${what}`)}`}
    </span>
  );
  if (asked(of) === 0) return <Text size="xs" component="div">{count(of.none, "none", ["care=none"])}</Text>;
  return (
    <div>
      <Text size="sm" fw={620} className="num">{t("visits.green", { share: green(of) })}</Text>
      <div className={classes.bar} aria-hidden>
        {colours.map((c) => of[c] > 0 && <span key={c} data-colour={c} style={{ flexGrow: of[c] }} />)}
      </div>
      <div className={`num ${classes.counts}`}>
        {colours.map((c) => count(of[c], c, [`care=${c}`], c))}
      </div>
      <Text size="xs" className={`num ${classes.counts}`} component="div">
        {of.never > 0 && count(of.never, "never", ["care=red", "last_contact="])}
        {of.none > 0 && count(of.none, "none", ["care=none"])}
      </Text>
    </div>
  );
}
