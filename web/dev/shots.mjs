// Screenshots of every page of a running program, in light and dark, wide and
// phone, for looking at. BASE=http://127.0.0.1:8080 EMAIL=… PASSWORD=… node dev/shots.mjs OUT [name…]
import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";

const [out = "shots", ...only] = process.argv.slice(2);
const base = process.env.BASE ?? "http://127.0.0.1:8080";
const { EMAIL: email, PASSWORD: password } = process.env;
mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-background-networking"] });
const views = [["wide-light", 1440, 900, "light"], ["wide-dark", 1440, 900, "dark"], ["phone-light", 390, 844, "light"], ["phone-dark", 390, 844, "dark"]];
let state;
for (const [view, width, height, scheme] of views) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale: process.env.LOCALE ?? "en-GB", storageState: state, reducedMotion: "reduce" });
  const get = async (path) => (await context.request.get(`${base}/api/v1${path}`)).json();
  if (!state && email) {
    const answer = await context.request.post(`${base}/api/v1/session`, { data: { email, password } });
    if (!answer.ok()) throw new Error(`sign-in: ${answer.status()} ${await answer.text()}`);
    state = await context.storageState();
  }
  const first = async (path) => (await get(path)).items?.[0];
  const customer = await first("/matrix/customers?sort=-potential&limit=1");
  const pages = {
    matrix: "/map/matrix", "matrix-unscored": "/map/matrix?as_of=2026-03-31", customers: "/map/customers?cell=gold_bubble&sort=-unused", card: `/map/customers/${customer?.id}`,
    imports: "/data/import", report: `/data/import/${(await first("/imports"))?.id}`, wizard: "/data/import/new", company_data: "/data/company", cuts: "/settings/matrix", company: "/settings/company",
    organisation: "/settings/organisation", users: "/settings/users", audit: "/settings/audit", jobs: "/settings/jobs", account: "/account", "sign-in": "/sign-in",
  };
  const page = await context.newPage();
  page.on("console", (m) => m.type() === "error" && console.log(view, page.url(), m.text().slice(0, 300)));
  page.on("pageerror", (e) => console.log(view, page.url(), String(e).slice(0, 300)));
  for (const [name, path] of Object.entries(pages)) {
    const key = `${name}-${view}`;
    if (only.length && !only.some((o) => key.startsWith(o))) continue;
    await page.goto(base + path, { waitUntil: "networkidle" });
    await page.waitForTimeout(600);
    await page.screenshot({ path: `${out}/${key}.png`, fullPage: width < 500 });
  }
  await context.close();
}
await browser.close();
