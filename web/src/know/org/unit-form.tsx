import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import type { Unit, UnitInput, UnitKind } from "../../api/types";
import { UnitSelect, withBelow } from "../../ui/unit-select";
import { PlaceForm } from "./place-form";

const kinds: UnitKind[] = ["company", "country", "market", "department", "team"];
const below: Record<UnitKind, UnitKind> = { company: "country", country: "market", market: "department", department: "team", team: "team" };

/** A new unit, or one that is renamed, moved or made another kind. */
export function UnitForm({ units, unit, parent, onDone }: { units: Unit[]; unit?: Unit; parent?: Unit; onDone: () => void }) {
  const { t } = useTranslation();
  const own = unit ? withBelow(units, unit.id) : new Set<string>();
  return (
    <PlaceForm
      of="units"
      units={units}
      record={unit}
      place="parent_id"
      fieldsOf={(u?: Unit) => ({
        name: u?.name ?? "",
        code: u?.code ?? "",
        kind: u?.kind ?? (parent ? below[parent.kind] : ("company" as UnitKind)),
        parent_id: u ? (u.parent_id ?? "") : (parent?.id ?? ""),
        valid_from: "",
      })}
      send={({ valid_from, parent_id, ...v }, base) => {
        const body: UnitInput = { ...v, parent_id: parent_id || null, valid_from: valid_from || undefined };
        return base ? ask(api.PATCH("/units/{id}", { params: { path: { id: base.id }, header: ifMatch(base.version) }, body })) : ask(api.POST("/units", { body }));
      }}
      load={(id) => ask(api.GET("/units/{id}", { params: { path: { id } } }))}
      onDone={onDone}
    >
      {(form) => (
        <>
          <Select label={t("field.kind")} allowDeselect={false} data={kinds.map((k) => ({ value: k, label: t(`unit_kind.${k}`) }))} {...form.getInputProps("kind")} />
          <UnitSelect label={t("org.parent")} description={t("org.parent_help")} placeholder={t("org.top")} units={units.filter((u) => !own.has(u.id))} value={form.values.parent_id || null} error={form.errors.parent_id}
            onChange={(v) => form.setFieldValue("parent_id", v ?? "")} />
        </>
      )}
    </PlaceForm>
  );
}
