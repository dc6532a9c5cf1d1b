import type { Measure } from "../../api/types";
import { major, minor } from "../../ui/format";
import type { Format } from "../../ui/format";

/** The signs of a condition on a measure. */
export const signs = [">=", "<=", "=", "!=", ">", "<"] as const;
export type Sign = (typeof signs)[number];
export type Condition = { key: string; sign: Sign; value: string };

/** Conditions stand in the address in one word, apart by bars: measure=rfm_r=5|rfm_f=4. */
export function conditionsOf(text: string | undefined): string[] {
  return (text ?? "").split("|").filter(Boolean);
}

export function joined(conditions: string[]): string | undefined {
  return conditions.join("|") || undefined;
}

/** Reads "share>=0.5"; nothing for what is no condition. */
export function parsed(text: string): Condition | undefined {
  const m = /^([a-z][a-z0-9_]*)(>=|<=|!=|>|<|=)(.*)$/.exec(text);
  return m ? { key: m[1] ?? "", sign: m[2] as Sign, value: m[3] ?? "" } : undefined;
}

/** A typed value as the interface takes it: money in minor units, shares from 0 to 1. */
export function asked(m: Measure, typed: string, format: Format): string {
  if (typed === "") return "";
  switch (m.unit) {
    case "money":
      return String(minor(Number(typed), format.currency));
    case "share":
    case "chance":
      return String(Number(typed) / 100);
    default:
      return typed;
  }
}

/** The other way: for people to read and change. */
export function typed(m: Measure, value: string, format: Format): string {
  if (value === "") return "";
  switch (m.unit) {
    case "money":
      return String(major(Number(value), format.currency));
    case "share":
    case "chance":
      return String(Math.round(Number(value) * 10_000) / 100);
    default:
      return value;
  }
}
