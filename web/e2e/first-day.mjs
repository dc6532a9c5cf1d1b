// The main job: from an empty installation and the company's files to the matrix, a customer in it, and a correction that
// moves the customer.
import assert from "node:assert/strict";
import { corrected, files, imported } from "./company.mjs";
import { accessible, figure, figuresOf, journey, settled } from "./journey.mjs";

journey("set-up, import, matrix, cell, customer, potential changed, customer moved", {}, async (here) => {
  await here.program.serve();
  const page = await here.window();
  await setUp(here, page);

  const { units, people, customers, potentials, purchases } = files();
  await importFile(page, units, "Units", { read: 3, created: 3 });
  await importFile(page, people, "People", { read: 2, created: 2 });
  await importFile(page, customers, "Customers", { read: 7, created: 6, rejected: 1 });
  await rejected(page, [[8, "Customer no"]]);
  await importFile(page, potentials, "Potentials", { read: 5, created: 5 });
  await importFile(page, purchases, "Purchases", { read: 26, created: 24, rejected: 2 });
  await rejected(page, [[7, "Customer no", "C99"], [26, "Invoice date", "31.02.2026"]]);
  await here.shot(page, "import-report");
  await accessible(page, "import report");
  await importFile(page, purchases, "Purchases", { read: 26, unchanged: 24, rejected: 2 });
  await importFile(page, potentials, "Potentials", { read: 5, unchanged: 5 });
  await page.getByText("Everything in this file was there already.").waitFor();

  here.refusal(404, "/api/v1/matrix"); // says that nothing is computed yet
  await menu(page, "Customer matrix");
  await page.getByText("Nothing has been computed yet").waitFor();
  await page.getByRole("button", { name: /^Compute for/ }).click();
  await figure(page, "Gold bubbles", "Customers", "1").waitFor();
  assert.deepEqual(filled(await figuresOf(page)), imported);

  await figure(page, "Gold bubbles", "Customers", "1").click();
  await page.getByRole("heading", { name: "Gold bubbles", level: 1 }).waitFor();
  await page.getByRole("link", { name: "Aalborg Shipyard" }).waitFor();
  assert.equal(await page.getByRole("row").count(), 2, "a head and one customer");
  await page.getByRole("link", { name: "Aalborg Shipyard" }).click();
  await placed(page, "Aalborg Shipyard", "Gold bubbles", "8.3%");
  await changePotential(page, "1200000", "150000");
  await addPotential(page, "Flensburg & Sons", "10000");

  await scoreAgain(page);
  await figure(page, "Gold loyals", "Customers", "1").waitFor();
  assert.deepEqual(filled(await figuresOf(page)), corrected);
  await figure(page, "Silver loyals", "Revenue").click();
  await page.getByRole("link", { name: "Aalborg Shipyard" }).click();
  await placed(page, "Aalborg Shipyard", "Silver loyals", "66.7%");
});

async function menu(page, name) {
  await page.getByRole("navigation", { name: "Main navigation" }).getByRole("link", { name, exact: true }).click();
}

