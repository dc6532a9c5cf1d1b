import { ActionIcon, Badge, Button, Group, Popover, Select, Stack, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconFilter, IconSearch, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { facetsQuery, peopleQuery, unitsQuery } from "../api/queries";
import { segmentsQuery } from "../api/segment-queries";
import { useFormat } from "./format";
import type { Search } from "./search";
import { useCan } from "./session";
import { indented, inTree } from "./unit-select";

/** The four filters of every analytical page: unit, owner, industry, country. */
export function useFilters() {
  const { t } = useTranslation();
  const format = useFormat();
  const units = useQuery(unitsQuery).data ?? [];
  const people = useQuery(peopleQuery).data ?? [];
  const facets = useQuery(facetsQuery).data;
  return [
    { key: "unit", label: t("field.unit"), options: inTree(units).map(({ unit }) => ({ value: unit.id, label: unit.name })), renderOption: indented(units) },
    { key: "owner", label: t("field.owner"), options: people.map((p) => ({ value: p.id, label: p.name })) },
    { key: "industry", label: t("field.industry"), options: (facets?.industries ?? []).map((i) => ({ value: i, label: i })) },
    { key: "country", label: t("field.country"), options: (facets?.countries ?? []).map((c) => ({ value: c, label: format.country(c) })) },
  ];
}

export const filterKeys = ["unit", "owner", "industry", "country"] as const;

/** The filters that stand in the address, and nothing else of it. */
export function filtersOf(search: Search): { unit?: string; owner?: string; industry?: string; country?: string } {
  return Object.fromEntries(filterKeys.map((k) => [k, search[k] || undefined]));
}

/** The segment and the rule in the address, for pages whose question can be narrowed by them. */
export function segmentOf(search: Search): { segment?: string; rule?: string } {
  return { segment: search.segment || undefined, rule: search.rule || undefined };
}

function useSegmentFilter(wanted: boolean) {
  const { t } = useTranslation();
  const can = useCan();
  const segments = useQuery({ ...segmentsQuery, enabled: wanted && can("segment.read") }).data ?? [];
  return { key: "segment", label: t("segment.one"), options: segments.map((s) => ({ value: s.id, label: s.name })), renderOption: undefined };
}

/** A button with the filters, and what is set as chips that can be taken away. `segments` offers those too. */
export function FilterBar({ search, change, extra = [], segments = false }: { search: Search; change: (s: Search) => void; extra?: { key: string; label: string; text: string }[]; segments?: boolean }) {
  const { t } = useTranslation();
  const usual = useFilters();
  const segment = useSegmentFilter(segments);
  const filters = segments ? [...usual, segment] : usual;
  const set = filters.filter((f) => search[f.key]);
  const chips = [
    ...extra,
    ...(segments && search.rule ? [{ key: "rule", label: t("segment.rule"), text: t("segment.own_rule") }] : []),
    ...set.map((f) => ({ key: f.key, label: f.label, text: search[f.key] === "-" ? t("filter.without") : (f.options.find((o) => o.value === search[f.key])?.label ?? search[f.key] ?? "") })),
  ];
  return (
    <Group gap="xs">
      <Popover position="bottom-start" trapFocus shadow="md" width={300}>
        <Popover.Target>
          <Button variant="default" leftSection={<IconFilter size={15} />}>
            {t("filter.title")}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack gap="xs">
            {filters.map((f) => (
              <Select key={f.key} label={f.label} data={f.options} renderOption={f.renderOption} value={search[f.key] ?? null} onChange={(v) => change({ [f.key]: v ?? undefined })}
                placeholder={t("filter.any")} openOnFocus={false} searchable clearable limit={200} nothingFoundMessage={t("filter.nothing")}
                comboboxProps={{ withinPortal: false }} clearButtonProps={{ "aria-label": t("filter.remove", { name: f.label }) }} />
            ))}
          </Stack>
        </Popover.Dropdown>
      </Popover>
      {chips.map((c) => (
        <Badge key={c.key} data-filter variant="light" size="lg" radius="sm" tt="none" fw={500} color="tide" c="var(--k-accent)"
          rightSection={
            <ActionIcon size="xs" variant="transparent" c="var(--k-accent)" aria-label={t("filter.remove", { name: c.label })} onClick={() => change({ [c.key]: undefined })}>
              <IconX size={12} />
            </ActionIcon>
          }>
          {c.label}: {c.text}
        </Badge>
      ))}
      {chips.length > 1 && (
        <Button size="compact-sm" variant="subtle" onClick={() => change(Object.fromEntries(chips.map((c) => [c.key, undefined])))}>
          {t("filter.clear")}
        </Button>
      )}
    </Group>
  );
}

/** A search box that writes itself into the address a moment after typing stops. */
export function SearchBox({ value, onChange, label }: { value: string; onChange: (q: string | undefined) => void; label: string }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const later = useDebouncedCallback((q: string) => onChange(q || undefined), 250);
  return (
    <TextInput type="search" aria-label={label} placeholder={label} value={text} w={{ base: "100%", sm: 260 }} leftSection={<IconSearch size={15} aria-hidden />}
      onChange={(e) => {
        setText(e.currentTarget.value);
        later(e.currentTarget.value);
      }} />
  );
}
