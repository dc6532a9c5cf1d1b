import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { useDebouncedValue } from "@mantine/hooks";
import { Text } from "@mantine/core";
import { IconArrowRight, IconBolt, IconBuildingStore, IconSearch, IconUsersGroup } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "../api/client";
import { segmentsQuery } from "../api/segment-queries";
import { useCan } from "../ui/session";
import { beside, loop } from "./navigation";

const [store, palette] = createSpotlight();

export function openPalette(): void {
  palette.open();
}

type Entry = { id: string; label: string; hint?: string; icon: typeof IconBolt; to: string };

/** Ctrl/Cmd-K: every page, the actions, and any customer by name or code. */
export function Palette() {
  const { t } = useTranslation();
  const can = useCan();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [asked] = useDebouncedValue(text.trim(), 150);
  const found = useQuery({
    queryKey: ["customers", "palette", asked],
    queryFn: () => ask(api.GET("/customers", { params: { query: { q: asked, limit: 8 } } })),
    enabled: asked.length > 1,
    placeholderData: keepPreviousData,
  });

  // The library marks the first entry as one types, but customers arrive after that and stand above it.
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const entries = list.current?.querySelectorAll("[data-action]") ?? [];
    for (const [i, entry] of [...entries].entries()) {
      if (i === 0) entry.setAttribute("data-selected", "true");
      else entry.removeAttribute("data-selected");
    }
    store.updateState((old) => ({ ...old, selected: entries.length > 0 ? 0 : -1 }));
  }, [found.data]);

  const pages: Entry[] = [...loop, ...beside].flatMap((part) =>
    part.pages
      .filter((p) => !p.can || can(p.can))
      .map((p) => ({ id: p.to, label: t(p.label), hint: t(`nav.${part.key}`), icon: IconArrowRight, to: p.to })),
  );
  const actions: Entry[] = [
    ...(can("import.run") ? [{ id: "import", label: t("import.start"), icon: IconBolt, to: "/data/import/new" }] : []),
    ...(can("customer.write") ? [{ id: "customer", label: t("customer.new"), icon: IconBolt, to: "/map/customers?new=1" }] : []),
    ...(can("segment.write") ? [{ id: "segment", label: t("segment.new"), icon: IconBolt, to: "/map/segments/new" }] : []),
    { id: "password", label: t("account.password_title"), icon: IconBolt, to: "/account" },
  ];
  const wanted = (e: Entry) => `${e.label} ${e.hint ?? ""}`.toLowerCase().includes(text.trim().toLowerCase());
  const customers: Entry[] =
    asked.length > 1
      ? (found.data?.items ?? []).map((c) => ({
          id: c.id,
          label: c.name,
          hint: [c.code, c.city].filter(Boolean).join(" · "),
          icon: IconBuildingStore,
          to: `/map/customers/${c.id}`,
        }))
      : [];
  const segments: Entry[] = (useQuery({ ...segmentsQuery, enabled: asked.length > 1 && can("segment.read") }).data ?? [])
    .filter((s) => asked.length > 1 && s.name.toLowerCase().includes(asked.toLowerCase()))
    .slice(0, 6)
    .map((s) => ({ id: s.id, label: s.name, hint: t("segment.one"), icon: IconUsersGroup, to: `/map/segments/${s.id}` }));
  const groups = [
    { key: "customers", entries: customers },
    { key: "segments", entries: segments },
    { key: "pages", entries: pages.filter(wanted) },
    { key: "actions", entries: actions.filter(wanted) },
  ].filter((g) => g.entries.length > 0);

  return (
    <Spotlight.Root store={store} query={text} onQueryChange={setText} scrollable maxHeight={420} shortcut={null} title={t("shell.palette")} overlayProps={{ backgroundOpacity: 0.45 }}
      styles={{ header: { position: "absolute", minHeight: 0, width: 1, height: 1, padding: 0, overflow: "hidden", clipPath: "inset(50%)" } }}>
      <Spotlight.Search placeholder={t("palette.placeholder")} aria-label={t("shell.palette")} leftSection={<IconSearch size={18} />} />
      <Spotlight.ActionsList ref={list}>
        {groups.map((g) => (
          <Spotlight.ActionsGroup key={g.key} label={t(`palette.${g.key}`)}>
            {g.entries.map((e) => (
              <Spotlight.Action key={e.id} onClick={() => void navigate({ href: e.to })}>
                <e.icon size={16} style={{ marginRight: 10, flex: "none" }} aria-hidden />
                <span style={{ flex: 1 }}>{e.label}</span>
                <Text size="xs" c="dimmed">
                  {e.hint}
                </Text>
              </Spotlight.Action>
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {groups.length === 0 && <Spotlight.Empty>{t("palette.nothing")}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
