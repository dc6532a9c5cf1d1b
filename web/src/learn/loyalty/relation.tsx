import { Group, SegmentedControl, Table, Text } from "@mantine/core";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { Loyalty } from "../../api/types";
import { Figure } from "../../ui/figure";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useSearchState } from "../../ui/search";
import { HowButton } from "../measure/how";
import { behind, bs } from "./lists";
import classes from "./loyalty.module.css";
import { Save } from "./save";

type Row = { key: string; name: string; profile: Loyalty["profile"]; conditions: string[] };

/** The five Bs (D3): the mean of those that were scored, of all and by type or field of the loyalty matrix. */
export function RelationPanel({ of }: { of: Loyalty }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, change] = useSearchState();
  const byField = search.relation === "field";
  const parts: Row[] = byField
    ? of.matrix.by_loyalty.map((c) => ({
        key: `${c.profit_class} ${c.loyalty_class}`, profile: c.profile, conditions: [],
        name: t("loyalty.field", { profit: t(`loyalty.level_${c.profit_class}`), loyalty: c.loyalty_class < 0 ? t("loyalty.not_known") : t(`loyalty.level_${c.loyalty_class}`) }),
      }))
    : of.types.map((x) => ({ key: x.type, name: t(`behaviour.${x.type}`), profile: x.profile, conditions: [`behaviour_type=${x.type}`] }));
  const rows: Row[] = [{ key: "all", name: t("loyalty.all"), profile: of.profile, conditions: [] }, ...parts.filter((r) => r.profile.scored > 0)];
  return (
    <Panel
      title={t("loyalty.relation")}
      aside={
        <Group gap="xs">
          <SegmentedControl size="xs" aria-label={t("loyalty.relation_by")} value={byField ? "field" : "type"} onChange={(v) => change({ relation: v === "field" ? v : undefined })} data={["type", "field"].map((v) => ({ value: v, label: t(`loyalty.by_${v}`) }))} />
          <Save of={of} table="relation" />
        </Group>
      }
    >
      <Text size="sm" c="dimmed" mb="sm" component="div">
        {t("loyalty.relation_help")} <HowButton measure="relation" label={t("loyalty.relation")} as_of={of.as_of} />
      </Text>
      {of.profile.scored === 0 ? (
        <Text size="sm">{t("loyalty.relation_none")}</Text>
      ) : (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("loyalty.relation")}>
          <Table fz="sm" verticalSpacing={4}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t(byField ? "loyalty.by_field" : "loyalty.type")}</Table.Th>
                <Table.Th ta="right">{t("loyalty.scored")}</Table.Th>
                {bs.map((b) => (
                  <Table.Th key={b} ta="right">
                    {t(`five_b.${b}`)}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((r) => (
                <Table.Tr key={r.key}>
                  <Table.Td>{r.name}</Table.Td>
                  <Table.Td ta="right" className="num">
                    {byField && r.key !== "all" ? (
                      format.number(r.profile.scored)
                    ) : (
                      <Figure to="/map/customers" search={behind(of, search, [...r.conditions, "relation!="], `relation,${bs.join(",")}`, "relation")} label={t("loyalty.scored_label", { name: r.name })}>
                        {format.number(r.profile.scored)}
                      </Figure>
                    )}
                  </Table.Td>
                  {bs.map((b) => {
                    const x = r.profile[b];
                    return (
                      <Table.Td key={b} ta="right" className="num">
                        <span className={classes.tint} style={{ "--weight": x == null ? 0 : (x - 1) / 9 } as CSSProperties}>
                          {format.quantity(x)}
                        </span>
                      </Table.Td>
                    );
                  })}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Panel>
  );
}
