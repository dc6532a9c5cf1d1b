import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useForm, type UseFormReturnType } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../../api/problem";
import type { Unit } from "../../api/types";
import { ConflictNotice, merged } from "../../ui/conflict";
import { useNotify } from "../../ui/notify";
import { ProblemNotice } from "../../ui/states";
import { PlaceHistory, Since } from "./since";

type Record = { id: string; name: string };
type Fields = { name: string; code: string; valid_from: string };

/**
 * The form of what has a place in the tree of units, which is what units and people share: a name and a code, the unit
 * above it in the field `place`, and since when that holds. `children` adds the fields of its own.
 */
export function PlaceForm<R extends Record, F extends Fields>({
  of,
  units,
  record,
  place,
  fieldsOf,
  send,
  load,
  onDone,
  children,
}: {
  of: "units" | "people";
  units: Unit[];
  /** Absent for a new one. */
  record?: R;
  place: keyof F;
  fieldsOf: (record?: R) => F;
  send: (fields: F, base?: R) => Promise<R>;
  load: (id: string) => Promise<R>;
  onDone: () => void;
  children: (form: UseFormReturnType<F>) => ReactNode;
}) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const [base, setBase] = useState(record);
  const form = useForm<F>({ initialValues: fieldsOf(record) });
  const fields = form.getValues();
  const moved = base !== undefined && fields[place] !== fieldsOf(base)[place];
  const save = useMutation({
    mutationFn: (fields: F) => send(fields, base),
    onSuccess: async (saved) => {
      await queries.invalidateQueries({ queryKey: [of] });
      notify(t("org.saved", { name: saved.name }));
      onDone();
    },
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  const take = useMutation({
    mutationFn: load,
    onSuccess: (fresh) => {
      form.setValues(merged(fieldsOf(base), fieldsOf(fresh), form.getValues()));
      setBase(fresh);
      save.reset();
      void queries.invalidateQueries({ queryKey: [of] });
    },
  });
  const conflict = save.error && problemOf(save.error).status === 412;
  return (
    <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
      <Stack gap="sm">
        {conflict && base ? <ConflictNotice busy={take.isPending} onTake={() => take.mutate(base.id)} /> : save.error && <ProblemNotice cause={save.error} shown={Object.keys(fields)} />}
        <TextInput label={t("field.name")} required data-autofocus {...form.getInputProps("name")} />
        <TextInput label={t("field.code")} description={t("org.code_help")} required {...form.getInputProps("code")} />
        {children(form)}
        {moved && <Since value={fields.valid_from} onChange={(day) => form.setFieldValue("valid_from", day as never)} error={form.errors.valid_from} />}
        {base && <PlaceHistory of={of} id={base.id} units={units} />}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending} disabled={!!conflict}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
