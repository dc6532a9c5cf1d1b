// Measures: every figure says how, RFM's figures open their customers, and a company's own measure reaches the list.
import assert from "node:assert/strict";
import { ask, journey, settled, signIn } from "./journey.mjs";

journey("measures of the company's own", { withDemo: true }, async (here) => {
  const { director } = here.people;
  await here.program.serve();
  const page = await here.window();
  await signIn(page, director);
  await settled(page);
  await rfm(page);
  await here.shot(page, "rfm-list");
  await how(page);
  await here.shot(page, "how");
  await ownMeasure(page);
  await here.shot(page, "own-measure");
});

/** The count in a cell is how many customers its list has. */
async function rfm(page) {
  await page.goto("/map/rfm");
  const { cells, as_of } = await ask(page, "/rfm");
  const best = cells.filter((c) => c.r === 5 && c.f === 5 && c.m === 5)[0];
  const tile = page.getByRole("link", { name: /Cell 555: / });
  assert.equal(Number((await tile.innerText()).replaceAll(",", "")), best.customers);
  await tile.click();
  await page.getByText("Recency band is 5").waitFor();
  await page.getByText("Money band is 5").waitFor();
  const list = await ask(page, `/matrix/customers?as_of=${as_of}&limit=500&measure=rfm_r%3D5&measure=rfm_f%3D5&measure=rfm_m%3D5`);
  assert.equal(list.items.length, best.customers, "customers behind the cell");
  await settled(page);
}

/** A figure of the card says what it is made of and leads to its purchases. */
async function how(page) {
  await page.getByRole("table").getByRole("link").first().click();
  await page.getByRole("button", { name: "How? Money points" }).click();
  const drawer = page.getByRole("dialog", { name: "How? Money points" });
  await drawer.getByText("At most, for one purchase").waitFor();
  await drawer.getByRole("link", { name: /purchase lines?, / }).click();
  await page.getByText(/^Only .* to /).waitFor();
  await page.getByRole("button", { name: "Show all" }).waitFor();
}

/** A mistake is shown where it stands; what is right is tried, saved, computed, and a column of the list. */
async function ownMeasure(page) {
  await page.goto("/settings/rules");
  await page.getByRole("button", { name: "New measure" }).click();
  await page.getByLabel("Name", { exact: false }).first().fill("Worth");
  await page.getByLabel("What it means").fill("Revenue and a tenth of what is unused.");
  const expression = page.getByRole("textbox", { name: "Expression" });
  await expression.fill("revenue + unusd / 10");
  await page.getByText('Character 11: There is no measure or field "unusd"; did you mean unused?').waitFor();
  await expression.fill("revenue + (unused ?? 0) / 10");
  await page.getByText(/customers have a value\./).waitFor();
  await page.getByRole("combobox", { name: "What it counts" }).click();
  await page.getByRole("option", { name: "Money" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "1. Worth" }).waitFor();
  await page.getByRole("button", { name: /^Compute .* again$/ }).click();
  await page.getByText("Done", { exact: true }).first().waitFor();
  await page.goto("/map/customers?sort=-worth&columns=code,revenue,worth");
  await page.getByRole("columnheader", { name: /Worth/ }).waitFor();
  await settled(page);
  const [first] = (await ask(page, "/matrix/customers?sort=-worth&columns=worth,unused,revenue&limit=1")).items;
  assert.ok(Math.abs(first.measures.worth - first.measures.revenue - (first.measures.unused ?? 0) / 10) <= 1, "in minor units");
}
