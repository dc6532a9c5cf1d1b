// Checks the translations: every key the client asks for stands in en.json,
// every key of en.json is asked for, and no other language has a key that
// English does not have. A key made at run time, t(`cell.${key}`), counts for
// all keys that start like it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const source = new URL("../src/", import.meta.url).pathname;
const flat = (node, path = "") =>
  Object.entries(node).flatMap(([key, value]) => (typeof value === "string" ? [path + key] : flat(value, `${path}${key}.`)));
const words = (name) => flat(JSON.parse(readFileSync(join(source, "locale", name), "utf8")));

// Two sections of one name: the first would be lost without a word.
const doubled = (name) => {
  const open = [];
  const found = [];
  for (const [token, , key] of readFileSync(join(source, "locale", name), "utf8").matchAll(/("((?:[^"\\]|\\.)*)"\s*:)|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (key !== undefined) {
      if (open.at(-1).has(key)) found.push(`${name}: "${key}" stands there twice`);
      open.at(-1).add(key);
    }
  }
  return found;
};
const plural = /_(zero|one|two|few|many|other)$/;

const english = new Set(words("en.json"));
const stems = new Set([...english].map((k) => k.replace(plural, "")));
const sections = new Set([...english].map((k) => k.split(".")[0]));
const used = new Set();
const patterns = [];
const faults = [];

for (const file of readdirSync(source, { recursive: true })) {
  if (!/\.tsx?$/.test(file) || /\.test\.|\.d\.ts$/.test(file)) continue;
  const text = readFileSync(join(source, file), "utf8");
  // Any literal of the form section.key is taken for a key: t("…"), and those kept in tables such as the navigation.
  for (const [, key] of text.matchAll(/"([a-z_]+(?:\.[a-z_-]+)+)"/g)) if (sections.has(key.split(".")[0]) && stems.has(key)) used.add(key);
  for (const [, key] of text.matchAll(/\bt\(\s*"([^"]+)"/g)) if (!stems.has(key) && !english.has(key)) faults.push(`${file}: t("${key}") is not in en.json`);
  for (const [, key] of text.matchAll(/`([a-z_]+\.[a-z_.]*\$\{[^`]*)`/g)) {
    if (!sections.has(key.split(".")[0])) continue;
    const pattern = new RegExp("^" + key.replace(/\$\{[^}]*\}/g, "§").replace(/[.]/g, "\\.").replace(/§/g, "[\\w-]+") + "$");
    patterns.push(pattern);
    if (![...stems].some((k) => pattern.test(k))) faults.push(`${file}: \`${key}\` fits no key of en.json`);
  }
}
for (const key of stems) if (!used.has(key) && !patterns.some((p) => p.test(key))) faults.push(`en.json: ${key} is never used`);
for (const name of readdirSync(join(source, "locale")).filter((n) => n.endsWith(".json"))) {
  faults.push(...doubled(name));
  if (name === "en.json") continue;
  // The English of measures stands in the program; a language may have its own words for them.
  for (const key of words(name)) if (!key.startsWith("measure_text.") && !english.has(key) && !stems.has(key.replace(plural, ""))) faults.push(`${name}: ${key} is not in en.json`);
  for (const key of [...english].filter((k) => /^(nav|row|column|cell)\./.test(k))) if (!words(name).includes(key)) faults.push(`${name}: ${key} is missing`);
}
if (faults.length) {
  console.error(faults.join("\n"));
  process.exit(1);
}
console.log(`${english.size} keys, all used; ${patterns.length} patterns`);
