// A file with forty kinds of error: what the import would do is shown before anything happens, each error is said where it is,
// the rows are put right in the grid and come in, and all of it is taken back.
import assert from "node:assert/strict";
import { columns, faultyFile } from "./faulty-file.mjs";
import { accessible, ask, askAll, journey, settled, signIn } from "./journey.mjs";

journey("forty kinds of error, tried, imported, mended, undone", { withDemo: true }, async (here) => {
  await here.program.serve();
  const page = await here.window({ viewport: { width: 1360, height: 900 } });
  await signIn(page, here.people.administrator);
  const [customer] = (await ask(page, "/customers?limit=1")).items;
  const [product] = (await ask(page, "/products?limit=1")).items;
  const [seller] = (await ask(page, "/people?limit=1")).items;
  const { base_currency: currency } = await ask(page, "/settings");
  const { bytes, rows, kinds } = faultyFile(customer.code, product.code, seller.code, currency);
  const before = await lines(page);

  await page.goto("/data/import/new");
  await page.locator('input[type="file"]').setInputFiles([{ name: "forty.csv", mimeType: "text/csv", buffer: bytes }]);
  await page.getByText("forty.csv", { exact: true }).waitFor();
  await here.shot(page, "import-files");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText(/^The first \d+ rows, as/).waitFor();
  await page.getByRole("button", { name: "Continue" }).click();
  assert.equal(await page.getByRole("combobox", { name: "What are the rows?" }).inputValue(), "Purchases");
  await here.shot(page, "import-columns");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByText("This is what the import would do. Nothing has been changed yet.").waitFor();
  assert.deepEqual(await counts(page.getByRole("main")), { "Rows read": 1000, New: 960, Changed: 0, Unchanged: 0, Rejected: 40 });
  assert.equal(await lines(page), before, "trying keeps nothing");
  await here.shot(page, "import-dry-run");
  await accessible(page, "dry run");

  await page.getByRole("button", { name: "Import", exact: true }).click();
  const report = page.getByRole("region", { name: "What came of it" });
  await report.waitFor();
  assert.deepEqual(await counts(report), { "Rows read": 1000, New: 960, Changed: 0, Unchanged: 0, Rejected: 40 });
  const { items } = await ask(page, "/imports?limit=1");
  const rejects = await askAll(page, `/imports/${items[0].id}/rejects`);
  assert.deepEqual(rejects.map(({ line, column, code }) => ({ line, column, code })), kinds, "each is said where it is");
  assert.equal(new Set(kinds.map((k) => `${k.column} ${k.code}`)).size, 40, "no kind stands for another");
  await page.goto(`/data/import/${items[0].id}`);
  const grid = page.getByRole("region", { name: "Rejected rows" });
  await grid.getByRole("table").waitFor();
  await settled(page);
  await here.shot(page, "import-mend");
  await accessible(page, "import with rejected rows");

  // Each row is put right: what differs from the good row is typed anew.
  for (const row of await grid.locator("tbody tr").all()) {
    const line = Number(await row.locator("td").nth(1).innerText());
    assert.match(await row.locator("td").nth(2).innerText(), /^.{15,}\.$/, "a reason in words");
    const inputs = row.getByRole("textbox");
    const good = rows[line - 2];
    assert.equal(await inputs.count(), columns.length, `line ${line}`);
    for (const [i, value] of good.entries()) {
      if ((await inputs.nth(i).inputValue()) !== value) await inputs.nth(i).fill(value);
    }
    await row.getByRole("checkbox").check(); // of a row with too many cells nothing is left to put right
  }
  assert.equal(await page.getByText(/rows? mended$/).innerText(), "40 rows mended");
  await page.getByRole("button", { name: "Import the mended rows" }).click();
  await page.getByText("These are rejected rows of an earlier import, mended.").waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll("dl dd")].some((d) => d.innerText === "40"));
  assert.deepEqual(await counts(page.getByRole("region", { name: "What came of it" })), { "Rows read": 40, New: 40, Changed: 0, Unchanged: 0, Rejected: 0 });
  assert.equal(await lines(page), before + 1000);

  for (const id of [(await ask(page, "/imports?limit=1")).items[0].id, items[0].id]) {
    await page.goto(`/data/import/${id}`);
    await page.getByRole("button", { name: "Undo this import" }).click();
    await here.shot(page, "import-undo");
    await page.getByRole("dialog").getByRole("button", { name: "Undo this import" }).click();
    await page.getByRole("alert").getByText("Undone", { exact: true }).waitFor();
  }
  assert.equal(await lines(page), before);
  await page.goto("/data/import");
  await page.getByRole("cell", { name: "Undone" }).first().waitFor();
  await here.shot(page, "import-history");
});

/** The figures of a list of counts, by their names. */
async function counts(part) {
  const pairs = await part.locator("dl > div").evaluateAll((all) => all.map((p) => [p.querySelector("dt").textContent, Number(p.querySelector("dd").textContent.replace(/\D/g, ""))]));
  return Object.fromEntries(pairs);
}

/** How many purchase lines there are. */
async function lines(page) {
  const { items } = await ask(page, "/warehouse/contents");
  return items.find((i) => i.kind === "purchases").count;
}
