import { expect, it } from "vitest";
import type { Unit } from "../api/types";
import { inTree, withBelow } from "./unit-select";

const unit = (id: string, parent_id?: string) => ({ id, parent_id, name: id }) as Unit;
const units = [unit("a"), unit("b", "a"), unit("c"), unit("d", "b"), unit("e", "gone")];

it("puts units below their parent", () => {
  expect(inTree(units).map(({ unit: u, depth }) => `${depth}${u.id}`)).toEqual(["0a", "1b", "2d", "0c", "0e"]);
});
it("finds what hangs below", () => expect([...withBelow(units, "a")]).toEqual(["a", "b", "d"]));
