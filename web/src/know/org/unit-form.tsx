import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import { unitsQuery } from "../../api/queries";
import type { Unit, UnitInput, UnitKind } from "../../api/types";
import { ConflictNotice, merged } from "../../ui/conflict";
import { useNotify } from "../../ui/notify";
import { ProblemNotice } from "../../ui/states";
import { UnitSelect, withBelow } from "../../ui/unit-select";
import { PlaceHistory, Since } from "./since";

const kinds: UnitKind[] = ["company", "country", "market", "department", "team"];
const below: Record<UnitKind, UnitKind> = { company: "country", country: "market", market: "department", department: "team", team: "team" };

function fieldsOf(u?: Unit, parent?: Unit) {
  return {
    name: u?.name ?? "",
    code: u?.code ?? "",
    kind: u?.kind ?? (parent ? below[parent.kind] : ("company" as UnitKind)),
    parent_id: u ? (u.parent_id ?? "") : (parent?.id ?? ""),
    valid_from: "",
  };
}

/** A new unit, or one that is renamed, moved or made another kind. */
export function UnitForm({ units, unit, parent, onDone }: { units: Unit[]; unit?: Unit; parent?: Unit; onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const [base, setBase] = useState(unit);
  const form = useForm({ initialValues: fieldsOf(unit, parent) });
  const moved = base !== undefined && form.values.parent_id !== (base.parent_id ?? "");
  const save = useMutation({
    mutationFn: ({ valid_from, parent_id, ...v }: typeof form.values) => {
      const body: UnitInput = { ...v, parent_id: parent_id || null, valid_from: valid_from || undefined };
      return base ? ask(api.PATCH("/units/{id}", { params: { path: { id: base.id }, header: ifMatch(base.version) }, body })) : ask(api.POST("/units", { body }));
    },
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: ["units"] });
      notify(t("org.saved", { name: saved.name }));
      onDone();
    },
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  const take = useMutation({
    mutationFn: (id: string) => ask(api.GET("/units/{id}", { params: { path: { id } } })),
    onSuccess: (fresh) => {
      form.setValues(merged(fieldsOf(base), fieldsOf(fresh), form.values));
      setBase(fresh);
      save.reset();
      void queries.invalidateQueries({ queryKey: unitsQuery.queryKey });
    },
  });
  const conflict = save.error && problemOf(save.error).status === 412;
  const own = base ? withBelow(units, base.id) : new Set<string>();
  return (
    <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
      <Stack gap="sm">
        {conflict && base ? <ConflictNotice busy={take.isPending} onTake={() => take.mutate(base.id)} /> : save.error && <ProblemNotice cause={save.error} shown={Object.keys(form.values)} />}
        <TextInput label={t("field.name")} required data-autofocus {...form.getInputProps("name")} />
        <TextInput label={t("field.code")} description={t("org.code_help")} required {...form.getInputProps("code")} />
        <Select label={t("field.kind")} allowDeselect={false} data={kinds.map((k) => ({ value: k, label: t(`unit_kind.${k}`) }))} {...form.getInputProps("kind")} />
        <UnitSelect label={t("org.parent")} description={t("org.parent_help")} placeholder={t("org.top")} units={units.filter((u) => !own.has(u.id))} value={form.values.parent_id || null} error={form.errors.parent_id}
          onChange={(v) => form.setFieldValue("parent_id", v ?? "")} />
        {moved && <Since value={form.values.valid_from} onChange={(day) => form.setFieldValue("valid_from", day)} error={form.errors.valid_from} />}
        {base && <PlaceHistory of="units" id={base.id} units={units} />}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={!!conflict}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
