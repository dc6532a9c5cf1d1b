import { ActionIcon, AppShell, Box, Burger, Button, Group, Kbd, Text, Tooltip } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useCan, useSession } from "../ui/session";
import { JobTray } from "./job-tray";
import { LanguageMenu, SchemeMenu, UserMenu } from "./menus";
import { beside, loop, type NavPart } from "./navigation";
import { openPalette, Palette } from "./palette";
import { WarehouseNotice } from "./warehouse-notice";
import classes from "./shell.module.css";

/** The frame of every page: the loop at the side, tools on top, the page in the middle. */
export function Shell() {
  const { t } = useTranslation();
  const [open, { toggle, close }] = useDisclosure();
  const session = useSession();
  const path = useRouterState({ select: (s) => s.location.pathname });
  useHotkeys([["mod+K", openPalette]], []);
  useEffect(close, [path, close]);
  return (
    <AppShell header={{ height: 52 }} navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !open } }} padding={{ base: "sm", sm: "lg" }}>
      <a className="skip" href="#main">
        {t("shell.skip")}
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t(open ? "shell.close_menu" : "shell.open_menu")} />
            <Link to="/map/matrix" className={classes.brand}>
              <img src="/kvadrant.svg" alt="" width={24} height={24} />
              <span>{t("shell.product")}</span>
            </Link>
            {session && (
              <Text size="sm" c="dimmed" visibleFrom="md" truncate>
                {session.company.name}
              </Text>
            )}
          </Group>
          <Group gap={6} wrap="nowrap">
            <Button variant="default" visibleFrom="sm" leftSection={<IconSearch size={15} />} rightSection={<Kbd size="xs">{t("shell.palette_key")}</Kbd>} onClick={openPalette} className={classes.search}>
              {t("shell.palette")}
            </Button>
            <Tooltip label={t("shell.palette")}>
              <ActionIcon hiddenFrom="sm" variant="subtle" color="gray" size="lg" aria-label={t("shell.palette")} onClick={openPalette}>
                <IconSearch size={19} />
              </ActionIcon>
            </Tooltip>
            <JobTray />
            <LanguageMenu />
            <SchemeMenu />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label={t("shell.navigation")}>
        <Box className={classes.scroll}>
          <ol className={classes.loop} aria-label={t("shell.loop")}>
            {loop.map((part) => (
              <Part key={part.key} part={part} path={path} />
            ))}
          </ol>
          <ul className={classes.beside}>
            {beside.map((part) => (
              <Part key={part.key} part={part} path={path} />
            ))}
          </ul>
        </Box>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        <WarehouseNotice />
        <Outlet />
      </AppShell.Main>
      <Palette />
    </AppShell>
  );
}

function Part({ part, path }: { part: NavPart; path: string }) {
  const { t } = useTranslation();
  const can = useCan();
  const pages = part.pages.filter((p) => !p.can || can(p.can));
  const Icon = part.icon;
  if (part.pages.length > 0 && pages.length === 0) return null;
  const ready = pages.length > 0;
  return (
    <li className={classes.part} data-ready={ready}>
      <div className={classes.partHead}>
        <span className={classes.dot}>
          <Icon size={15} aria-hidden />
        </span>
        <span>{t(`nav.${part.key}`)}</span>
        {!ready && <span className={classes.later}>{t("nav.not_yet")}</span>}
      </div>
      {ready && (
        <ul className={classes.pages}>
          {pages.map((p) => (
            <li key={p.to}>
              <Link to={p.to} className={classes.page} data-on={path === p.to || path.startsWith(p.to + "/")} aria-current={path === p.to ? "page" : undefined}>
                {t(p.label)}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
