// When something goes wrong the page says what, in words, and what was typed is not lost.
import assert from "node:assert/strict";
import { ask, journey, settled } from "./journey.mjs";

journey("a wrong password, an address of nothing, two people at one customer", { withDemo: true }, async (here) => {
  const { director } = here.people;
  await here.program.serve();
  const page = await here.window();
  await page.goto("/map/customers?sort=name");
  await wrongPassword(here, page, director);
  await page.waitForURL("**/map/customers?sort=name"); // sign-in leads to where one wanted to go

  await page.goto("/map/nothing");
  await page.getByText("There is no such page").waitFor();

  const [{ id }] = (await ask(page, "/customers?limit=1")).items;
  await twoAtOnce(here, page, await here.tab(page.context()), id);
});

async function wrongPassword(here, page, { email, password }) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill("certainly wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  const notice = page.getByRole("alert");
  await notice.waitFor();
  assert.match(await notice.innerText(), /password/i);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Who saves second is told, sees what the other wrote, and can save without typing anew. */
async function twoAtOnce(here, first, second, id) {
  for (const page of [first, second]) {
    await page.goto(`/map/customers/${id}`);
    await settled(page);
    await page.getByRole("button", { name: "Edit", exact: true }).first().click();
    await page.getByRole("dialog").getByLabel("City").waitFor();
  }
  await first.getByLabel("City").fill("Svendborg");
  await first.getByRole("button", { name: "Save" }).click();
  await first.getByText(/ is saved\.$/).waitFor();

  here.refusal(412, `/api/v1/customers/${id}`);
  await second.getByLabel("Street").fill("Havnegade 1");
  await second.getByRole("button", { name: "Save" }).click();
  await second.getByRole("alert").getByText("Somebody else changed this in the meantime").waitFor();
  await second.getByRole("button", { name: "Take their version in" }).click();
  await second.waitForFunction(() => [...document.querySelectorAll("[role=dialog] input")].some((i) => i.value === "Svendborg"));
  assert.equal(await second.getByLabel("Street").inputValue(), "Havnegade 1");
  await second.getByRole("button", { name: "Save" }).click();
  await second.getByText(/ is saved\.$/).waitFor();
  const { street, city } = await ask(second, `/customers/${id}`);
  assert.deepEqual({ street, city }, { street: "Havnegade 1", city: "Svendborg" });
}
