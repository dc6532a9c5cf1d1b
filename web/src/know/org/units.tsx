import { ActionIcon, Button, Modal, Text, UnstyledButton } from "@mantine/core";
import { IconPencil, IconPlus } from "@tabler/icons-react";
import { useState, type CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { Unit } from "../../api/types";
import { Panel } from "../../ui/page";
import { useCan } from "../../ui/session";
import { Empty } from "../../ui/states";
import { inTree } from "../../ui/unit-select";
import classes from "./org.module.css";
import { UnitForm } from "./unit-form";

/** What is being edited: a unit, or a new one below `parent`. */
type Editing = { unit: Unit } | { parent?: Unit };

/** The tree. Choosing a unit shows its people. */
export function UnitsPanel({ units, chosen, onChoose }: { units: Unit[]; chosen?: string; onChoose: (unit: string | undefined) => void }) {
  const { t } = useTranslation();
  const may = useCan()("org.write");
  const [editing, setEditing] = useState<Editing | null>(null);
  const title = (e: Editing) => ("unit" in e ? t("org.edit_unit", { name: e.unit.name }) : e.parent ? t("org.add_below", { name: e.parent.name }) : t("org.add_unit"));
  const add = may && (
    <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setEditing({})}>
      {t("org.add_unit")}
    </Button>
  );
  return (
    <Panel flush title={t("org.units")} aside={add}>
      {units.length === 0 ? (
        <Empty title={t("org.no_units")}>{t("org.no_units_help")}</Empty>
      ) : (
        <ul className={classes.tree}>
          {inTree(units).map(({ unit, depth }) => (
            <li key={unit.id} className={classes.unit} data-on={unit.id === chosen} data-depth={depth} style={{ "--depth": depth } as CSSProperties}>
              <UnstyledButton className={classes.name} aria-pressed={unit.id === chosen} onClick={() => onChoose(unit.id === chosen ? undefined : unit.id)}>
                {unit.name}
                <Text span size="xs" c="dimmed" fw={400}>{` ${unit.code}`}</Text>
              </UnstyledButton>
              <span className={classes.kind}>{t(`unit_kind.${unit.kind}`)}</span>
              {may && (
                <>
                  <ActionIcon variant="subtle" color="gray" aria-label={t("org.edit_unit", { name: unit.name })} onClick={() => setEditing({ unit })}>
                    <IconPencil size={15} />
                  </ActionIcon>
                  <ActionIcon variant="subtle" color="gray" aria-label={t("org.add_below", { name: unit.name })} onClick={() => setEditing({ parent: unit })}>
                    <IconPlus size={15} />
                  </ActionIcon>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      <Modal opened={editing !== null} onClose={() => setEditing(null)} title={editing ? title(editing) : ""} closeButtonProps={{ "aria-label": t("action.close") }}>
        {editing && <UnitForm units={units} unit={"unit" in editing ? editing.unit : undefined} parent={"unit" in editing ? undefined : editing.parent} onDone={() => setEditing(null)} />}
      </Modal>
    </Panel>
  );
}
