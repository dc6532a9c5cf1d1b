import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import type { Person, PersonInput, Unit } from "../../api/types";
import { UnitSelect } from "../../ui/unit-select";
import { PlaceForm } from "./place-form";

/** A new person, or one whose data or unit changes. `unit` is the one a new person is put in. */
export function PersonForm({ units, person, unit, onDone }: { units: Unit[]; person?: Person; unit?: string; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <PlaceForm
      of="people"
      units={units}
      record={person}
      place="unit_id"
      fieldsOf={(p?: Person) => ({ name: p?.name ?? "", code: p?.code ?? "", title: p?.title ?? "", email: p?.email ?? "", unit_id: p ? (p.unit_id ?? "") : (unit ?? ""), valid_from: "" })}
      send={({ valid_from, unit_id, ...v }, base) => {
        const body: PersonInput = { ...v, unit_id: unit_id || null, valid_from: valid_from || undefined };
        return base ? ask(api.PATCH("/people/{id}", { params: { path: { id: base.id }, header: ifMatch(base.version) }, body })) : ask(api.POST("/people", { body }));
      }}
      load={(id) => ask(api.GET("/people/{id}", { params: { path: { id } } }))}
      onDone={onDone}
    >
      {(form) => (
        <>
          <TextInput label={t("org.job_title")} {...form.getInputProps("title")} />
          <TextInput label={t("field.email")} type="email" {...form.getInputProps("email")} />
          <UnitSelect label={t("field.unit")} units={units} placeholder={t("customer.no_unit")} value={form.values.unit_id || null} error={form.errors.unit_id} onChange={(v) => form.setFieldValue("unit_id", v ?? "")} />
        </>
      )}
    </PlaceForm>
  );
}
