// Sales lines that know their customers only by account: a mapping file says how each account is found in another file.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { day } from "./company.mjs";
import { accessible, ask, figure, figuresOf, journey, settled, signIn } from "./journey.mjs";

const text = (rows) => rows.map((row) => row.join(",") + "\n").join("");

const customers = text([["code", "name"], ["K1", "Fjord Ferries"], ["K2", "Gulf Dredging"]]);
const potentials = text([["customer", "amount", "currency", "source", "valid_from"], ["K1", 2000, "EUR", "declared", day(400)], ["K2", 1000, "EUR", "surveyed", day(400)]]);

// Two accounts are one customer's; account 400 is nobody's.
const accounts = text([["Account", "Customer"], [100, "K1"], [200, "K1"], [300, "K2"]]);
const sales = text([["Slip", "Row", "Booked", "Account", "Net"], ["S1", 1, day(40), 100, 600], ["S1", 2, day(40), 200, 400], ["S2", 1, day(30), 300, 900], ["S3", 1, day(20), 400, 50]]);
const mapping = `kind: purchases
source: till
columns:
  document: Slip
  line: Row
  date: Booked
  customer: {column: Account, lookup: {file: accounts.csv, key: Account, value: Customer}}
  revenue: Net
  currency: {constant: EUR}
`;

journey("an import with a mapping file and a lookup file", {}, async (here) => {
  const admin = await masterData(here.program);
  await here.program.serve();
  const page = await here.window();
  here.refusal(404, "/api/v1/matrix"); // says that nothing is computed yet
  await signIn(page, admin);
  await page.goto("/data/import");
  await page.getByRole("cell", { name: "Command line" }).first().waitFor(); // who imported without a browser

  await page.goto("/data/import/new");
  await page.locator('input[type="file"]').first().setInputFiles(file("sales.csv", sales));
  await page.getByText("sales.csv", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText(/^The first (\d+ rows|row), as/).waitFor();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.locator('input[type="file"][accept*="yaml"]').setInputFiles(file("sales.yaml", mapping));
  await page.getByText("The lookups need files that are not here: accounts.csv").waitFor();
  assert.ok(await page.getByRole("button", { name: "Try it" }).isDisabled(), "without the file there is nothing to look up in");
  await accessible(page, "a lookup file is missing");
  await page.getByRole("alert").filter({ hasText: "accounts.csv" }).locator('input[type="file"]').setInputFiles(file("accounts.csv", accounts));
  await page.getByText("Customer from accounts.csv").waitFor();
  await here.shot(page, "import-lookup");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByRole("button", { name: "Import", exact: true }).click();

  const report = page.getByRole("region", { name: "What came of it" });
  await report.waitFor();
  const counts = await report.locator("dl > div").evaluateAll((pairs) => pairs.map((p) => [p.querySelector("dt").textContent, Number(p.querySelector("dd").textContent)]));
  assert.deepEqual(Object.fromEntries(counts), { "Rows read": 4, New: 3, Changed: 0, Unchanged: 0, Rejected: 1 });
  const rejected = page.getByRole("region", { name: "Rejected rows" }).locator("tbody tr");
  await rejected.first().waitFor();
  assert.match(await rejected.innerText(), /^\s*5\t"400".*"Account" of "accounts\.csv"/s, "line, value and reason");
  assert.equal(await rejected.getByRole("textbox", { name: "Account, line 5" }).inputValue(), "400", "the cell, to be mended");
  await accessible(page, "report of an import with a lookup");

  await page.goto("/map/matrix");
  await page.getByRole("button", { name: /^Compute for/ }).click();
  await figure(page, "Gold sailers", "Customers", "1").waitFor();
  const found = await figuresOf(page);
  assert.equal(found["Gold sailers"].revenue, "EUR 1,000.00", "both accounts of Fjord Ferries");
  assert.equal(found["Silver loyals"].revenue, "EUR 900.00");
  assert.equal(found["All customers"].revenue, "EUR 1,900.00");
  await figure(page, "Silver loyals", "Customers", "1").click();
  await page.getByRole("link", { name: "Gulf Dredging" }).click();
  await page.getByText("S2 / 1", { exact: true }).waitFor();
  const { as_of } = await ask(page, "/matrix");
  await page.getByRole("heading", { name: `Revenue by month to ${written(as_of)}, EUR` }).waitFor(); // the day of the place, not today
  await rebuilt(here, page);
  assert.deepEqual(await figuresOf(page), found, "the same figures from the same files");
});

/** The page says at once that the warehouse is being rebuilt and why nothing can be pressed, and then that it is done. */
async function rebuilt(here, page) {
  for (const path of ["/warehouse/contents", "/matrix/versions", "/matrix"]) here.refusal(503, `/api/v1${path}`);
  await page.goto("/data/company");
  await settled(page);
  await page.getByRole("button", { name: "Rebuild the warehouse" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Rebuild the warehouse" }).click();
  const warehouse = page.getByRole("region", { name: "Warehouse" });
  await warehouse.filter({ hasText: "It is being rebuilt now" }).getByRole("button", { name: "Rebuild the warehouse", disabled: true }).waitFor();
  await page.getByText("It answers.").waitFor();
  await page.goto("/map/matrix");
  await figure(page, "Gold sailers", "Customers", "1").waitFor();
}

/** The company, its administrator, customers and potentials, all by the command line. */
async function masterData(program) {
  await program.command("company", "Lookup Ltd", "EUR");
  const admin = await program.user("ada@lookup.example", "Ada Admin", "administrator");
  for (const [kind, rows] of Object.entries({ customers, potentials })) {
    const path = join(program.folder, `${kind}.csv`);
    await writeFile(path, rows);
    await program.command("import", "--kind", kind, path);
  }
  return admin;
}

const written = (date) => new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(date));

function file(name, content) {
  return { name, mimeType: "application/octet-stream", buffer: Buffer.from(content) };
}
