import { Alert, Button, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";

/**
 * Their values, with what was changed here laid over them: `mine` where it
 * differs from `before`, else `theirs`.
 */
export function merged<T extends object>(before: T, theirs: T, mine: T): T {
  const out = { ...theirs };
  for (const key of Object.keys(out) as (keyof T)[]) if (mine[key] !== before[key]) out[key] = mine[key];
  return out;
}

/** Somebody saved the same record in between: offers to take their version in, keeping what was typed. */
export function ConflictNotice({ onTake, busy }: { onTake: () => void; busy: boolean }) {
  const { t } = useTranslation();
  return (
    <Alert color="yellow" role="alert" title={t("problem.conflict_title")}>
      <Stack align="flex-start" gap="xs">
        {t("conflict.words")}
        <Button size="compact-sm" variant="default" loading={busy} onClick={onTake}>
          {t("conflict.take")}
        </Button>
      </Stack>
    </Alert>
  );
}
