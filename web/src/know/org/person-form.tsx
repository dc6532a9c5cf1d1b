import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import type { Person, PersonInput, Unit } from "../../api/types";
import { ConflictNotice, merged } from "../../ui/conflict";
import { useNotify } from "../../ui/notify";
import { ProblemNotice } from "../../ui/states";
import { UnitSelect } from "../../ui/unit-select";
import { PlaceHistory, Since } from "./since";

function fieldsOf(p?: Person, unit?: string) {
  return { name: p?.name ?? "", code: p?.code ?? "", title: p?.title ?? "", email: p?.email ?? "", unit_id: p ? (p.unit_id ?? "") : (unit ?? ""), valid_from: "" };
}

/** A new person, or one whose data or unit changes. `unit` is the one a new person is put in. */
export function PersonForm({ units, person, unit, onDone }: { units: Unit[]; person?: Person; unit?: string; onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const [base, setBase] = useState(person);
  const form = useForm({ initialValues: fieldsOf(person, unit) });
  const moved = base !== undefined && form.values.unit_id !== (base.unit_id ?? "");
  const save = useMutation({
    mutationFn: ({ valid_from, unit_id, ...v }: typeof form.values) => {
      const body: PersonInput = { ...v, unit_id: unit_id || null, valid_from: valid_from || undefined };
      return base ? ask(api.PATCH("/people/{id}", { params: { path: { id: base.id }, header: ifMatch(base.version) }, body })) : ask(api.POST("/people", { body }));
    },
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["people"] });
      notify(t("org.saved", { name: saved.name }));
      onDone();
    },
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  const take = useMutation({
    mutationFn: (id: string) => ask(api.GET("/people/{id}", { params: { path: { id } } })),
    onSuccess: (fresh) => {
      form.setValues(merged(fieldsOf(base), fieldsOf(fresh), form.values));
      setBase(fresh);
      save.reset();
      void queries.invalidateQueries({ queryKey: ["people"] });
    },
  });
  const conflict = save.error && problemOf(save.error).status === 412;
  return (
    <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
      <Stack gap="sm">
        {conflict && base ? <ConflictNotice busy={take.isPending} onTake={() => take.mutate(base.id)} /> : save.error && <ProblemNotice cause={save.error} shown={Object.keys(form.values)} />}
        <TextInput label={t("field.name")} required data-autofocus {...form.getInputProps("name")} />
        <TextInput label={t("field.code")} description={t("org.code_help")} required {...form.getInputProps("code")} />
        <TextInput label={t("org.job_title")} {...form.getInputProps("title")} />
        <TextInput label={t("field.email")} type="email" {...form.getInputProps("email")} />
        <UnitSelect label={t("field.unit")} units={units} placeholder={t("customer.no_unit")} value={form.values.unit_id || null} error={form.errors.unit_id} onChange={(v) => form.setFieldValue("unit_id", v ?? "")} />
        {moved && <Since value={form.values.valid_from} onChange={(day) => form.setFieldValue("valid_from", day)} error={form.errors.valid_from} />}
        {base && <PlaceHistory of="people" id={base.id} units={units} />}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={!!conflict}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
