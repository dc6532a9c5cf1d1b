// A director's working day: filters and dates that stay in the address, exports, language, colours, phone, keyboard.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { accessible, ask, figure, figuresOf, journey, settled, signIn } from "./journey.mjs";
import { unzip } from "./zip.mjs";

journey("a director's day", { withDemo: true }, async (here) => {
  const { director } = here.people;
  await here.program.serve();
  const page = await here.window();
  await signIn(page, director);
  await settled(page);
  await here.shot(page, "matrix");

  await filterAndDate(page);
  await exports(page);
  await here.shot(page, "list");
  await dataCheck(here, page);
  await budget(here, page);
  await warnings(here, page);
  await language(page);
  await colours(here, page);
  await keyboard(here, page);
  await phone(here, await here.tab(page.context()));
});

/** A filter and a date show what the server counts for them, and stand in the address. */
async function filterAndDate(page) {
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByRole("combobox", { name: "Country" }).click();
  await page.getByRole("option", { name: "Denmark" }).click();
  await page.getByText("Country: Denmark").waitFor();
  await page.keyboard.press("Escape");
  const { items } = await ask(page, "/matrix/versions");
  const before = items.map((v) => v.as_of).sort()[0];
  await page.getByRole("button", { name: /^As of/ }).click();
  await page.getByRole("button", { name: new RegExp(`^${written(before)}`) }).click();
  await page.getByRole("button", { name: `As of ${written(before)}` }).waitFor();
  await page.getByText("Unused potential", { exact: true }).first().click();
  await page.waitForURL(/figure=unused/);

  const counted = (await ask(page, `/matrix?as_of=${before}&country=DK`)).total.customers;
  await figure(page, "All customers", "Customers", whole(counted)).waitFor();
  const seen = await figuresOf(page);
  const address = new URL(page.url());
  assert.deepEqual(Object.fromEntries(address.searchParams), { country: "DK", as_of: before, figure: "unused" });
  await page.reload();
  await page.getByText("Country: Denmark").waitFor();
  await page.getByRole("button", { name: `As of ${written(before)}` }).waitFor();
  await settled(page);
  assert.equal(page.url(), address.href);
  assert.deepEqual(await figuresOf(page), seen, "the same figures after a reload");
}

/** Both exports hold as many customers as the figure that opened the list. */
async function exports(page) {
  const count = Number((await figuresOf(page))["All customers"].customers.replaceAll(",", ""));
  await figure(page, "All customers", "Customers").click();
  await page.getByRole("heading", { name: "Customers", level: 1 }).waitFor();
  await settled(page);
  const csv = (await exported(page, "CSV file")).toString("utf8").replace(/^\uFEFF/, "");
  assert.equal(csv.trimEnd().split(/\r?\n/).length, count + 1, "lines of the CSV file");
  assert.match(csv.split("\n")[0], /name/i);
  const sheet = unzip(await exported(page, "Excel file (XLSX)"))["xl/worksheets/sheet1.xml"];
  assert.equal(sheet.match(/<row[ >]/g).length, count + 1, "rows of the XLSX file");
  assert.match(sheet, /<\/worksheet>\s*$/);
}

/** The data check counts customers without a potential; the figure opens as many records, and one of them its card. */
async function dataCheck(here, page) {
  await page.getByRole("link", { name: "Data check", exact: true }).click();
  await page.getByRole("button", { name: "Check now" }).click();
  const customers = page.getByRole("region", { name: "Customers", exact: true });
  const open = customers.getByRole("link", { name: /Without a potential: show the records$/ });
  await open.waitFor();
  await settled(page);
  await accessible(page, "the data check");
  await here.shot(page, "data-check");
  const { kinds } = await ask(page, "/quality");
  const { count, of } = kinds.find((k) => k.kind === "customers").findings.find((f) => f.key === "no_potential");
  assert.equal(await open.textContent(), `${whole(count)} of ${whole(of)}`);
  await open.click();
  await page.getByRole("heading", { name: "Without a potential", level: 1 }).waitFor();
  await settled(page);
  const more = page.getByRole("button", { name: "Load more" });
  while (await more.isVisible()) {
    await more.click();
    await settled(page);
  }
  const rows = page.getByRole("table").getByRole("link");
  assert.equal(await rows.count(), count, "records behind the figure");
  await page.getByRole("button", { name: "Download: Without a potential" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "Whole list (CSV)" }).click()]);
  assert.equal((await readFile(await download.path(), "utf8")).trimEnd().split("\r\n").length, count + 1, "lines of the file");
  const name = await rows.first().textContent();
  await rows.first().click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
}

