import { ActionIcon, Anchor, Divider, Drawer, Group, Stack, Table, Text, Tooltip } from "@mantine/core";
import { IconHelpCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { howQuery, measuresQuery } from "../../api/queries";
import type { How, Measure } from "../../api/types";
import { useFormat } from "../../ui/format";
import { Answered } from "../../ui/states";
import { useMeasureWords } from "./words";

/**
 * "How?" beside a figure: what the measure means, and for one customer how its
 * value came about (V2).
 */
export function HowButton({ measure, label, customerId, as_of }: { measure: string; label: string; customerId?: string; as_of?: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const name = t("how.open", { name: label });
  return (
    <>
      <Tooltip label={name}>
        <ActionIcon size={24} variant="subtle" color="gray" aria-label={name} onClick={() => setOpen(true)}>
          <IconHelpCircle size={15} />
        </ActionIcon>
      </Tooltip>
      <Drawer opened={open} onClose={() => setOpen(false)} position="right" title={t("how.title", { name: label })} closeButtonProps={{ "aria-label": t("action.close") }}>
        {open && (customerId ? <OfCustomer measure={measure} customerId={customerId} as_of={as_of} /> : <OfMeasure measure={measure} as_of={as_of} />)}
      </Drawer>
    </>
  );
}

function OfMeasure({ measure, as_of }: { measure: string; as_of?: string }) {
  const { t } = useTranslation();
  const catalogue = useQuery(measuresQuery(as_of));
  return (
    <Answered of={catalogue}>
      {(c) => {
        const m = c.items.find((x) => x.key === measure);
        return m ? <Definition of={m} all={c.items} /> : <Text size="sm">{t("how.not_there")}</Text>;
      }}
    </Answered>
  );
}

function OfCustomer({ measure, customerId, as_of }: { measure: string; customerId: string; as_of?: string }) {
  const how = useQuery(howQuery(customerId, measure, as_of));
  const all = useQuery(measuresQuery(as_of)).data?.items ?? [];
  return (
    <Answered of={how}>
      {(h) => (
        <Stack gap="md">
          <Value how={h} />
          <Given how={h} />
          <Rows how={h} customerId={customerId} />
          <Divider />
          <Definition of={h} all={all} />
        </Stack>
      )}
    </Answered>
  );
}

function Value({ how }: { how: How }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useMeasureWords();
  return (
    <div>
      {how.too_few ? (
        <>
          <Text fw={650}>{t("how.scant")}</Text>
          <Text size="sm">{how.too_few}</Text>
        </>
      ) : (
        <Text fz="h2" fw={650} className="num">
          {words.value(how, how.value)}
        </Text>
      )}
      <Text size="xs" c="dimmed" mt={4}>
        {t("how.as_of", { date: format.date(how.as_of), sample: format.number(how.sample), at: format.instant(how.computed_at) })}
      </Text>
    </div>
  );
}

function Given({ how }: { how: How }) {
  const { t } = useTranslation();
  const words = useMeasureWords();
  if (how.given.length === 0) return null;
  return (
    <Section title={t("how.given")}>
      <Table fz="sm" verticalSpacing={4} horizontalSpacing={0}>
        <Table.Tbody>
          {how.given.map((g) => (
            <Table.Tr key={g.key}>
              <Table.Th fw={400} c="dimmed">
                {words.label(g)}
              </Table.Th>
              <Table.Td ta="right" className={g.too_few ? undefined : "num"}>
                {g.too_few ?? words.value(g, g.value)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

/** The rows behind a value, as links to the pages that list them. */
function Rows({ how, customerId }: { how: How; customerId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (how.rows.length === 0) return null;
  return (
    <Section title={t("how.rows")}>
      <Stack gap={4}>
        {how.rows.map((r) => {
          const text = t(r.from ? `how.${r.kind}_between` : `how.${r.kind}_until`, { count: r.count, number: format.number(r.count), from: format.date(r.from), to: format.date(r.to) });
          if (r.kind === "potentials") return <Text key={r.kind} size="sm">{text}</Text>;
          return (
            <Anchor key={r.kind} component={Link} size="sm" to="/map/customers/$id" params={{ id: customerId } as never} search={{ as_of: how.as_of, tab: r.kind, from: r.from, to: r.to } as never}>
              {text}
            </Anchor>
          );
        })}
      </Stack>
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed" fw={600} mb={4}>
        {title}
      </Text>
      {children}
    </div>
  );
}

function Definition({ of, all }: { of: Measure | How; all: Measure[] }) {
  const { t } = useTranslation();
  const words = useMeasureWords();
  const facts = "facts" in of ? of.facts : [];
  const inputs = of.inputs.map((key) => all.find((m) => m.key === key)).filter((m) => m !== undefined);
  return (
    <Stack gap="sm">
      <Text size="sm">{words.definition(of)}</Text>
      {of.formula && (
        <Section title={t("how.formula")}>
          <Text size="sm">{words.formula(of)}</Text>
        </Section>
      )}
      {of.model && (
        <Section title={t("how.model")}>
          <Text size="sm">{of.model}</Text>
        </Section>
      )}
      {facts.length > 0 && (
        <Section title={t("how.facts")}>
          {facts.map((f) => (
            <Group key={f.label} justify="space-between" gap="xs" wrap="nowrap">
              <Text size="sm" c="dimmed">
                {f.label}
              </Text>
              <Text size="sm" className="num">
                {words.fact(f.value, f.unit)}
              </Text>
            </Group>
          ))}
        </Section>
      )}
      {!("given" in of) && inputs.length > 0 && (
        <Section title={t("how.from")}>
          <Text size="sm">{inputs.map((m) => words.label(m)).join(", ")}</Text>
        </Section>
      )}
      {of.minimum.length > 0 && (
        <Section title={t("how.minimum")}>
          <Text size="sm">{of.minimum.join(" ")}</Text>
        </Section>
      )}
      <Text size="xs" c="dimmed">
        {t("how.better", { way: t(`direction.${of.direction}`) })} {t("how.source", { source: of.source })}
      </Text>
    </Stack>
  );
}
