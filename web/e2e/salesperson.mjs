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

journey("an imbalance becomes a goal, and the goal a salesperson's part", { withDemo: true }, async (here) => {
  const { director, manager, salesperson } = here.people;
  await here.program.serve();
  const page = await here.window();
  await signIn(page, director);

  // The director sees where the visits go, and tries what moving bubbles would bring.
  await page.goto("/map/matrix?view=statistics");
  await page.getByRole("alert").filter({ hasText: "Visits" }).getByText(/% of visits go to/).waitFor();
  await settled(page);
  await here.shot(page, "imbalance");
  const bubbles = (await ask(page, "/matrix")).cells.find((c) => c.key === "bronze_bubble").customers;
  const moved = Math.floor(bubbles / 2);
  await page.goto(`/map/matrix?view=what_if&s1=${encodeURIComponent(`bronze_bubble*${moved}*bronze_sailer`)}`);
  await page.getByText(new RegExp(`^Make ${moved} Bronze bubbles`)).waitFor();
  await page.getByRole("link", { name: "Make it a goal" }).first().click();
  await page.getByRole("button", { name: "Set the goal" }).click();

  // The goal is shared out to the units as proposed.
  await page.getByRole("button", { name: "Share out" }).click();
  await page.getByRole("button", { name: "Keep this split" }).click();
  await page.getByRole("button", { name: "Share out again" }).waitFor();
  const title = await page.getByRole("heading", { level: 1 }).textContent();

  // The manager gives the region of the salesperson one customer more and the others less, and shares it out down to the people.
  const theirs = await here.window();
  await signIn(theirs, salesperson);
  const { user } = await ask(theirs, "/session");
  const seller = (await askAll(page, "/people?")).find((p) => p.id === user.person_id);
  const units = new Map((await ask(page, "/units")).items.map((u) => [u.id, u]));
  const lead = await here.window();
  await signIn(lead, manager);
  await lead.goto("/plan/goals");
  await lead.getByRole("link", { name: title }).first().click();
  const [top] = (await ask(lead, "/goals")).items;
  const way = [];
  for (let u = units.get(seller.unit_id); u.id !== top.unit_id; u = units.get(u.parent_id)) way.unshift(u.name);
  for (const [level, unit] of [...way, seller.name].entries()) {
    await lead.getByRole("button", { name: "Share out" }).click();
    if (level === 0) {
      const own = lead.getByRole("textbox", { name: `${unit}: ` });
      await own.fill(String(Number(await own.inputValue()) + 1));
      await lead.getByRole("button", { name: "Spread the difference over the others" }).click();
    }
    await lead.getByRole("button", { name: "Keep this split" }).click();
    await lead.getByRole("button", { name: "Share out again" }).waitFor();
    if (level === way.length) break;
    await lead.getByRole("link", { name: unit, exact: true }).click();
    await lead.getByText("Not shared out yet.").waitFor();
  }
  await settled(lead);
  await here.shot(lead, "goal-parts");

  // The salesperson finds that part, and behind it the customers of their own that hold it back.
  await theirs.goto("/plan/goals");
  await theirs.getByRole("link", { name: title }).click();
  await theirs.getByRole("heading", { name: title, level: 1 }).waitFor();
  await settled(theirs);
  const [part] = (await ask(theirs, "/goals")).items;
  assert.equal(part.person_id, user.person_id);
  assert.ok(part.target > part.start_value, `a part of ${part.target - part.start_value}`);
  const { items } = await ask(theirs, `/goals/${part.id}/lagging`);
  const mine = new Set((await askAll(theirs, "/matrix/customers?sort=-revenue")).map((c) => c.id));
  assert.ok(items.length > 0 && items.every((c) => mine.has(c.id)), `${items.length} customers hold it back`);
  await theirs.getByRole("link", { name: items[0].name, exact: true }).click();
  await theirs.getByRole("heading", { name: items[0].name, level: 1 }).waitFor();
  await theirs.getByRole("heading", { name: "In the other matrices" }).waitFor();
});
