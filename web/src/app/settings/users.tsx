import { Alert, Anchor, Button, Code, CopyButton, Group, Modal, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, ifMatch } from "../../api/client";
import { problemOf } from "../../api/problem";
import { peopleQuery, unitsQuery, usersQuery } from "../../api/queries";
import type { NewUser, Role, Scope, User } from "../../api/types";
import { ConfirmButton } from "../../ui/confirm";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Empty, ProblemNotice } from "../../ui/states";
import { DataTable } from "../../ui/table";
import { UnitSelect } from "../../ui/unit-select";

const roles: Role[] = ["administrator", "director", "manager", "salesperson"];
const scopes: Scope[] = ["all", "unit", "own"];
const usual: Record<Role, Scope> = { administrator: "all", director: "all", manager: "unit", salesperson: "own" };

/** Settings › Users: who may sign in, do what, and see which customers. */
export function UserSettings() {
  const { t } = useTranslation();
  const may = useCan()("user.write");
  const users = useInfiniteQuery(usersQuery);
  const units = useQuery(unitsQuery).data;
  const people = useQuery(peopleQuery).data;
  const [editing, setEditing] = useState<User | "new" | null>(null);
  const [made, setMade] = useState<NewUser | null>(null);
  const columns = useMemo<ColumnDef<User>[]>(
    () => [
      {
        id: "name",
        header: t("field.name"),
        meta: { main: true },
        cell: ({ row }) =>
          may ? (
            <Anchor component="button" type="button" size="sm" fw={550} onClick={() => setEditing(row.original)}>
              {row.original.name}
            </Anchor>
          ) : (
            row.original.name
          ),
      },
      { id: "email", header: t("field.email"), cell: ({ row }) => row.original.email },
      { id: "role", header: t("user.role"), cell: ({ row }) => t(`role.${row.original.role}`) },
      { id: "scope", header: t("user.scope"), cell: ({ row }) => t(`scope.${row.original.scope}`) },
      { id: "unit", header: t("field.unit"), cell: ({ row }) => units?.find((u) => u.id === row.original.unit_id)?.name ?? "–" },
      { id: "person", header: t("user.person"), cell: ({ row }) => people?.find((p) => p.id === row.original.person_id)?.name ?? "–" },
      { id: "disabled", header: t("user.state"), cell: ({ row }) => t(row.original.disabled ? "user.disabled" : "user.active") },
    ],
    [t, may, units, people],
  );
  const close = () => setEditing(null);
  return (
    <>
      <PageHeader
        title={t("nav.users")}
        actions={
          may && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing("new")}>
              {t("user.add")}
            </Button>
          )
        }
      >
        {t("user.intro")}
      </PageHeader>
      <Panel flush>
        <DataTable label={t("nav.users")} columns={columns} of={users} rowId={(u) => u.id} empty={<Empty title={t("user.none")} />} />
      </Panel>
      <Modal opened={editing !== null} onClose={close} title={t(editing === "new" ? "user.add" : "user.edit")} closeButtonProps={{ "aria-label": t("action.close") }}>
        {editing && <UserForm user={editing === "new" ? undefined : editing} onDone={close} onMade={setMade} />}
      </Modal>
      <Modal opened={made !== null} onClose={() => setMade(null)} title={t("user.made", { name: made?.name })} closeOnClickOutside={false} closeButtonProps={{ "aria-label": t("action.close") }}>
        {made && <Secret text={made.initial_password} words={t("user.password_once")} />}
      </Modal>
    </>
  );
}

/** A secret that is shown this once. */
export function Secret({ text, words }: { text: string; words: string }) {
  const { t } = useTranslation();
  return (
    <Stack>
      <Alert color="yellow">{words}</Alert>
      <Group wrap="nowrap">
        <Code block style={{ flex: 1, overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {text}
        </Code>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {t(copied ? "action.copied" : "action.copy")}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Stack>
  );
}

function UserForm({ user, onDone, onMade }: { user?: User; onDone: () => void; onMade: (u: NewUser) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const units = useQuery(unitsQuery).data ?? [];
  const people = useQuery(peopleQuery).data ?? [];
  const form = useForm({
    initialValues: {
      email: user?.email ?? "",
      name: user?.name ?? "",
      role: user?.role ?? ("salesperson" as Role),
      scope: user?.scope ?? ("own" as Scope),
      person_id: user?.person_id ?? "",
      unit_id: user?.unit_id ?? "",
      disabled: user?.disabled ?? false,
    },
  });
  const save = useMutation({
    mutationFn: async ({ disabled, ...v }: typeof form.values) => {
      if (user) {
        await ask(api.PATCH("/users/{id}", { params: { path: { id: user.id }, header: ifMatch(user.version) }, body: { ...v, disabled } }));
        return undefined;
      }
      return ask(api.POST("/users", { body: { ...v, person_id: v.person_id || undefined, unit_id: v.unit_id || undefined } }));
    },
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["users"] });
      onDone();
      if (made) onMade(made);
    },
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  const renew = async () => {
    if (!user) return;
    const { initial_password } = await ask(api.POST("/users/{id}/password", { params: { path: { id: user.id } } }));
    onDone();
    onMade({ ...user, initial_password });
  };
  const pick = (key: "person_id" | "unit_id") => ({
    value: form.values[key] || null,
    onChange: (v: string | null) => form.setFieldValue(key, v ?? ""),
    error: form.errors[key],
    searchable: true,
    clearable: true,
    limit: 200,
  });
  return (
    <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
      <Stack gap="sm">
        {save.error && <ProblemNotice cause={save.error} shown={Object.keys(form.values)} />}
        <TextInput label={t("field.name")} required data-autofocus {...form.getInputProps("name")} />
        <TextInput label={t("field.email")} type="email" required {...form.getInputProps("email")} />
        <Select label={t("user.role")} allowDeselect={false} data={roles.map((r) => ({ value: r, label: t(`role.${r}`) }))} {...form.getInputProps("role")}
          onChange={(r) => r && form.setValues({ role: r as Role, scope: usual[r as Role] })} />
        <Text size="xs" c="dimmed">
          {t(`role_help.${form.values.role}`)}
        </Text>
        <Select label={t("user.scope")} allowDeselect={false} data={scopes.map((s) => ({ value: s, label: t(`scope.${s}`) }))} {...form.getInputProps("scope")} />
        {form.values.scope === "unit" && <UnitSelect label={t("field.unit")} description={t("user.unit_help")} units={units} {...pick("unit_id")} />}
        <Select label={t("user.person")} description={t("user.person_help")} data={people.map((p) => ({ value: p.id, label: p.name }))} {...pick("person_id")} />
        {user && <Switch label={t("user.disable")} description={t("user.disable_help")} {...form.getInputProps("disabled", { type: "checkbox" })} />}
        <Group justify={user ? "space-between" : "flex-end"}>
          {user && (
            <ConfirmButton danger={false} label={t("user.new_password")} title={t("user.new_password")} confirm={t("user.new_password")} onConfirm={renew}>
              {t("user.new_password_text", { name: user.name })}
            </ConfirmButton>
          )}
          <Button type="submit" loading={save.isPending}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
