import { Button, Grid, Group, Modal, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconPencil } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import { customerQuery, facetsQuery, peopleQuery, unitsQuery } from "../../api/queries";
import type { Customer, CustomerInput } from "../../api/types";
import { ConflictNotice, merged } from "../../ui/conflict";
import { useNotify } from "../../ui/notify";
import { ProblemNotice } from "../../ui/states";
import { UnitSelect } from "../../ui/unit-select";

type Fields = Record<Exclude<keyof CustomerInput, "size_employees">, string> & { size_employees: number | string };

const texts = ["code", "name", "industry", "street", "postal_code", "city", "country", "phone", "email", "website"] as const;
const shown = [...texts, "kind", "size_employees", "owner_id", "unit_id", "lifecycle"];
const lifecycles = ["suspect", "prospect", "lead", "customer", "former"];

function fieldsOf(c?: Customer): Fields {
  const fields: Fields = {
    code: "", name: "", kind: "organisation", industry: "", street: "", postal_code: "", city: "", country: "", phone: "",
    email: "", website: "", lifecycle: "", parent_id: "", owner_id: "", unit_id: "", size_employees: "",
  };
  if (!c) return fields;
  for (const key of Object.keys(fields) as (keyof Fields)[]) {
    const value = c[key];
    if (value !== undefined && value !== null) (fields as Record<string, unknown>)[key] = value;
  }
  return fields;
}

/** What changed, in the form the server takes; an emptied number is null. */
function inputOf(values: Fields, before?: Fields): Partial<CustomerInput> {
  const input: Record<string, unknown> = {};
  for (const key of Object.keys(values) as (keyof Fields)[]) {
    if (before ? values[key] === before[key] : values[key] === "") continue;
    input[key] = key === "size_employees" ? (values[key] === "" ? null : Number(values[key])) : values[key];
  }
  return input as Partial<CustomerInput>;
}

/** The button on the card, and the form behind it. */
export function EditCustomer({ customer }: { customer: Customer }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<IconPencil size={16} />} onClick={() => setOpen(true)}>
        {t("action.edit")}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t("customer.edit", { name: customer.name })} size="lg" closeButtonProps={{ "aria-label": t("action.close") }}>
        {open && <CustomerForm customer={customer} onDone={() => setOpen(false)} />}
      </Modal>
    </>
  );
}

export function NewCustomer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <Modal opened={open} onClose={onClose} title={t("customer.new")} size="lg" closeButtonProps={{ "aria-label": t("action.close") }}>
      {open && <CustomerForm onDone={(c) => void navigate({ to: "/map/customers/$id", params: { id: c.id } as never })} />}
    </Modal>
  );
}

function CustomerForm({ customer, onDone }: { customer?: Customer; onDone: (c: Customer) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  // The form works on the record as it was opened, even if the page behind loads a newer one.
  const [base, setBase] = useState(customer);
  const notify = useNotify();
  const form = useForm<Fields>({ initialValues: fieldsOf(customer) });
  const units = useQuery(unitsQuery).data ?? [];
  const people = useQuery(peopleQuery).data ?? [];
  const facets = useQuery(facetsQuery).data;
  const save = useMutation({
    mutationFn: (values: Fields) =>
      base
        ? ask(api.PATCH("/customers/{id}", { params: { path: { id: base.id }, header: ifMatch(base.version) }, body: inputOf(values, fieldsOf(base)) }))
        : ask(api.POST("/customers", { body: inputOf(values) as CustomerInput })),
    onSuccess: (saved) => {
      queries.setQueryData(customerQuery(saved.id).queryKey, saved);
      void queries.invalidateQueries({ queryKey: ["customers"] });
      notify(t("customer.saved", { name: saved.name }));
      onDone(saved);
    },
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  const conflict = save.error && problemOf(save.error).status === 412;
  // Takes the other person's version as the base; what was typed here stays and can be saved over it.
  const reload = useMutation({
    mutationFn: () => queries.fetchQuery({ ...customerQuery(base?.id ?? ""), staleTime: 0 }),
    onSuccess: (fresh) => {
      form.setValues(merged(fieldsOf(base), fieldsOf(fresh), form.values));
      setBase(fresh);
      save.reset();
    },
  });
  const text = (name: (typeof texts)[number], span = 6, more: { required?: boolean; type?: string; maxLength?: number } = {}) => (
    <Grid.Col span={{ base: 12, xs: span }}>
      <TextInput label={t(`field.${name}`)} {...more} {...form.getInputProps(name)} />
    </Grid.Col>
  );
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate={false}>
      <Stack>
        {conflict ? (
          <ConflictNotice busy={reload.isPending} onTake={() => reload.mutate()} />
        ) : (
          save.error && <ProblemNotice cause={save.error} shown={shown} />
        )}
        <Grid gap="sm">
          {text("name", 8, { required: true })}
          {text("code", 4, { required: true })}
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <Select label={t("field.kind")} allowDeselect={false} data={["organisation", "person"].map((k) => ({ value: k, label: t(`customer.kind_${k}`) }))} {...form.getInputProps("kind")} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <TextInput label={t("field.industry")} list="industries" {...form.getInputProps("industry")} />
            <datalist id="industries">{facets?.industries.map((i) => <option key={i} value={i} />)}</datalist>
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <NumberInput label={t("field.size_employees")} min={0} allowDecimal={false} {...form.getInputProps("size_employees")} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <Select label={t("field.lifecycle")} allowDeselect={false} data={lifecycles.map((l) => ({ value: l, label: t(`lifecycle.${l}`) }))} {...form.getInputProps("lifecycle")}
              value={form.values.lifecycle || null} onChange={(v) => form.setFieldValue("lifecycle", v ?? "")} />
          </Grid.Col>
          {text("street", 12)}
          {text("postal_code", 3)}
          {text("city", 6)}
          {text("country", 3, { maxLength: 2 })}
          {text("phone")}
          {text("email", 6, { type: "email" })}
          {text("website", 12)}
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <Select label={t("field.owner")} searchable clearable limit={200} data={people.map((p) => ({ value: p.id, label: p.name }))} {...form.getInputProps("owner_id")}
              value={form.values.owner_id || null} onChange={(v) => form.setFieldValue("owner_id", v ?? "")} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 6 }}>
            <UnitSelect label={t("field.unit")} units={units} {...form.getInputProps("unit_id")}
              value={form.values.unit_id || null} onChange={(v) => form.setFieldValue("unit_id", v ?? "")} />
          </Grid.Col>
        </Grid>
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={!!conflict}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
