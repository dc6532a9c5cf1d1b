import { Button, Grid, Group, Modal, PasswordInput, Stack, Switch, Table, Text, TextInput } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../../api/client";
import { problemOf } from "../../api/problem";
import { tokensQuery } from "../../api/queries";
import type { NewToken } from "../../api/types";
import { useCalendarLabels } from "../../ui/calendar";
import { ConfirmButton } from "../../ui/confirm";
import { useFormat } from "../../ui/format";
import { useNotify } from "../../ui/notify";
import { PageHeader, Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Answered, ProblemNotice } from "../../ui/states";
import { Secret } from "../settings/users";

/** What a user does about the own account: password and API tokens. */
export function AccountPage() {
  const { t } = useTranslation();
  const can = useCan();
  return (
    <>
      <PageHeader title={t("account.title")} />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Password />
        </Grid.Col>
        {can("token.own") && (
          <Grid.Col span={{ base: 12, md: 7 }}>
            <Tokens />
          </Grid.Col>
        )}
      </Grid>
    </>
  );
}

function Password() {
  const { t } = useTranslation();
  const notify = useNotify();
  const form = useForm({ initialValues: { current: "", new: "" } });
  const save = useMutation({
    mutationFn: (body: typeof form.values) => ask(api.POST("/session/password", { body })),
    onSuccess: () => {
      form.reset();
      notify(t("account.password_changed"));
    },
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  const eye = { visibilityToggleButtonProps: { "aria-label": t("auth.show_password") } };
  return (
    <Panel title={t("account.password_title")}>
      <form onSubmit={form.onSubmit((v) => save.mutate(v))}>
        <Stack>
          {save.error && <ProblemNotice cause={save.error} shown={["current", "new"]} />}
          <PasswordInput label={t("account.password_current")} autoComplete="current-password" required {...eye} {...form.getInputProps("current")} />
          <PasswordInput label={t("account.password_new")} description={t("auth.password_help")} autoComplete="new-password" required {...eye} {...form.getInputProps("new")} />
          <Group>
            <Button type="submit" loading={save.isPending}>
              {t("account.password_change")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function Tokens() {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const tokens = useQuery(tokensQuery);
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<NewToken | null>(null);
  const labels = useCalendarLabels();
  const form = useForm({ initialValues: { name: "", read_only: true, expires_on: null as string | null } });
  const add = useMutation({
    mutationFn: (v: typeof form.values) => ask(api.POST("/tokens", { body: { name: v.name, read_only: v.read_only, expires_on: v.expires_on ?? undefined } })),
    onSuccess: async (token) => {
      setAdding(false);
      form.reset();
      setMade(token);
      await queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  const remove = async (id: string) => {
    await ask(api.DELETE("/tokens/{id}", { params: { path: { id } } }));
    await queries.invalidateQueries({ queryKey: tokensQuery.queryKey });
  };
  return (
    <Panel
      title={t("token.title")}
      aside={
        <Button size="compact-sm" variant="subtle" onClick={() => setAdding(true)}>
          {t("token.add")}
        </Button>
      }
    >
      <Text size="sm" c="dimmed" mb="sm">
        {t("token.about")}
      </Text>
      <Answered of={tokens} height={60}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{t("token.none")}</Text>
          ) : (
            <Table fz="sm">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("field.name")}</Table.Th>
                  <Table.Th>{t("token.rights")}</Table.Th>
                  <Table.Th>{t("token.expires")}</Table.Th>
                  <Table.Th aria-label={t("action.delete")} />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {items.map((x) => (
                  <Table.Tr key={x.id}>
                    <Table.Td>{x.name}</Table.Td>
                    <Table.Td>{t(x.read_only ? "token.read_only" : "token.full")}</Table.Td>
                    <Table.Td>{x.expires_on ? format.date(x.expires_on) : t("token.never")}</Table.Td>
                    <Table.Td ta="right">
                      <ConfirmButton compact label={t("action.delete")} ariaLabel={t("token.delete_named", { name: x.name })} title={t("token.delete_title")} confirm={t("action.delete")} onConfirm={() => remove(x.id)}>
                        {t("token.delete_text", { name: x.name })}
                      </ConfirmButton>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Answered>
      <Modal opened={adding} onClose={() => setAdding(false)} title={t("token.add")} closeButtonProps={{ "aria-label": t("action.close") }}>
        <form onSubmit={form.onSubmit((v) => add.mutate(v))}>
          <Stack>
            {add.error && <ProblemNotice cause={add.error} shown={["name", "expires_on"]} />}
            <TextInput label={t("field.name")} description={t("token.name_help")} required data-autofocus {...form.getInputProps("name")} />
            <Switch label={t("token.read_only")} {...form.getInputProps("read_only", { type: "checkbox" })} />
            <DateInput ariaLabels={labels} label={t("token.expires")} description={t("token.expires_help")} clearable valueFormat="D MMM YYYY" {...form.getInputProps("expires_on")} />
            <Group justify="flex-end">
              <Button type="submit" loading={add.isPending}>
                {t("token.make")}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
      <Modal opened={made !== null} onClose={() => setMade(null)} title={t("token.made", { name: made?.name })} closeOnClickOutside={false} closeButtonProps={{ "aria-label": t("action.close") }}>
        {made && <Secret text={made.secret} words={t("token.secret_once")} />}
      </Modal>
    </Panel>
  );
}
