import { describe, expect, it } from "vitest";
import { draftOfProblem, example, problemOfDraft, unfinished } from "./draft";
import { parseSheet } from "./paste";

describe("a pasted sheet", () => {
  it("reads tabs, semicolons and commas, with a head or without", () => {
    const want = [
      ["Top", 100, [{ spend: 0, return: 774 }, { spend: 15, return: 1055.5 }]],
      ["Small", 2500, [{ spend: 0, return: 96 }, { spend: "", return: "" }]],
    ];
    for (const text of ["Segment\tCustomers\tSpend\tReturn\nTop\t100\t0\t774\t15\t1.055,50\nSmall\t2 500\t0\t96\t\t\n", "Top;100;0;774;15;1055,5\r\nSmall;2.500,0;0;96", '"Top",100,0,774,15,1055.5\nSmall,2500,0,96\n\n']) {
      const read = parseSheet(text);
      expect(read.wrong).toEqual([]);
      expect(read.rows.map((r) => [r.name, r.customers, r.levels])).toEqual(want);
    }
  });
  it("names the lines that it cannot read", () => {
    expect(parseSheet("Top\t100\t0\t774\nLow\tmany\t0\t5\nOdd\t5\t0\n\t5\t0\t1").wrong).toEqual([2, 3, 4]);
    expect(parseSheet("").rows).toEqual([]);
  });
});

describe("a draft", () => {
  it("survives the way to the server and back", () => {
    const d = example(["a", "b", "c", "d", "e"]);
    const p = problemOfDraft(d);
    expect(p.segments[4]?.points).toEqual([{ spend: 0, return: 21 }, { spend: 15, return: 24 }]);
    expect(problemOfDraft(draftOfProblem(p, "", undefined))).toEqual(p);
  });
  it("knows which rows have no response yet", () => {
    const d = example(["a", "b", "c", "d", "e"]);
    const row = d.rows[1];
    if (row) row.levels = [{ spend: 0, return: "" }];
    expect(unfinished(d)).toEqual(["b"]);
  });
});