/** From the budget's tile down to a unit and its customers; the cause found there is recorded, and leads back (C5). */
async function budget(here, page) {
  await page.goto("/check/budget");
  await settled(page);
  const { total, parts } = await ask(page, "/budget");
  await page.getByRole("link", { name: /all of it, by customer$/ }).first().click();
  await page.getByRole("region", { name: "By customer" }).waitFor();
  await settled(page);
  await page.goBack();
  const units = page.getByRole("region", { name: "By unit" });
  const [worst] = parts;
  await units.getByRole("link", { name: worst.name, exact: true }).click();
  await page.getByRole("navigation", { name: "The way here" }).getByText(worst.name).waitFor();
  await settled(page);
  const inside = await ask(page, `/budget?at=${encodeURIComponent(`unit:${worst.key}`)}`);
  assert.equal(inside.total.budget, worst.budget, "the part holds what its row said");
  assert.ok(Math.abs(inside.total.actual - worst.actual) <= 1, "but for the cent by which rows are rounded to add up");
  assert.equal(parts.reduce((sum, p) => sum + p.actual, 0), total.actual, "the parts add up");
  await page.getByRole("button", { name: "Record the cause" }).click();
  const form = page.getByRole("dialog", { name: "Record the cause" });
  await form.getByRole("combobox", { name: "Kind of cause" }).click();
  await page.getByRole("option", { name: "An event" }).click();
  await form.getByRole("textbox", { name: "What you found" }).fill("Two shipyards moved their refits forward.");
  await form.getByRole("button", { name: "Save" }).click();
  await form.waitFor({ state: "hidden" });
  await page.goto("/check/budget");
  await settled(page);
  const found = page.getByRole("row").filter({ hasText: "Two shipyards moved their refits forward." });
  await found.getByRole("link", { name: `Company › ${worst.name}` }).click();
  await page.getByRole("navigation", { name: "The way here" }).getByText(worst.name).waitFor();
  await here.shot(page, "budget");
}

/** Good customers who begin to leave are named on the page, each with a way to its card. */
async function warnings(here, page) {
  const { strong, clear, first } = (await ask(page, "/loyalty")).warnings;
  assert.ok(strong.customers + clear.customers >= 3, `${strong.customers} strong and ${clear.customers} clear warnings`);
  await page.goto("/map/loyalty");
  await settled(page);
  await here.shot(page, "loyalty");
  await page.getByRole("link", { name: first[0].name, exact: true }).first().click();
  await page.getByRole("heading", { name: first[0].name, level: 1 }).waitFor();
}

async function exported(page, what) {
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: what }).click()]);
  assert.equal(await download.failure(), null);
  return readFile(await download.path());
}

async function language(page) {
  await page.goto("/map/matrix");
  await settled(page);
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitem", { name: "Dansk" }).click();
  await page.getByRole("heading", { name: "Kundematrix", level: 1 }).waitFor();
  const names = ["Guldbobler", "Guldloyal", "Sølvsejler", "Bronzeemne"];
  for (const name of names) await page.getByRole("table").getByText(name, { exact: true }).waitFor();
  for (const name of ["Kundematrix", "Kunder"]) await page.getByRole("link", { name, exact: true }).waitFor();
  for (const name of ["Kortlæg", "Planlæg", "Handl", "Evaluér", "Betjen", "Indstillinger"]) await page.getByText(name, { exact: true }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "da");
  await page.reload();
  await page.getByRole("heading", { name: "Kundematrix", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitem", { name: "English" }).click();
  await page.getByRole("heading", { name: "Customer matrix", level: 1 }).waitFor();
}

async function colours(here, page) {
  const html = page.locator("html");
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0));
  const light = await background();
  await page.getByRole("button", { name: /Change to light$/ }).click();
  await page.getByRole("button", { name: /Change to dark$/ }).click();
  await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
  await page.reload();
  await settled(page);
  assert.equal(await html.getAttribute("data-mantine-color-scheme"), "dark", "it stays dark");
  const dark = await background();
  assert.ok(dark < 150 && light > 600, `dark ${dark}, light ${light}`);
  await here.shot(page, "matrix-dark");
  await page.getByRole("button", { name: /Change to as the device says$/ }).click();
  await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
}

/** Nobody needs a mouse: the palette finds a customer, and the menus can be skipped. */
async function keyboard(here, page) {
  const [{ name }] = (await ask(page, "/matrix/customers?sort=-revenue&limit=1")).items;
  await page.keyboard.press("Control+k");
  await page.getByRole("textbox", { name: "Search or go to" }).or(page.getByRole("searchbox", { name: "Search or go to" })).first().waitFor();
  await page.keyboard.type(name);
  await page.getByRole("dialog").getByText(name, { exact: true }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name, level: 1 }).waitFor();
  await page.getByRole("img", { name: /^Marked on the matrix/ }).waitFor();
  await here.shot(page, "card");

  await page.goto("/map/matrix");
  await settled(page);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the page");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.id === "main");
}

/** On a phone nothing is cut off, and the navigation is one touch away. */
async function phone(here, page) {
  await page.setViewportSize({ width: 390, height: 844 });
  const [{ id }] = (await ask(page, "/matrix/customers?sort=-revenue&limit=1")).items;
  for (const path of ["/map/matrix", "/map/customers", `/map/customers/${id}`, "/data/import", "/data/company", "/settings/organisation", "/settings/matrix", "/settings/audit", "/settings/jobs", "/account"]) {
    await page.goto(path);
    await settled(page);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${path} is wider than the phone`);
    if (path === "/map/matrix") await here.shot(page, "matrix-phone");
  }
  await page.getByRole("button", { name: "Open the navigation" }).click();
  await page.getByRole("link", { name: "Customers", exact: true }).click();
  await page.getByRole("heading", { name: "Customers", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Open the navigation" }).waitFor();
}

const written = (date) => new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(date));
const whole = (n) => new Intl.NumberFormat("en-GB").format(n);
