import { Anchor, Box, Group, Stack, Text, Title } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import type { Search } from "./search";

type Crumb = { label: string; to: string; search?: Search };

/** The head of every page: the way here, the title (also of the window), what is shown, and the actions. */
export function PageHeader({
  title,
  crumbs = [],
  children,
  actions,
}: {
  title: string;
  crumbs?: Crumb[];
  children?: ReactNode;
  actions?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Kvadrant`;
  }, [title]);
  return (
    <Group justify="space-between" align="flex-end" gap="md" mb="md" wrap="wrap">
      <Stack gap={2} style={{ minWidth: 0 }}>
        {crumbs.length > 0 && (
          <Group gap={4} component="nav" aria-label={crumbs.map((c) => c.label).join(" / ")}>
            {crumbs.map((c) => (
              <Group gap={4} key={c.to}>
                <Anchor component={Link} to={c.to} search={c.search as never} size="xs">
                  {c.label}
                </Anchor>
                <IconChevronRight size={12} aria-hidden />
              </Group>
            ))}
          </Group>
        )}
        <Title order={1}>{title}</Title>
        {children && (
          <Text size="sm" c="dimmed" component="div">
            {children}
          </Text>
        )}
      </Stack>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}

/** A titled panel. */
export function Panel({ title, aside, children, flush }: { title?: string; aside?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <Box component="section" className="panel" aria-label={title}>
      {(title || aside) && (
        <Group justify="space-between" gap="xs" px="md" pt="sm" pb={flush ? "xs" : 0}>
          {title && (
            <Title order={2} fz="md">
              {title}
            </Title>
          )}
          {aside}
        </Group>
      )}
      <Box p={flush ? 0 : "md"} pt={flush ? 0 : "sm"}>
        {children}
      </Box>
    </Box>
  );
}
