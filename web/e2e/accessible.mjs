// axe looks at every page, in light and in dark.
import { accessible, ask, journey, settled, signIn } from "./journey.mjs";

journey("every page is accessible in light and dark", { withDemo: true }, async (here) => {
  const administrator = await here.program.user("admin@nordlys.example", "Ada Admin", "administrator");
  await here.program.serve();
  await everyPage(await here.window(), administrator);
  await everyPage(await here.window({ colorScheme: "dark" }), administrator, ["color-contrast"]); // only the colours differ
});

/** Checks the data, so that its pages have something to show. */
async function checkData(page) {
  await page.goto("/data/check");
  await page.getByRole("button", { name: "Check now" }).click();
  await page.getByRole("heading", { name: "Grades over time" }).waitFor();
}

async function everyPage(page, administrator, rules) {
  await page.goto("/sign-in");
  await accessible(page, "/sign-in", rules);
  await signIn(page, administrator);
  await settled(page);
  const [{ id: customer }] = (await ask(page, "/matrix/customers?sort=-revenue&limit=1")).items;
  const [{ id: report }] = (await ask(page, "/imports")).items;
  const paths = [
    "/map/matrix", "/map/customers?cell=gold_bubble", "/map/customers?measure=rfm_points%3E%3D10&columns=code,revenue,rfm_points", "/map/rfm", "/map/lifetime", "/map/pyramid", "/plan/allocation", "/plan/allocation?tab=loyalty&by=tier", "/map/rfm?as=table", `/map/customers/${customer}?tab=interactions`,
    "/data/import", "/data/import/new", `/data/import/${report}`, "/data/sources", "/data/company", "/data/check", "/data/check/customers", "/data/check/purchases", "/data/check/customers/no_potential",
    "/settings/company", "/settings/organisation", "/settings/matrix", "/settings/rfm", "/settings/lifetime", "/settings/pyramid", "/settings/scoring", "/settings/rules", "/settings/users", "/settings/audit", "/settings/jobs", "/account",
    `/map/customers/${customer}`,
  ];
  await checkData(page);
  for (const path of paths) {
    await page.goto(path);
    await accessible(page, path, rules);
  }
  await page.getByRole("button", { name: "Edit", exact: true }).first().click();
  await page.getByRole("dialog").getByLabel("City").waitFor();
  await accessible(page, "the form of a customer", rules);
}
