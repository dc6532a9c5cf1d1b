import { Button, PasswordInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../api/client";
import { problemOf } from "../api/problem";
import { sessionQuery, setupQuery } from "../api/queries";
import { currencies } from "../ui/currencies";
import { ProblemNotice } from "../ui/states";
import { AuthFrame } from "./auth-frame";

/** The first visit: who is the administrator, what is the company. */
export function SetUp() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const setup = useQuery(setupQuery);
  const form = useForm({ initialValues: { code: "", company: "", base_currency: "EUR", name: "", email: "", password: "" } });
  const make = useMutation({
    mutationFn: (body: typeof form.values) => ask(api.POST("/setup", { body })),
    onSuccess: (session) => {
      queries.setQueryData(sessionQuery.queryKey, session);
      queries.setQueryData(setupQuery.queryKey, { needed: false });
      void navigate({ to: "/data/company" });
    },
    onError: (cause) => form.setErrors(problemOf(cause).fields),
  });
  useEffect(() => {
    document.title = `${t("auth.set_up")} · Kvadrant`;
  }, [t]);
  if (setup.data && !setup.data.needed && !make.data) return <Navigate to="/sign-in" />;
  return (
    <AuthFrame title={t("auth.set_up")}>
      <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            {t("auth.set_up_intro")}
          </Text>
          {make.error && <ProblemNotice cause={make.error} shown={Object.keys(form.values)} />}
          <TextInput label={t("auth.code")} description={t("auth.code_help")} required autoFocus autoComplete="off" {...form.getInputProps("code")} />
          <TextInput label={t("field.company")} required autoComplete="organization" {...form.getInputProps("company")} />
          <Select label={t("field.base_currency")} description={t("auth.currency_help")} data={currencies} searchable allowDeselect={false} required {...form.getInputProps("base_currency")} />
          <TextInput label={t("field.your_name")} required autoComplete="name" {...form.getInputProps("name")} />
          <TextInput label={t("field.email")} type="email" required autoComplete="username" {...form.getInputProps("email")} />
          <PasswordInput label={t("auth.password")} description={t("auth.password_help")} required autoComplete="new-password" visibilityToggleButtonProps={{ "aria-label": t("auth.show_password") }} {...form.getInputProps("password")} />
          <Button type="submit" size="md" mt="xs" loading={make.isPending}>
            {t("auth.finish")}
          </Button>
        </Stack>
      </form>
    </AuthFrame>
  );
}
