import { Anchor, Box, Group, Stack, Text, Title } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { DownloadArea, DownloadMenu, useArea } from "./download";
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
            {crumbs.map((c, i) => (
              <Group gap={4} key={c.to}>
                {i > 0 && <IconChevronRight size={12} aria-hidden />}
                <Anchor component={Link} to={c.to} search={c.search as never} size="xs">
                  {c.label}
                </Anchor>
              </Group>
            ))}
          </Group>
        )}
        <Title order={1}>{title}</Title>
        {children && (
          <Text size="sm" c="dimmed" component="div" data-shown>
            {children}
          </Text>
        )}
      </Stack>
      {actions && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}

type PanelProps = { title?: string; aside?: ReactNode; children: ReactNode; flush?: boolean };

/** A titled panel. Its tables and charts can be saved by a menu in its head. */
export function Panel(props: PanelProps) {
  if (!props.title) return <Framed {...props} />;
  return (
    <DownloadArea name={props.title}>
      <Framed {...props} />
    </DownloadArea>
  );
}

function Framed({ title, aside, children, flush }: PanelProps) {
  const area = useArea();
  return (
    <Box component="section" className="panel" aria-label={title} data-downloads={title ? "" : undefined}>
      {(title || aside) && (
        <Group justify="space-between" gap="xs" px="md" pt="sm" pb={flush ? "xs" : 0} className="panel-head">
          {title && (
            <Title order={2} fz="md">
              {title}
            </Title>
          )}
          <Group gap={4} ref={title ? area?.setTools : undefined} ml="auto" className="panel-tools">
            {aside}
            {title && <DownloadMenu />}
          </Group>
        </Group>
      )}
      <Box p={flush ? 0 : "md"} pt={flush ? 0 : "sm"}>
        {children}
      </Box>
    </Box>
  );
}
