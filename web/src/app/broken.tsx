import { Anchor, Container, Stack, Title } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty, ProblemNotice } from "../ui/states";

/** What stands in place of a page that failed to show. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  return (
    <Container size="sm" py="xl">
      <Stack>
        <Title order={1}>{t("broken.title")}</Title>
        <ProblemNotice cause={error} retry={reset} />
        <Anchor href="/">{t("broken.home")}</Anchor>
      </Stack>
    </Container>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty title={t("broken.not_found")} action={<Anchor href="/">{t("broken.home")}</Anchor>}>
      {t("broken.not_found_why")}
    </Empty>
  );
}
