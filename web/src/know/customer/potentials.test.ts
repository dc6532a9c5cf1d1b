import { expect, it } from "vitest";
import type { Potential } from "../../api/types";
import { inForce } from "./potentials";

const of = (id: string, valid_from: string, source: Potential["source"] = "declared") => ({ id, valid_from, source }) as Potential;
const trust = [{ source: "declared", years: 3 }, { source: "surveyed", years: 3 }, { source: "imported", years: 2 }, { source: "estimated", years: 1 }] as const;
const all = [of("1", "2026-01-01"), of("2", "2025-01-01"), of("3", "2026-01-01", "estimated"), of("4", "2027-01-01"), of("5", "2025-01-01")];

it.each([
  ["2024-12-31", undefined],
  ["2025-06-30", "5"],
  ["2026-11-22", "1"],
  ["2027-01-01", "4"],
])("on %s it is %s", (day, id) => expect(inForce(all, day, [...trust])?.id).toBe(id));

const aged = [of("1", "2023-01-01"), of("2", "2024-06-01", "imported"), of("3", "2025-12-01", "estimated")];

it.each([
  ["2025-12-31", "1"],
  ["2026-01-01", "2"],
  ["2026-06-01", "3"],
  ["2027-01-01", "3"],
])("with statements that grow old, on %s it is %s", (day, id) => expect(inForce(aged, day, [...trust])?.id).toBe(id));
