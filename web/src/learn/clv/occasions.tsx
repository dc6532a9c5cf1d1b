import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Lifetime } from "../../api/types";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import classes from "./clv.module.css";

type Occasions = NonNullable<NonNullable<Lifetime["models"]["test"]>["occasions"]>;

/** Whether a model that counts fixed occasions, bought or not, would serve the company better. */
export function OccasionsPanel({ of, chosen }: { of: Occasions; chosen: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const digits = (x: number) => x.toLocaleString(format.locale, { maximumSignificantDigits: 4 });
  return (
    <Panel title={t("lifetime.occasions")}>
      <Text size="sm" c="dimmed">{t("lifetime.occasions_explain", { count: of.months })}</Text>
      {of.too_few && <Text size="sm" mt="sm">{of.too_few}</Text>}
      {of.errors && (
        <>
          <Text size="sm" mt="sm">
            {t("lifetime.occasions_told", { held: format.quantity(of.held), expected: format.number(of.expected_periods), actual: format.number(of.actual_periods), alive: format.percent(of.errors.alive), each: format.quantity(of.each) })}{" "}
            {t(of.better ? "lifetime.occasions_better" : "lifetime.occasions_worse", { model: chosen })}
          </Text>
          <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("lifetime.occasions")}>
            <Table fz="sm" verticalSpacing={4} mt="sm" maw={640}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("lifetime.occasions_before")}</Table.Th>
                  <Table.Th ta="right">{t("figure.customers")}</Table.Th>
                  <Table.Th ta="right">{t("lifetime.actual")}</Table.Th>
                  <Table.Th ta="right">{t("lifetime.occasions_expected")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {of.bins.map((b) => (
                  <Table.Tr key={b.repeats}>
                    <Table.Td className="num">{b.and_more ? t("lifetime.and_more", { number: b.repeats }) : b.repeats}</Table.Td>
                    <Table.Td ta="right" className="num">{format.number(b.customers)}</Table.Td>
                    <Table.Td ta="right" className="num">{format.quantity(b.actual)}</Table.Td>
                    <Table.Td ta="right" className="num">{format.quantity(b.expected)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
          <Text size="xs" c="dimmed" mt="xs" className="num" style={{ whiteSpace: "normal" }}>
            {t("lifetime.occasions_fit")} {of.fit.parameters.map((p) => `${p.name} ${digits(p.value)}${p.std_err == null ? "" : ` ± ${digits(p.std_err)}`}`).join(", ")}. {of.fit.statement}
          </Text>
        </>
      )}
    </Panel>
  );
}
