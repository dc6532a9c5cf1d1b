import { Badge, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Loyalty } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat, type Format } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { HowButton } from "../measure/how";
import { behind } from "./lists";
import classes from "./loyalty.module.css";

export type Evidence = {
  warning: string;
  buys_every?: number | null;
  days_since_purchase?: number | null;
  purchases_recent?: number | null;
  purchases_usual?: number | null;
  rhythm_chance?: number | null;
  amount_change?: number | null;
  amount_chance?: number | null;
  share_before?: number | null;
  share_lately?: number | null;
  potential_change?: number | null;
  share_chance?: number | null;
  share_fell_by?: string | null;
};

/** What each warning says fell. */
const fell: Record<string, string[]> = {
  rhythm: ["rhythm"], amount: ["amount"], share: ["share"], both: ["rhythm", "amount"],
  rhythm_share: ["rhythm", "share"], amount_share: ["amount", "share"], all: ["rhythm", "amount", "share"],
};

/** A chance as people read it; what is smaller than can be told is said so. */
export function chance(format: Format, t: TFunction, p: number): string {
  return p < 0.0001 ? t("loyalty.tiny") : new Intl.NumberFormat(format.locale, { style: "percent", maximumSignificantDigits: 2 }).format(p);
}

/** The evidence of a warning in words, a sentence each. */
export function evidence(format: Format, t: TFunction, e: Evidence): string[] {
  const all: string[] = [];
  const of = fell[e.warning] ?? [];
  if (of.includes("rhythm") && e.rhythm_chance != null) {
    const every = format.number(Math.max(1, Math.round(e.buys_every ?? 0)));
    const silent = e.buys_every != null && e.days_since_purchase != null && e.days_since_purchase > 1.5 * e.buys_every;
    all.push(
      silent
        ? t("loyalty.evidence_silence", { every, silence: format.number(e.days_since_purchase) })
        : t("loyalty.evidence_rhythm", { every, recent: format.number(e.purchases_recent), usual: format.quantity(e.purchases_usual) }),
      t("loyalty.evidence_chance", { chance: chance(format, t, e.rhythm_chance) }),
    );
  }
  if (of.includes("amount") && e.amount_chance != null && e.amount_change != null) {
    all.push(t("loyalty.evidence_amount", { change: format.percent(-e.amount_change) }), t("loyalty.evidence_chance", { chance: chance(format, t, e.amount_chance) }));
  }
  if (of.includes("share") && e.share_chance != null) {
    const change = format.percent(Math.abs(e.potential_change ?? 0));
    all.push(t("loyalty.evidence_share", { before: format.percent(e.share_before), lately: format.percent(e.share_lately) }));
    if (e.share_fell_by === "potential") all.push(t("loyalty.evidence_potential", { change }));
    else if (e.share_fell_by === "both") all.push(t("loyalty.evidence_both", { change }));
    else if (e.share_fell_by) all.push(t((e.potential_change ?? 0) < -0.05 ? "loyalty.evidence_less" : "loyalty.evidence_purchases", { change }));
    all.push(t("loyalty.evidence_chance", { chance: chance(format, t, e.share_chance) }));
  }
  return all;
}

/** Early warnings: how many, how many of them are false, and the strongest with their evidence. */
export function WarningsPanel({ of }: { of: Loyalty }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search] = useSearchState();
  const w = of.warnings;
  const count = w.strong.customers + w.clear.customers;
  const list = (conditions: string[]) => behind(of, search, conditions, "warning,warning_strength,warning_chance,days_since_purchase,buys_every,amount_change,share_before,share_lately,share_fell_by");
  return (
    <Panel title={t("loyalty.warnings")} aside={<HowButton measure="warning" label={t("loyalty.warning")} as_of={of.as_of} />}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t("loyalty.warnings_help", { rate: chance(format, t, w.rate), tested: format.number(w.tested), untested: format.number(w.untested), expected: format.quantity(w.expected) })}
        </Text>
        {w.tested === 0 ? (
          <Text size="sm">{t("loyalty.warnings_none_tested", { count: of.definition.warning.minimum })}</Text>
        ) : count === 0 ? (
          <Text size="sm">{t("loyalty.warnings_none", { tested: format.number(w.tested) })}</Text>
        ) : (
          <Group gap="xl">
            {(["strong", "clear"] as const).map((level) => (
              <div key={level}>
                <Text size="sm" c="dimmed">
                  {t(`loyalty.${level}`)}
                </Text>
                <Text fz="h3" fw={650} component="div">
                  {w[level].customers === 0 ? (
                    <span className="num">0</span>
                  ) : (
                    <Figure strong to="/map/customers" search={list([`warning_strength=${level}`])} label={t("loyalty.warned_label", { strength: t(`loyalty.${level}`) })}>
                      {format.number(w[level].customers)}
                    </Figure>
                  )}
                </Text>
                <Text size="xs" c="dimmed" className="num">
                  {t("loyalty.worth", { amount: format.shortMoney(w[level].revenue, of.currency) })}
                </Text>
              </div>
            ))}
          </Group>
        )}
        {w.first.length > 0 && (
          <div style={{ maxHeight: 380, overflow: "auto" }} tabIndex={0} role="region" aria-label={t("loyalty.strongest")}>
            <Stack gap={6}>
              {w.first.map((x) => (
                <div key={x.id} className={classes.warning}>
                  <Group justify="space-between" gap="xs" wrap="wrap">
                    <Group gap="xs">
                      <Link to="/map/customers/$id" params={{ id: x.id }} search={{ as_of: of.as_of } as never}>
                        {x.name}
                      </Link>
                      <Badge variant="light" color={x.strength === "strong" ? "red" : "orange"} radius="sm" tt="none" c="var(--mantine-color-text)">
                        {t(`loyalty.warning_${x.warning}`)}
                      </Badge>
                    </Group>
                    <Text size="sm" className="num" component="span">
                      {format.round(x.revenue, of.currency)}
                    </Text>
                  </Group>
                  <Text size="sm" c="dimmed">
                    {evidence(format, t, x).join(" ")} {x.owner_name && t("loyalty.looked_after", { name: x.owner_name })}
                  </Text>
                </div>
              ))}
            </Stack>
          </div>
        )}
      </Stack>
    </Panel>
  );
}
