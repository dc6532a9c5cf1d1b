import { Alert, Button, Grid, Group, NumberInput, PasswordInput, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import type { Source, SourceInput } from "../../api/types";
import { ConflictNotice, merged } from "../../ui/conflict";
import { useNotify } from "../../ui/notify";
import { ProblemNotice } from "../../ui/states";

const ports: Record<Source["driver"], number> = { postgresql: 5432, mysql: 3306, sqlserver: 1433 };
const drivers = Object.keys(ports) as Source["driver"][];
const encryptions: Source["encryption"][] = ["verified", "unverified", "none"];

function fieldsOf(s?: Source) {
  return {
    name: s?.name ?? "",
    driver: s?.driver ?? ("postgresql" as Source["driver"]),
    host: s?.host ?? "",
    port: s?.port ?? 5432,
    database: s?.database ?? "",
    username: s?.username ?? "",
    encryption: s?.encryption ?? ("verified" as Source["encryption"]),
  };
}

/** The address of a database. It is saved first and tried then: only a saved address is ever dialled. */
export function SourceForm({ source, onDone }: { source?: Source; onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const notify = useNotify();
  const [base, setBase] = useState(source);
  const [password, setPassword] = useState("");
  const form = useForm({ initialValues: fieldsOf(source) });
  const test = useMutation({
    mutationFn: (s: Source) => ask(api.POST("/sources/{id}/test", { params: { path: { id: s.id } } })),
    onSuccess: (_, s) => {
      notify(t("sources.answers", { name: s.name }));
      onDone();
    },
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  const save = useMutation({
    mutationFn: (v: typeof form.values) => {
      const body: SourceInput = { ...v, ...(password ? { password } : {}) };
      return base ? ask(api.PATCH("/sources/{id}", { params: { path: { id: base.id }, header: ifMatch(base.version) }, body })) : ask(api.POST("/sources", { body }));
    },
    onMutate: () => test.reset(),
    onSuccess: async (saved) => {
      setBase(saved);
      setPassword("");
      await queries.invalidateQueries({ queryKey: ["sources"] });
      test.mutate(saved);
    },
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  const take = useMutation({
    mutationFn: (id: string) => ask(api.GET("/sources/{id}", { params: { path: { id } } })),
    onSuccess: (fresh) => {
      form.setValues(merged(fieldsOf(base), fieldsOf(fresh), form.values));
      setBase(fresh);
      save.reset();
    },
  });
  const conflict = save.error && problemOf(save.error).status === 412;
  const v = form.values;
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="sm">
        {conflict && base ? <ConflictNotice busy={take.isPending} onTake={() => take.mutate(base.id)} /> : save.error && <ProblemNotice cause={save.error} shown={[...Object.keys(v), "password"]} />}
        {test.error && !save.isPending && (
          <Alert color="yellow" role="alert" title={t("sources.saved_untested")}>
            {Object.keys(problemOf(test.error).fields).length === 0 && problemOf(test.error).detail}
          </Alert>
        )}
        <TextInput label={t("field.name")} description={t("sources.name_help")} required data-autofocus {...form.getInputProps("name")} />
        <Select label={t("sources.driver_label")} allowDeselect={false} value={v.driver} error={form.errors.driver} data={drivers.map((d) => ({ value: d, label: t(`sources.driver.${d}`) }))}
          onChange={(d) => d && form.setValues({ driver: d as Source["driver"], port: v.port === ports[v.driver] ? ports[d as Source["driver"]] : v.port })}
          description={v.driver === "sqlserver" ? t("sources.sqlserver_note") : undefined} />
        <Grid gap="sm" align="flex-end">
          <Grid.Col span={{ base: 12, xs: 8 }}>
            <TextInput label={t("sources.host")} description={t("sources.host_help")} required {...form.getInputProps("host")} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, xs: 4 }}>
            <NumberInput label={t("sources.port")} min={1} max={65535} allowDecimal={false} hideControls required {...form.getInputProps("port")} />
          </Grid.Col>
        </Grid>
        <TextInput label={t("sources.database")} required {...form.getInputProps("database")} />
        <TextInput label={t("sources.username")} description={t("sources.username_help")} required autoComplete="off" {...form.getInputProps("username")} />
        <PasswordInput label={t("sources.password")} description={t(base?.has_password ? "sources.password_keep" : "sources.password_help")} autoComplete="new-password" value={password} error={form.errors.password}
          onChange={(e) => {
            setPassword(e.currentTarget.value);
            form.clearFieldError("password");
          }} />
        <Select label={t("sources.encryption_label")} allowDeselect={false} data={encryptions.map((e) => ({ value: e, label: t(`sources.encryption.${e}`) }))} {...form.getInputProps("encryption")}
          description={v.encryption === "unverified" ? t("sources.unverified_note") : v.encryption === "none" ? t("sources.plain_note") : undefined} />
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending || test.isPending} disabled={!!conflict}>
            {t("sources.save_test")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
