import { Select, type ComboboxItem, type SelectProps } from "@mantine/core";
import type { ReactNode } from "react";
import type { Unit } from "../api/types";

/** Units in the order of their tree with how deep each hangs. A unit whose parent is not among them stands at the top. */
export function inTree(units: Unit[]): { unit: Unit; depth: number }[] {
  const below = new Map<string, Unit[]>();
  const known = new Set(units.map((u) => u.id));
  for (const u of units) {
    const parent = u.parent_id && known.has(u.parent_id) ? u.parent_id : "";
    below.set(parent, [...(below.get(parent) ?? []), u]);
  }
  const out: { unit: Unit; depth: number }[] = [];
  const seen = new Set<string>();
  const walk = (parent: string, depth: number) => {
    for (const unit of below.get(parent) ?? []) {
      if (seen.has(unit.id)) continue;
      seen.add(unit.id);
      out.push({ unit, depth });
      walk(unit.id, depth + 1);
    }
  };
  walk("", 0);
  return out;
}

/** The unit and all units below it. */
export function withBelow(units: Unit[], id: string): Set<string> {
  const found = new Set([id]);
  for (const { unit } of inTree(units)) if (unit.parent_id && found.has(unit.parent_id)) found.add(unit.id);
  return found;
}

/** Draws the options of units indented as they hang; what is chosen stays without the indent. */
export function indented(units: Unit[]): (of: { option: ComboboxItem }) => ReactNode {
  const depths = new Map(inTree(units).map(({ unit, depth }) => [unit.id, depth]));
  return ({ option }) => <span style={{ paddingLeft: 14 * (depths.get(option.value) ?? 0) }}>{option.label}</span>;
}

/** A choice of one unit. */
export function UnitSelect({ units, ...props }: { units: Unit[] } & Omit<SelectProps, "data" | "renderOption">) {
  return <Select searchable clearable data={inTree(units).map(({ unit }) => ({ value: unit.id, label: unit.name }))} renderOption={indented(units)} {...props} />;
}
