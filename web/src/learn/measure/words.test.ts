import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import da from "../../locale/da.json";
import de from "../../locale/de.json";
import nl from "../../locale/nl.json";
import pl from "../../locale/pl.json";
import zhHant from "../../locale/zh-Hant.json";

const words: Record<string, Record<string, { label: string }>> = { da: da.measure_text, de: de.measure_text, nl: nl.measure_text, pl: pl.measure_text, "zh-Hant": zhHant.measure_text };
const languages = Object.keys(words);

/** The measures of the manual, which is written from what the program knows. */
const manual = [...readFileSync("../docs/measures.md", "utf8").matchAll(/^\| key \| `(\w+)` \|$/gm)].map((m) => m[1]);

describe("the words of measures", () => {
  it.each(languages)("in %s are of measures that exist, and none is empty", (language) => {
    const of = words[language] ?? {};
    expect(manual.length).toBeGreaterThan(50);
    expect(Object.keys(of).filter((key) => !manual.includes(key))).toEqual([]);
    expect(Object.entries(of).filter(([, w]) => !w.label).map(([key]) => key)).toEqual([]);
  });
  it("are of the same measures in every language", () => {
    const [first, ...others] = languages.map((l) => Object.keys(words[l] ?? {}).sort());
    expect(first?.length).toBeGreaterThan(50);
    for (const other of others) expect(other).toEqual(first);
  });
});
