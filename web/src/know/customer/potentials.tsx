import { Badge, Button, Group, Modal, NumberInput, Select, Stack, Text, Textarea } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { useForm } from "@mantine/form";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import { potentialsQuery, walletDefinitionQuery } from "../../api/queries";
import type { Potential, PotentialSource, WalletDefinition } from "../../api/types";
import { useCalendarLabels } from "../../ui/calendar";
import { ConfirmButton } from "../../ui/confirm";
import { currencies } from "../../ui/currencies";
import { major, minor, useFormat } from "../../ui/format";
import { Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import classes from "./potentials.module.css";

const sources: PotentialSource[] = ["declared", "surveyed", "imported", "estimated"];
const today = () => new Date().toISOString().slice(0, 10);

/** The day so many years before; the 29th of February becomes the 28th, as everywhere. */
function yearsBefore(day: string, years: number): string {
  const [year, rest] = [String(Number(day.slice(0, 4)) - years).padStart(4, "0"), day.slice(4)];
  return rest === "-02-29" && new Date(`${year}-02-29T00:00:00Z`).getUTCMonth() !== 1 ? `${year}-02-28` : year + rest;
}

/**
 * The statement in force on a day, of those from that day or before: the most trusted that is fresh, or the latest where
 * none is; then the latest, and the newest record. `trust` names the sources in their order, with the years they stay fresh.
 */
export function inForce(statements: Potential[], day: string, trust: WalletDefinition["trust"]): Potential | undefined {
  const rank = (p: Potential) => trust.findIndex((x) => x.source === p.source);
  const fresh = (p: Potential) => p.valid_from > yearsBefore(day, trust[rank(p)]?.years ?? 0);
  const [found] = statements
    .filter((p) => p.valid_from <= day)
    .sort((a, b) => Number(fresh(b)) - Number(fresh(a)) || (fresh(a) ? rank(a) - rank(b) : 0) || b.valid_from.localeCompare(a.valid_from) || rank(a) - rank(b) || b.id.localeCompare(a.id));
  return found;
}

/** What the customer could buy in a year, as stated by whom and from when; `as_of` is the day the card shows. */
export function Potentials({ customerId, as_of }: { customerId: string; as_of?: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const statements = useQuery(potentialsQuery(customerId));
  const trust = useQuery(walletDefinitionQuery).data?.data.trust;
  const [editing, setEditing] = useState<Potential | "new" | null>(null);
  const may = can("potential.write");
  return (
    <Panel
      title={t("potential.title")}
      aside={
        may && (
          <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setEditing("new")}>
            {t("potential.add")}
          </Button>
        )
      }
    >
      <Answered of={statements} height={80}>
        {(items) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              {t("potential.none")}
            </Text>
          ) : (
            <Stack gap="sm" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
              {items.map((p) => (
                <Statement key={p.id} potential={p} day={trust && p === inForce(items, as_of ?? today(), trust) ? (as_of ?? today()) : undefined} onEdit={may ? () => setEditing(p) : undefined} />
              ))}
            </Stack>
          )
        }
      </Answered>
      <Modal opened={editing !== null} onClose={() => setEditing(null)} title={t(editing === "new" ? "potential.add_title" : "potential.edit_title")} closeButtonProps={{ "aria-label": t("action.close") }}>
        {editing && <PotentialForm customerId={customerId} potential={editing === "new" ? undefined : editing} onDone={() => setEditing(null)} />}
      </Modal>
    </Panel>
  );
}

/** `day` is set for the statement that is in force on it. */
function Statement({ potential: p, day, onEdit }: { potential: Potential; day?: string; onEdit?: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const remove = async () => {
    await ask(api.DELETE("/potentials/{id}", { params: { path: { id: p.id }, header: ifMatch(p.version) } }));
    await queries.invalidateQueries({ queryKey: potentialsQuery(p.customer_id).queryKey });
  };
  return (
    <li className={classes.statement}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text fw={620} className="num">
          {format.round(p.amount, p.currency)}
        </Text>
        <Badge style={{ flexShrink: 0 }} variant="light" radius="sm" tt="none" fw={550} color="gray" c="var(--mantine-color-text)">
          {t(`source.${p.source}`)}
        </Badge>
      </Group>
      <Text size="xs" c="dimmed">
        {t("potential.from", { date: format.date(p.valid_from) })}
        {p.created_by_name ? ` · ${p.created_by_name}` : ""}
      </Text>
      {day && (
        <Text size="xs" fw={600} c="var(--k-accent)">
          {t("potential.in_force", { date: format.date(day) })}
        </Text>
      )}
      {p.note && <Text size="sm">{p.note}</Text>}
      {onEdit && (
        <Group gap={4} ml={-7}>
          <Button size="compact-xs" variant="subtle" onClick={onEdit} aria-label={t("potential.edit_named", { date: format.date(p.valid_from) })}>
            {t("action.edit")}
          </Button>
          <ConfirmButton compact label={t("action.delete")} ariaLabel={t("potential.delete_named", { date: format.date(p.valid_from) })} title={t("potential.delete_title")} confirm={t("action.delete")} onConfirm={remove}>
            {t("potential.delete_text", { amount: format.round(p.amount, p.currency), date: format.date(p.valid_from) })}
          </ConfirmButton>
        </Group>
      )}
    </li>
  );
}

function PotentialForm({ customerId, potential, onDone }: { customerId: string; potential?: Potential; onDone: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const labels = useCalendarLabels();
  const form = useForm({
    initialValues: {
      amount: potential ? major(potential.amount, potential.currency) : ("" as number | string),
      currency: potential?.currency ?? format.currency,
      source: potential?.source ?? ("declared" as PotentialSource),
      valid_from: potential?.valid_from ?? today(),
      note: potential?.note ?? "",
    },
    validate: { amount: (v) => (v === "" || Number(v) < 0 ? t("potential.amount_needed") : null) },
  });
  const save = useMutation({
    mutationFn: (v: typeof form.values) => {
      const body = { ...v, amount: minor(Number(v.amount), v.currency), note: v.note || undefined };
      return potential
        ? ask(api.PATCH("/potentials/{id}", { params: { path: { id: potential.id }, header: ifMatch(potential.version) }, body: { ...body, note: v.note } }))
        : ask(api.POST("/customers/{id}/potentials", { params: { path: { id: customerId } }, body }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: potentialsQuery(customerId).queryKey });
      onDone();
    },
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  return (
    <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
      <Stack>
        {save.error && <ProblemNotice cause={save.error} shown={Object.keys(form.values)} />}
        <Text size="sm" c="dimmed">
          {t("potential.help")}
        </Text>
        <Group grow align="flex-start">
          <NumberInput label={t("potential.amount")} required min={0} thousandSeparator=" " decimalScale={2} data-autofocus {...form.getInputProps("amount")} />
          <Select label={t("field.currency")} data={[...new Set([format.currency, ...currencies])]} searchable allowDeselect={false} {...form.getInputProps("currency")} />
        </Group>
        <Group grow align="flex-start">
          <Select label={t("potential.source")} allowDeselect={false} data={sources.map((s) => ({ value: s, label: t(`source.${s}`) }))} {...form.getInputProps("source")} />
          <DateInput ariaLabels={labels} label={t("potential.valid_from")} valueFormat="D MMM YYYY" required {...form.getInputProps("valid_from")} />
        </Group>
        <Textarea label={t("field.note")} autosize minRows={2} maxLength={2000} {...form.getInputProps("note")} />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
