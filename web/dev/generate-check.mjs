// Generates the types of the HTTP API into a temporary file and compares:
// exits with 1 when src/api/schema.d.ts is not what docs/openapi.json says.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const web = new URL("..", import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), "kvadrant-schema-"));
try {
  const fresh = join(dir, "schema.d.ts");
  execFileSync(join(web, "node_modules/.bin/openapi-typescript"), [join(web, "../docs/openapi.json"), "-o", fresh], { stdio: ["ignore", "ignore", "inherit"] });
  if (readFileSync(fresh, "utf8") !== readFileSync(join(web, "src/api/schema.d.ts"), "utf8")) {
    console.error("src/api/schema.d.ts is not what docs/openapi.json says: run `npm run generate` and commit it.");
    process.exitCode = 1;
  }
} finally {
  rmSync(dir, { recursive: true });
}
