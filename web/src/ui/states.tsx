import { Alert, Button, Center, Group, List, Loader, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCloudOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "../api/problem";

/** Waiting for the first answer. Said to screen readers, shown after a blink. */
export function Loading({ height = 160 }: { height?: number }) {
  const { t } = useTranslation();
  return (
    <Center h={height} role="status" aria-live="polite" aria-label={t("state.loading")}>
      <Loader size="sm" />
    </Center>
  );
}

/** Nothing to show, why, and what to do about it. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      <Text fw={600}>{title}</Text>
      {children && (
        <Text size="sm" c="dimmed" maw={460}>
          {children}
        </Text>
      )}
      {action && <Group mt="xs">{action}</Group>}
    </Stack>
  );
}

/** Title and text of a problem in the user's language where the client knows better words. */
export function useProblemWords(): (cause: unknown) => { title: string; detail: string } {
  const { t } = useTranslation();
  return (cause) => {
    const p = problemOf(cause);
    if (p.code === "offline") return { title: t("problem.offline_title"), detail: t("problem.offline") };
    if (p.status === 412) return { title: t("problem.conflict_title"), detail: t("problem.conflict") };
    if (p.code === "access.wrong_code") return { title: t("problem.code_title"), detail: p.detail };
    if (p.status === 403) return { title: t("problem.forbidden_title"), detail: p.detail || t("problem.forbidden") };
    if (p.status === 404) return { title: t("problem.missing_title"), detail: p.detail || t("problem.missing") };
    if (p.code.startsWith("warehouse.")) return { title: t("problem.waiting_title"), detail: p.detail };
    if (p.status >= 500 || p.status === 0) {
      return { title: t("problem.server_title"), detail: p.detail || t("problem.server") };
    }
    return { title: t("problem.input_title"), detail: p.detail || p.title };
  };
}

/** A problem where it happened: what, why, at which fields, and the cure. */
export function ProblemNotice({ cause, retry, shown = [] }: { cause: unknown; retry?: () => void; shown?: string[] }) {
  const { t } = useTranslation();
  const words = useProblemWords()(cause);
  const problem = problemOf(cause);
  // Errors of fields that the form shows itself are not repeated here.
  const rest = Object.entries(problem.fields).filter(([name]) => !shown.includes(name));
  const offline = problem.code === "offline";
  // The warehouse being away is no fault of what was done here, and passes.
  const waiting = problem.code.startsWith("warehouse.");
  return (
    <Alert
      role="alert"
      color={waiting ? "yellow" : "red"}
      variant="light"
      icon={offline ? <IconCloudOff size={18} /> : <IconAlertTriangle size={18} />}
      title={words.title}
      styles={waiting ? undefined : { title: { color: "var(--mantine-color-error)" } }}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{words.detail}</Text>
        {rest.length > 0 && (
          <List size="sm">
            {rest.map(([name, message]) => (
              <List.Item key={name}>
                <b>{name}</b>: {message}
              </List.Item>
            ))}
          </List>
        )}
        {retry && (
          <Button size="compact-sm" variant="default" onClick={retry}>
            {t("action.retry")}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

type Asked<T> = { data: T | undefined; error: unknown; isPending: boolean; refetch: () => unknown };

/** The three states of one question: waiting, failed, answered. */
export function Answered<T>({ of, children, height }: { of: Asked<T>; children: (data: T) => ReactNode; height?: number }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) return <ProblemNotice cause={of.error} retry={() => void of.refetch()} />;
  return <Loading height={height} />;
}
