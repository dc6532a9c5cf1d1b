// A salesperson sees their own customers and nothing of anybody else's.
import assert from "node:assert/strict";
import { ask, askAll, figuresOf, journey, settled, signIn } from "./journey.mjs";

journey("a salesperson sees only their own customers", { withDemo: true }, async (here) => {
  const { director, salesperson } = here.people;
  await here.program.serve();
  const theirs = await here.window();
  await signIn(theirs, director);
  const everybody = await askAll(theirs, "/matrix/customers?sort=-revenue");

  const page = await here.window();
  await signIn(page, salesperson);
  await settled(page);
  const own = await askAll(page, "/matrix/customers?sort=-revenue");
  assert.ok(own.length > 0 && own.length < everybody.length, `${own.length} of ${everybody.length}`);
  const { user } = await ask(page, "/session");
  for (const { id } of own) assert.equal((await ask(page, `/customers/${id}`)).owner_id, user.person_id);

  const shown = await figuresOf(page);
  assert.equal(shown["All customers"].customers, String(own.length), "the matrix counts their customers");
  await listHolds(page, own);
  await pagesNotOffered(here, page);

  const ids = new Set(own.map((c) => c.id));
  const foreign = everybody.find((c) => !ids.has(c.id));
  here.refusal(404, `/api/v1/customers/${foreign.id}`);
  await page.goto(`/map/customers/${foreign.id}`);
  await page.getByRole("alert").getByText("Not found").waitFor();
  assert.equal(await page.getByText(foreign.name).count(), 0, "the name of a foreign customer is not told");
});

/** The list, loaded to its end, has just these customers. */
async function listHolds(page, customers) {
  await page.getByRole("link", { name: "Customers", exact: true }).click();
  await page.getByRole("heading", { name: "Customers", level: 1 }).waitFor();
  const more = page.getByRole("button", { name: "Load more" });
  const all = page.getByText(new RegExp(`^${customers.length} rows?$`));
  await all.or(more).first().waitFor();
  while (await more.isVisible()) {
    const loaded = page.waitForResponse((r) => r.url().includes("cursor="));
    await more.click();
    await loaded;
    await all.or(more.and(page.locator(":not([data-loading])"))).first().waitFor();
  }
  await all.waitFor();
  assert.equal(await page.locator("tbody tr").count(), customers.length);
}

/** What the role may not do is neither in the navigation nor behind an address. */
async function pagesNotOffered(here, page) {
  const menu = page.getByRole("navigation", { name: "Main navigation" });
  for (const name of ["Import", "Users", "Audit log"]) assert.equal(await menu.getByRole("link", { name, exact: true }).count(), 0, name);
  assert.equal(await page.getByRole("button", { name: "Export" }).count(), 0, "Export");
  here.refusal(403, "/api/v1/users");
  await page.goto("/settings/users");
  await page.getByRole("alert").getByText("Not allowed").waitFor();
}
