import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../api/client";
import { problemOf } from "../api/problem";
import { sessionQuery, setupQuery } from "../api/queries";
import type { Search } from "../ui/search";
import { ProblemNotice } from "../ui/states";
import { AuthFrame } from "./auth-frame";

/** Only a path of this site may follow a sign-in. */
export function safeNext(next: string | undefined): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : "/";
}

export function SignIn() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { next } = useSearch({ strict: false }) as Search;
  const setup = useQuery(setupQuery);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const enter = useMutation({
    mutationFn: () => ask(api.POST("/session", { body: { email, password } })),
    onSuccess: (session) => {
      queries.setQueryData(sessionQuery.queryKey, session);
      void navigate({ href: safeNext(next) });
    },
  });
  useEffect(() => {
    document.title = `${t("auth.sign_in")} · Kvadrant`;
  }, [t]);
  const submit = (e: FormEvent) => {
    e.preventDefault();
    enter.mutate();
  };
  if (setup.data?.needed) return <Navigate to="/set-up" />;
  const fields = enter.error ? problemOf(enter.error).fields : {};
  return (
    <AuthFrame title={t("auth.sign_in")}>
      <form onSubmit={submit}>
        <Stack>
          {enter.error && <ProblemNotice cause={enter.error} shown={["email", "password"]} />}
          <TextInput label={t("field.email")} type="email" name="email" autoComplete="username" required autoFocus withAsterisk={false} value={email} error={fields.email} onChange={(e) => setEmail(e.currentTarget.value)} />
          <PasswordInput label={t("auth.password")} name="password" autoComplete="current-password" required withAsterisk={false} value={password} error={fields.password} onChange={(e) => setPassword(e.currentTarget.value)}
            visibilityToggleButtonProps={{ "aria-label": t("auth.show_password") }} />
          <Button type="submit" size="md" loading={enter.isPending}>
            {t("auth.sign_in")}
          </Button>
          <Text size="xs" c="dimmed">
            {t("auth.forgotten")}
          </Text>
        </Stack>
      </form>
    </AuthFrame>
  );
}
