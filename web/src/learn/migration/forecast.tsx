import { Button, Divider, Group, Modal, NumberInput, Stack, Text, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import { forecastsQuery } from "../../api/queries";
import type { ForecastStatement, MatrixMover } from "../../api/types";
import { ConfirmButton } from "../../ui/confirm";
import { major, minor, useFormat } from "../../ui/format";
import { Answered, ProblemNotice } from "../../ui/states";

/** Overrules what the models expect of a customer in the twelve months after a date. */
export function ForecastModal({ customer, as_of, onClose }: { customer: MatrixMover; as_of: string; onClose: () => void }) {
  const { t } = useTranslation();
  const statements = useQuery(forecastsQuery(customer.id));
  return (
    <Modal opened onClose={onClose} title={t("migration.overrule_title", { name: customer.name })} closeButtonProps={{ "aria-label": t("action.close") }}>
      <Answered of={statements} height={160}>
        {(all) => (
          <Stack>
            <Form key={all.find((s) => s.as_of === as_of)?.version} customer={customer} as_of={as_of} said={all.find((s) => s.as_of === as_of)} onDone={onClose} />
            {all.some((s) => s.as_of !== as_of) && <Divider label={t("migration.said_before")} />}
            {all.filter((s) => s.as_of !== as_of).map((s) => <Said key={s.id} said={s} />)}
          </Stack>
        )}
      </Answered>
    </Modal>
  );
}

function Said({ said }: { said: ForecastStatement }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div>
      <Text size="sm" fw={600} className="num">{format.money(said.amount)}</Text>
      <Text size="xs" c="dimmed">{t("migration.said_by", { date: format.date(said.as_of), name: said.created_by_name })}</Text>
      <Text size="sm">{said.reason}</Text>
    </div>
  );
}

function Form({ customer, as_of, said, onDone }: { customer: MatrixMover; as_of: string; said?: ForecastStatement; onDone: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { amount: said ? major(said.amount, format.currency) : ("" as number | string), reason: said?.reason ?? "" },
    validate: { amount: (v) => (v === "" || Number(v) < 0 ? t("migration.amount_needed") : null), reason: (v) => (v.trim() ? null : t("migration.reason_needed")) },
  });
  const changed = async () => {
    await Promise.all([queries.invalidateQueries({ queryKey: ["matrix"] }), queries.invalidateQueries({ queryKey: forecastsQuery(customer.id).queryKey })]);
    onDone();
  };
  const save = useMutation({
    mutationFn: (v: typeof form.values) => {
      const body = { as_of, amount: minor(Number(v.amount), format.currency), reason: v.reason };
      return said
        ? ask(api.PUT("/forecasts/{id}", { params: { path: { id: said.id }, header: ifMatch(said.version) }, body }))
        : ask(api.POST("/customers/{id}/forecasts", { params: { path: { id: customer.id } }, body }));
    },
    onSuccess: changed,
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  const remove = async () => {
    await ask(api.DELETE("/forecasts/{id}", { params: { path: { id: said!.id }, header: ifMatch(said!.version) } }));
    await changed();
  };
  return (
    <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
      <Stack>
        {save.error && <ProblemNotice cause={save.error} shown={["amount", "reason"]} />}
        <Text size="sm" c="dimmed">{t("migration.overrule_help", { date: format.date(as_of) })}</Text>
        <NumberInput label={t("migration.amount", { currency: format.currency })} required min={0} thousandSeparator=" " decimalScale={2} data-autofocus {...form.getInputProps("amount")} />
        <Textarea label={t("migration.reason")} required autosize minRows={2} maxLength={2000} {...form.getInputProps("reason")} />
        <Group justify="space-between">
          {said ? (
            <ConfirmButton label={t("migration.take_back")} title={t("migration.take_back_title")} confirm={t("migration.take_back")} onConfirm={remove}>
              {t("migration.take_back_text", { name: customer.name })}
            </ConfirmButton>
          ) : <span />}
          <Button type="submit" loading={save.isPending}>{t("action.save")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
