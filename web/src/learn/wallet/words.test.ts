import type { TFunction } from "i18next";
import { expect, it } from "vitest";
import { makeFormat } from "../../ui/format";
import { conditions, shared } from "./words";

const t = ((key: string, values?: Record<string, unknown>) => [key, ...Object.values(values ?? {})].join(" ")) as unknown as TFunction;
const format = makeFormat("en-GB", "EUR");
const traits = { industry: "Shipyard", size: "10–49", country: "DK", category: "Paint" };

it.each([
  ["fresh", ["potential_source=declared", "potential_since>=2023-11-01"]],
  ["out_of_date", ["potential_source=declared", "potential_since<2023-11-01"]],
  ["look_alikes", ["potential_source=declared", "potential_since="]],
] as const)("the customers of a %s potential", (state, want) => expect(conditions({ source: "declared", state, fresh_from: "2023-11-01" })).toEqual(want));

it.each([
  ["industry_size_country_category", traits, "Shipyard · wallet.employees 10–49 · Denmark · wallet.mostly Paint"],
  ["industry_size", { ...traits, size: "" }, "Shipyard · wallet.no_size"],
  ["size", traits, "wallet.employees 10–49"],
  ["all", traits, "wallet.level.all"],
])("what those alike in %s share", (level, of, want) => expect(shared(t, format, level, of)).toBe(want));
