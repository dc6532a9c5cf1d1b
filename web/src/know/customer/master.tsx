import { Anchor, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ownersQuery } from "../../api/queries";
import type { Customer } from "../../api/types";
import { useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import classes from "./master.module.css";

/** Only addresses that open as a web page; anything else stays text. */
export function webAddress(text: string): string | undefined {
  const url = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) ? url : undefined;
}

/** An address that may go on in the next line after its @ and dots, rather than in the middle of a word. */
function foldable(address: string): ReactNode {
  return address.split(/(?<=[@.\-/])/).map((part, i) => (
    <Fragment key={i}>
      {i > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

export function MasterData({ customer: c }: { customer: Customer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const site = c.website ? webAddress(c.website) : undefined;
  const place = [c.postal_code, c.city].filter(Boolean).join(" ");
  const address = [c.street, place, c.country ? format.country(c.country) : ""].filter(Boolean);
  return (
    <Panel title={t("customer.master")}>
      <dl className={classes.list}>
        <Item label={t("field.kind")}>{t(`customer.kind_${c.kind}`)}</Item>
        <Item label={t("field.industry")}>{c.industry}</Item>
        <Item label={t("field.size_employees")}>{c.size_employees ? format.number(c.size_employees) : undefined}</Item>
        <Item label={t("field.lifecycle")}>{c.lifecycle && t(`lifecycle.${c.lifecycle}`, c.lifecycle)}</Item>
        <Item label={t("field.address")}>{address.length > 0 && address.map((line) => <div key={line}>{line}</div>)}</Item>
        <Item label={t("field.phone")}>{c.phone && <Anchor href={`tel:${c.phone.replace(/[^\d+]/g, "")}`} size="sm">{c.phone}</Anchor>}</Item>
        <Item label={t("field.email")}>{c.email && <Anchor href={`mailto:${encodeURIComponent(c.email)}`} size="sm">{foldable(c.email)}</Anchor>}</Item>
        <Item label={t("field.website")}>{site ? <Anchor href={site} rel="noreferrer noopener" target="_blank" size="sm">{foldable(c.website ?? "")}</Anchor> : c.website}</Item>
        <Item label={t("field.parent")}>
          {c.parent_id && <Anchor component={Link} to="/map/customers/$id" params={{ id: c.parent_id } as never} size="sm">{c.parent_name || c.parent_id}</Anchor>}
        </Item>
      </dl>
    </Panel>
  );
}

function Item({ label, children }: { label: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Who minds the customer now, and who did before. */
export function OwnerPanel({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const format = useFormat();
  const history = useQuery(ownersQuery(customer.id)).data?.items ?? [];
  return (
    <Panel title={t("customer.minded")}>
      <dl className={classes.list}>
        <Item label={t("field.owner")}>{customer.owner_name || t("customer.nobody")}</Item>
        <Item label={t("field.unit")}>{customer.unit_name || t("customer.no_unit")}</Item>
      </dl>
      {history.length > 1 && (
        <Stack gap={4} mt="sm">
          <Text size="xs" c="dimmed">{t("customer.before")}</Text>
          {history.map((h) => (
            <Text size="xs" key={h.valid_from + (h.owner_id ?? "")}>
              {h.valid_from <= "1900-01-01" ? t("customer.from_start") : t("customer.since", { date: format.date(h.valid_from) })}: {h.owner_name || t("customer.nobody")}
              {h.unit_name ? `, ${h.unit_name}` : ""}
            </Text>
          ))}
        </Stack>
      )}
    </Panel>
  );
}
