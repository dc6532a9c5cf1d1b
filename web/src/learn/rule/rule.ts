import type { Rule, RuleShown } from "../../api/types";

/** A rule as it is sent back, without what the server says of it. */
export function plain({ key, label, definition, expression, unit, direction, classes }: RuleShown | Rule): Rule {
  return { key, label, definition, expression, unit, direction, classes };
}

/** A new rule, empty. */
export function empty(): Rule {
  return { key: "", label: "", definition: "", expression: "", unit: "number", direction: "more", classes: { at: [], names: [] } };
}

/** A key from a name: "Worth of the customer" → "worth_of_the_customer". */
export function keyOf(label: string): string {
  return label.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, "").slice(0, 31);
}
