import { Table, Text } from "@mantine/core";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import { address } from "../../api/client";
import type { Pyramid, PyramidLayer } from "../../api/types";
import { FileOffer } from "../../ui/download";
import { Figure } from "../../ui/figure";
import { filtersOf } from "../../ui/filter";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import type { Search } from "../../ui/search";
import { HowButton } from "../measure/how";
import { useMeasureWords } from "../measure/words";
import classes from "./pyramid.module.css";
import { behindTier, useTierName, useValues } from "./words";

/** The pyramid, drawn as the first column of its own table: each tier is a slice beside its figures. */
export function TierPanel({ of, search }: { of: Pyramid; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMeasureWords();
  const values = useValues(of.measure.unit, of.currency);
  const measure = words.label(of.measure);
  const effort = of.tiers.some((l) => l.cost_to_serve !== null);
  const contacts = of.tiers.some((l) => l.contacts !== null);
  const money = of.measure.unit === "money";
  const rows = of.tiers.map((layer, i) => ({ layer, i }));
  return (
    <Panel title={t("pyramid.tiers")} aside={<HowButton measure={of.measure.key} label={measure} as_of={of.as_of} />}>
      <FileOffer kind="csv" href={address("/pyramid/export", { as_of: of.as_of, measure: of.measure.key, by: of.by, ...filtersOf(search) })} />
      <Text size="sm" c="dimmed" mb="sm">
        {t(of.by === "customers" ? "pyramid.explain_customers" : "pyramid.explain_value", { measure })} {t("pyramid.company")}
      </Text>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("pyramid.tiers")}>
        <Table fz="sm" verticalSpacing={0} withRowBorders={false}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("pyramid.tier")}</Table.Th>
              <Table.Td aria-hidden />
              <Table.Th ta="right">{t("figure.customers")}</Table.Th>
              <Table.Th ta="right">{t("pyramid.of_customers")}</Table.Th>
              <Table.Th ta="right">{money ? t("pyramid.value_in", { measure, currency: of.currency }) : measure}</Table.Th>
              <Table.Th ta="right">{t("pyramid.of_value")}</Table.Th>
              <Table.Th ta="right">{t("pyramid.mean")}</Table.Th>
              <Table.Th ta="right">{t("pyramid.begins")}</Table.Th>
              {effort && <Table.Th ta="right">{t("pyramid.effort_in", { currency: of.currency })}</Table.Th>}
              {contacts && <Table.Th ta="right">{t("pyramid.contacts")}</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(({ layer, i }) => (
              <Table.Tr key={layer.name}>
                <Name layer={layer} />
                <Table.Td className={classes.slice} aria-hidden>
                  <div style={slice(i, of.tiers.length, layer.share_of_value)} />
                </Table.Td>
                <Count layer={layer} of={of} search={search} />
                <Cell>{format.percent(layer.share_of_customers)}</Cell>
                <Cell>{values.whole(layer.value)}</Cell>
                <Cell>{format.percent(layer.share_of_value)}</Cell>
                <Cell>{layer.customers > 0 ? values.whole(layer.value / layer.customers) : "–"}</Cell>
                <Cell>{layer.from === null ? t("pyramid.above_nothing") : values.whole(layer.from)}</Cell>
                {effort && <Cell>{format.amount(layer.cost_to_serve)}</Cell>}
                {contacts && <Cell>{format.number(layer.contacts)}</Cell>}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      <Below of={of} search={search} />
    </Panel>
  );
}

/** The sides of a slice of a triangle: percentages of the width. */
function slice(i: number, of: number, weight: number): CSSProperties {
  const half = (x: number) => (50 * x) / of;
  return { "--tl": `${50 - half(i)}%`, "--tr": `${50 + half(i)}%`, "--bl": `${50 - half(i + 1)}%`, "--br": `${50 + half(i + 1)}%`, "--weight": Math.max(0, Math.min(1, weight)) } as CSSProperties;
}

function Cell({ children }: { children: string }) {
  return (
    <Table.Td ta="right" className="num">
      {children}
    </Table.Td>
  );
}

function Name({ layer }: { layer: PyramidLayer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useTierName();
  return (
    <Table.Td>
      <Text size="sm" fw={600}>{name(layer.name)}</Text>
      <Text size="xs" c="dimmed" className="num">{t("pyramid.up_to", { share: format.cut(layer.up_to) })}</Text>
    </Table.Td>
  );
}

function Count({ layer, of, search }: { layer: PyramidLayer; of: Pyramid; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const name = useTierName();
  return (
    <Table.Td ta="right">
      {layer.customers === 0 ? (
        <span className="num">0</span>
      ) : (
        <Figure to="/map/customers" search={behindTier(search, of, layer.conditions)} label={t("pyramid.tier_label", { tier: name(layer.name) })}>
          {format.number(layer.customers)}
        </Figure>
      )}
    </Table.Td>
  );
}

/** Who stands below the tiers, in words. */
function Below({ of, search }: { of: Pyramid; search: Search }) {
  const { t } = useTranslation();
  const format = useFormat();
  const values = useValues(of.measure.unit, of.currency);
  const shown = of.below.filter((l) => l.customers > 0);
  if (shown.length === 0) return null;
  return (
    <Text size="sm" mt="sm">
      {t("pyramid.below")}{" "}
      {shown.map((l, i) => (
        <span key={l.name}>
          {i > 0 && " · "}
          <Figure to="/map/customers" search={behindTier(search, of, l.conditions)} label={t("pyramid.below_label")}>
            {t(`pyramid.below_${l.name}`, { count: l.customers, number: format.number(l.customers), value: values.short(l.value) })}
          </Figure>
        </span>
      ))}
    </Text>
  );
}