async function setUp(here, page) {
  here.refusal(422, "/api/v1/setup");
  await page.goto("/");
  await page.getByRole("heading", { name: "Set up Kvadrant" }).waitFor();
  await page.getByLabel("Set-up code").fill("not the code");
  await page.getByLabel("Company").fill("Nordlys A/S");
  await page.getByLabel("Your name").fill("Ada Admin");
  await page.getByLabel("E-mail").fill("ada@nordlys.example");
  await page.getByLabel(/^Password/).fill("four ships in a harbour");
  await page.getByRole("button", { name: "Finish set-up" }).click();
  await page.getByRole("alert").getByText("That is not the right code").waitFor();
  await page.getByLabel("Set-up code").fill(here.program.code);
  await page.getByRole("button", { name: "Finish set-up" }).click();
  await page.getByRole("heading", { name: "Company data", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Account of Ada Admin" }).waitFor();
}

/** Walks the wizard; what the file holds must be proposed rightly, and the counts of the report be these. */
async function importFile(page, file, kind, counts) {
  await menu(page, "Import");
  await page.getByRole("heading", { name: "Import", level: 1 }).waitFor();
  await page.getByRole("link", { name: "Import data" }).first().click();
  await page.locator('input[type="file"]').setInputFiles([{ mimeType: "application/octet-stream", ...file }]);
  await page.getByText(file.name, { exact: true }).waitFor();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText(/^The first (\d+ rows|row), as/).waitFor();
  await page.getByRole("button", { name: "Continue" }).click();
  assert.equal(await page.getByRole("combobox", { name: "What are the rows?" }).inputValue(), kind, "what the rows are");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("This is what the import would do. Nothing has been changed yet.").waitFor();
  await page.getByRole("button", { name: "Import", exact: true }).click();
  const report = page.getByRole("region", { name: "What came of it" });
  await report.waitFor();
  const shown = await report.locator("dl > div").evaluateAll((pairs) => pairs.map((p) => [p.querySelector("dt").textContent, Number(p.querySelector("dd").textContent)]));
  const expected = { read: 0, created: 0, updated: 0, unchanged: 0, rejected: 0, ...counts };
  assert.deepEqual(Object.fromEntries(shown), { "Rows read": expected.read, New: expected.created, Changed: expected.updated, Unchanged: expected.unchanged, Rejected: expected.rejected }, file.name);
}

/** The report lists each rejected row with its line, the cell at fault marked, and a reason in words. */
async function rejected(page, rows) {
  const list = page.getByRole("region", { name: "Rejected rows" });
  await list.getByRole("table").waitFor();
  const shown = await list.locator("tbody tr").evaluateAll((all) =>
    all.map((tr) => ({ line: Number(tr.cells[1].innerText), reason: tr.cells[2].innerText, at: [...tr.querySelectorAll("[aria-invalid=true]")].map((i) => [i.getAttribute("aria-label"), i.value]) })),
  );
  assert.equal(shown.length, rows.length);
  for (const [i, [line, column, value = ""]] of rows.entries()) {
    assert.equal(shown[i].line, line);
    assert.deepEqual(shown[i].at, [[`${column}, line ${line}`, value]]);
    assert.match(shown[i].reason, /^["A-Z].{15,}\.$/, "a reason in words");
  }
}

/** The card draws the customer's place, and says its share. */
async function placed(page, customer, cell, share) {
  await page.getByRole("heading", { name: customer, level: 1 }).waitFor();
  await page.getByRole("img", { name: `Marked on the matrix: ${cell}` }).waitFor();
  await page.getByRole("img", { name: `Customer share ${share}` }).waitFor();
  await settled(page);
}

async function changePotential(page, before, after) {
  await page.getByRole("button", { name: /^Edit the statement from/ }).click();
  const amount = page.getByLabel("Amount a year");
  assert.equal((await amount.inputValue()).replace(/\D/g, ""), before);
  await amount.fill(after);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("EUR 150,000").first().waitFor();
}

async function addPotential(page, customer, amount) {
  await page.goto("/map/customers?cell=unknown");
  await page.getByRole("link", { name: customer }).click();
  await page.getByRole("heading", { name: customer, level: 1 }).waitFor();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByLabel("Amount a year").fill(amount);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("EUR 10,000").first().waitFor();
}

async function scoreAgain(page) {
  await menu(page, "Customer matrix");
  await page.getByRole("button", { name: /^As of/ }).click();
  await page.getByRole("button", { name: /^Compute .* again$/ }).click();
}

/** The cells that somebody stands in; row and column totals left out. */
function filled(found) {
  return Object.fromEntries(Object.entries(found).filter(([cell, f]) => / |^All/.test(cell) && f.customers !== "0"));
}
