import { ActionIcon, Anchor, Badge, Button, Modal } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { peopleListQuery } from "../../api/queries";
import type { Person, Unit } from "../../api/types";
import { SearchBox } from "../../ui/filter";
import { Panel } from "../../ui/page";
import type { Search } from "../../ui/search";
import { useCan } from "../../ui/session";
import { Empty } from "../../ui/states";
import { DataTable } from "../../ui/table";
import { PersonForm } from "./person-form";

/** The people, or those of one unit and the units below it. */
export function PeoplePanel({ units, unit, q, onChange }: { units: Unit[]; unit?: string; q?: string; onChange: (change: Search) => void }) {
  const { t } = useTranslation();
  const may = useCan()("org.write");
  const [editing, setEditing] = useState<Person | "new" | null>(null);
  const people = useInfiniteQuery(peopleListQuery({ q, unit }));
  const columns = useMemo<ColumnDef<Person>[]>(
    () => [
      {
        id: "name",
        header: t("field.name"),
        meta: { main: true },
        cell: ({ row }) =>
          may ? (
            <Anchor component="button" type="button" size="sm" fw={550} ta="left" onClick={() => setEditing(row.original)}>
              {row.original.name}
            </Anchor>
          ) : (
            row.original.name
          ),
      },
      { id: "title", header: t("org.job_title"), cell: ({ row }) => row.original.title || "–" },
      { id: "unit", header: t("field.unit"), cell: ({ row }) => units.find((u) => u.id === row.original.unit_id)?.name ?? "–" },
      { id: "email", header: t("field.email"), meta: { wide: true }, cell: ({ row }) => (row.original.email ? <Anchor href={`mailto:${encodeURIComponent(row.original.email)}`} size="sm">{row.original.email}</Anchor> : "–") },
      { id: "code", header: t("field.code"), cell: ({ row }) => row.original.code },
    ],
    [t, may, units],
  );
  const shown = units.find((u) => u.id === unit);
  const add = may && (
    <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setEditing("new")}>
      {t("org.add_person")}
    </Button>
  );
  return (
    <Panel flush title={t("org.people")} aside={add}>
      <DataTable
        label={t("org.people")}
        columns={columns}
        of={people}
        rowId={(p) => p.id}
        empty={<Empty title={t("org.no_people")}>{t(unit || q ? "list.none" : "org.no_people_help")}</Empty>}
        toolbar={
          <>
            <SearchBox value={q ?? ""} onChange={(text) => onChange({ q: text })} label={t("org.search")} />
            {shown && (
              <Badge variant="light" size="lg" radius="sm" tt="none" fw={500} c="var(--k-accent)"
                rightSection={
                  <ActionIcon size="xs" variant="transparent" c="var(--k-accent)" aria-label={t("filter.remove", { name: t("field.unit") })} onClick={() => onChange({ unit: undefined })}>
                    <IconX size={12} />
                  </ActionIcon>
                }>
                {t("org.of_unit", { name: shown.name })}
              </Badge>
            )}
          </>
        }
      />
      <Modal opened={editing !== null} onClose={() => setEditing(null)} title={editing === "new" || !editing ? t("org.add_person") : t("org.edit_person", { name: editing.name })} closeButtonProps={{ "aria-label": t("action.close") }}>
        {editing && <PersonForm units={units} person={editing === "new" ? undefined : editing} unit={unit} onDone={() => setEditing(null)} />}
      </Modal>
    </Panel>
  );
}
