import { ActionIcon, Avatar, Menu, Text, Tooltip, UnstyledButton, VisuallyHidden, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconLanguage, IconLogout, IconMoon, IconSun, IconUser } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, ask } from "../api/client";
import { chooseLanguage, languages } from "../locale";
import { useSession } from "../ui/session";

export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("shell.language")} title={t("shell.language")}>
          <IconLanguage size={19} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {languages.map((l) => (
          <Menu.Item key={l.code} lang={l.code} fw={l.code === i18n.language ? 650 : undefined} aria-current={l.code === i18n.language} onClick={() => chooseLanguage(l.code)}>
            {l.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Text size="xs" c="dimmed" px="sm" py={4} maw={220}>
          {t("shell.language_note")}
        </Text>
      </Menu.Dropdown>
    </Menu>
  );
}

const schemes = [
  { key: "light", icon: IconSun },
  { key: "dark", icon: IconMoon },
  { key: "auto", icon: IconDeviceDesktop },
] as const;

/** Light → dark → as the device says → light. */
export function SchemeMenu() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const at = schemes.findIndex((s) => s.key === colorScheme);
  const now = schemes[at] ?? schemes[2];
  const next = schemes[(at + 1) % schemes.length] ?? schemes[0];
  const Icon = now.icon;
  const label = t("shell.scheme", { now: t(`shell.scheme_${now.key}`), next: t(`shell.scheme_${next.key}`) });
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={() => setColorScheme(next.key)}>
        <Icon size={19} />
      </ActionIcon>
    </Tooltip>
  );
}

export function UserMenu() {
  const { t } = useTranslation();
  const session = useSession();
  const out = useMutation({
    mutationFn: () => ask(api.DELETE("/session")),
    // A full load: nothing of the user who left stays in memory.
    onSettled: () => window.location.assign("/sign-in"),
  });
  if (!session) return null;
  const { user } = session;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton style={{ borderRadius: "50%" }}>
          <Avatar size={30} name={user.name} color="tide" variant="filled" aria-hidden />
          <VisuallyHidden>{t("shell.user_menu", { name: user.name })}</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Text px="sm" pt={4} size="sm" fw={600}>
          {user.name}
        </Text>
        <Text px="sm" pb={6} size="xs" c="dimmed">
          {user.email} · {t(`role.${user.role}`)} · {t(`scope.${user.scope}`)}
        </Text>
        <Menu.Divider />
        <Menu.Item component={Link} to="/account" leftSection={<IconUser size={16} />}>
          {t("account.title")}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => out.mutate()}>
          {t("shell.sign_out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
