// axe looks at every page, in light and in dark.
import assert from "node:assert/strict";
import { accessible, ask, journey, settled, signIn } from "./journey.mjs";

journey("every page is accessible in light and dark", { withDemo: true }, async (here) => {
  const administrator = await here.program.user("admin@nordlys.example", "Ada Admin", "administrator");
  await here.program.serve();
  await everyPage(await here.window(), await here.window(), administrator);
});

/** Looks at a page in light and, since only the colours differ, at its contrasts in dark. */
async function inLightAndDark(page, where) {
  await accessible(page, where);
  await dressed(page, "dark");
  await accessible(page, `${where} in dark`, ["color-contrast"]).finally(() => dressed(page, "light"));
}

async function dressed(page, scheme) {
  await page.emulateMedia({ colorScheme: scheme });
  await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor({ state: "attached" });
}

/** Checks the data, so that its pages have something to show. */
async function checkData(page) {
  await page.goto("/data/check");
  await page.getByRole("button", { name: "Check now" }).click();
  await page.getByRole("heading", { name: "Grades over time" }).waitFor();
}

/** A live segment, so that the pages of segments have something to show. */
async function keptSegment(page) {
  const { items } = await ask(page, "/segments");
  if (items[0]) return items[0].id;
  const answer = await page.request.post("/api/v1/segments", { data: { name: "Half and more", kind: "live", rule: { all: [{ field: "share", sign: ">=", value: "0.5" }, { not: { field: "city", sign: "unknown" } }] } } });
  return (await answer.json()).segment.id;
}

/** Two windows share the pages out: each draws and looks at its own on a processor of its own. */
async function everyPage(page, second, administrator) {
  await page.goto("/sign-in");
  await inLightAndDark(page, "/sign-in");
  await signIn(page, administrator);
  await settled(page);
  const [{ id: customer }] = (await ask(page, "/matrix/customers?sort=-revenue&limit=1")).items;
  const [{ id: warned }] = (await ask(page, "/loyalty")).warnings.first;
  const [{ id: report }] = (await ask(page, "/imports")).items;
  const survey = (await ask(page, "/surveys")).items.find((q) => q.code === "satisfaction").id;
  const invited = await page.request.post(`/api/v1/surveys/${survey}/invitations`, { data: { customer_ids: [customer] } });
  const link = (await invited.json()).items[0].token;
  const segment = await keptSegment(page);
  const paths = [
    "/map/matrix",
    "/map/matrix?view=visits",
    "/map/matrix?view=what_if",
    "/settings/visits",
    "/map/customers?cell=gold_bubble",
    "/map/customers?measure=rfm_points%3E%3D10&columns=code,revenue,rfm_points",
    "/map/rfm",
    "/map/lifetime",
    "/map/lifetime?view=contracts",
    "/map/rfm?as=table",
    `/map/customers/${customer}?tab=interactions`,
    `/map/customers/${customer}?tab=answers`,
    "/check/budget",
    "/check/budget?by=class",
    "/data/import",
    "/data/import/new",
    `/data/import/${report}`,
    "/data/sources",
    "/data/company",
    "/data/check",
    "/data/check/customers",
    "/data/check/purchases",
    "/data/check/customers/no_potential",
    "/data/surveys",
    `/data/surveys/${survey}`,
    `/data/surveys/${survey}?tab=answers`,
    `/data/surveys/${survey}?tab=invitations`,
    `/data/surveys/${survey}?tab=questions`,
    `/answer/${link}`,
    "/settings/company",
    "/settings/organisation",
    "/settings/matrix",
    "/settings/rfm",
    "/settings/lifetime",
    "/settings/scoring",
    "/settings/rules",
    "/settings/users",
    "/settings/audit",
    "/settings/jobs",
    "/account",
    "/map/loyalty",
    "/settings/loyalty",
    "/map/segments",
    "/map/segments/new",
    `/map/segments/${segment}`,
    `/map/segments/${segment}?edit=1`,
    "/map/matrix?view=statistics&effort=lines",
    "/map/matrix?view=compare",
    "/map/matrix?view=migration",
    "/map/matrix/movers",
    "/map/matrix?matrix=value-chance",
    "/settings/matrix?cuts=1",
    "/settings/matrix?edit=new&of=value-danger",
    "/map/profit",
    "/map/profit?by=products&of=worst",
    "/settings/profit",
    "/map/potential",
    "/settings/potential",
    "/map/pyramid",
    "/plan/goals",
    "/plan/goals?tab=areas",
    "/plan/goals?tab=road",
    "/plan/goals/new",
    "/plan/allocation",
    "/plan/allocation?tab=loyalty&by=tier",
    "/settings/pyramid",
    `/map/customers/${customer}`,
    `/map/customers/${warned}`,
  ];
  await checkData(page);
  // All pages are looked at, so that one run tells of every fault.
  const faults = [];
  const left = paths.values();
  const look = async (window) => {
    for (const path of left) {
      await window.goto(path);
      await inLightAndDark(window, path).catch((fault) => faults.push(`${path}: ${fault.message}`));
    }
  };
  await second.goto("/sign-in");
  await signIn(second, administrator);
  await Promise.all([look(page), look(second)]);
  assert.deepEqual(faults, []);
  await page.goto(`/map/customers/${customer}`);
  await page.getByRole("button", { name: "Edit", exact: true }).first().click();
  await page.getByRole("dialog").getByLabel("City").waitFor();
  await inLightAndDark(page, "the form of a customer");
}
