// A journey is one test on the built program in a real browser. Whatever the browser complains about fails it.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { chromium } from "playwright-core";
import { Program } from "./program.mjs";

const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
const patience = 20_000;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Pictures are taken of the demo company in its usual size; for all else a small one will do.
const demoCustomers = process.env.KVADRANT_SHOTS ? 3000 : 300;

const browser = once(() => chromium.launch({ executablePath: process.env.KVADRANT_CHROMIUM || "/usr/bin/chromium", args: flags }));
const demo = once(async () => {
  const program = await Program.on();
  await program.demo(demoCustomers);
  return program;
});
after(() => Promise.all([browser.made?.then((b) => b.close()), demo.made?.then((p) => p.end())]));

/** Runs walk(here) as one test on a program of its own, with the demo company or empty. */
export function journey(name, { withDemo = false } = {}, walk) {
  test(name, { timeout: 600_000 }, async () => {
    const source = withDemo ? await demo() : undefined;
    const program = await Program.on(source?.folder);
    const here = new Journey(program, await browser(), source?.people);
    try {
      await walk(here);
      assert.deepEqual(here.complaints, [], "the browser complained");
    } catch (cause) {
      console.error(await here.evidence());
      throw cause;
    } finally {
      await here.close();
      await program.end();
    }
  });
}

function once(make) {
  const get = () => (get.made ??= make());
  return get;
}

class Journey {
  /** What pages threw, logged as errors or were refused without the journey's saying so. */
  complaints = [];
  #expected = [{ status: 401, path: "/api/v1/session" }]; // how the client finds out that nobody is signed in
  #pages = [];
  #browser;

  constructor(program, browser, people) {
    this.program = program;
    this.people = people;
    this.#browser = browser;
  }

  /** Says beforehand that the server will refuse a path; every other refusal fails the journey. */
  refusal(status, path) {
    this.#expected.push({ status, path });
  }

  /** Opens a window of somebody with cookies of their own. */
  async window(options = {}) {
    const context = await this.#browser.newContext({
      baseURL: this.program.address, viewport: { width: 1440, height: 900 }, locale: "en-GB", timezoneId: "UTC", colorScheme: "light", reducedMotion: "reduce", ...options,
    });
    context.setDefaultTimeout(patience);
    return this.tab(context);
  }

  /** Opens one more tab beside those of the context. */
  async tab(context) {
    const page = await context.newPage();
    this.#pages.push(page);
    page.on("pageerror", (error) => this.complaints.push(`${page.url()}: ${error.stack}`));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      const { url } = message.location();
      const status = Number(/Failed to load resource: .* status of (\d+)/.exec(message.text())?.[1]);
      const expected = status && this.#expected.some((e) => e.status === status && new URL(url).pathname === e.path);
      if (!expected) this.complaints.push(`${page.url()}: ${message.text()} ${url}`);
    });
    return page;
  }

  async close() {
    await Promise.all(this.#pages.map((page) => page.context().close()));
  }

  /** What the open pages show and the server said, for whoever reads a failure. */
  async evidence() {
    const shown = await Promise.all(this.#pages.filter((p) => !p.isClosed()).map(async (p) => `${p.url()}\n${(await p.locator("body").innerText().catch(String)).slice(0, 3000)}`));
    return [...shown, this.program.log.slice(-3000), ...this.complaints].join("\n—\n");
  }

  /** Keeps a picture, when KVADRANT_SHOTS names a folder for them. */
  async shot(page, name) {
    const folder = process.env.KVADRANT_SHOTS;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await settled(page);
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }
}

/** Signs in on a page, and waits for the frame that only the signed-in see. */
export async function signIn(page, { email, password }) {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main navigation" }).waitFor({ state: "attached" });
}

/** Waits until a page has its title, nothing on it is loading, and all that moves has come to rest. */
export async function settled(page) {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[role="status"][aria-label="Loading"], [aria-busy="true"]'));
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const ending = document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map((a) => a.finished));
  });
}

/** Fails on what axe finds serious or critical on the page as it stands; by these rules alone where some are named. */
export async function accessible(page, where, rules) {
  await settled(page);
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  // No preload: it would fetch the style sheets once more, for two rules that do not concern these pages.
  const options = { resultTypes: ["violations"], iframes: false, preload: false, ...(rules && { runOnly: rules }) };
  const { violations } = await page.evaluate((options) => window.axe.run(document, options), options);
  const grave = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  assert.deepEqual(grave.map(inWords), [], where);
}

function inWords({ id, nodes }) {
  const places = nodes.map((n) => `${n.html.slice(0, 200)} (${[...n.any, ...n.all, ...n.none][0]?.message ?? ""})`);
  return `${id}: ${places.join("\n")}`;
}

/** Every figure the matrix shows, by the name of its cell: {"Gold bubbles": {customers: "14", revenue: "DKK …"}}. */
export async function figuresOf(page) {
  const labels = await page.getByRole("table", { name: "Customer matrix" }).getByRole("link").evaluateAll((links) => links.map((l) => l.getAttribute("aria-label")));
  const found = {};
  for (const label of labels) {
    const [, cell, figure, value] = /(?:^|: )([^:]+), (Customers|Revenue|Potential|Unused potential): (.*)\. Opens the list\.$/.exec(label);
    (found[cell] ??= {})[figure.split(" ")[0].toLowerCase()] = value.replace(/\s/g, " ");
  }
  return found;
}

/** The link that is a figure of the matrix. */
export function figure(page, cell, name, value = ".*") {
  return page.getByRole("table", { name: "Customer matrix" }).getByRole("link", { name: new RegExp(`(^|: )${cell}, ${name}: ${value}\\. Opens`) });
}

/** What the server answers to a page's user. */
export async function ask(page, path) {
  const answer = await page.request.get(`/api/v1${path}`);
  assert.equal(answer.status(), 200, path);
  return answer.json();
}

/** All items of a list of the server, page after page. */
export async function askAll(page, path) {
  const items = [];
  for (let cursor = ""; ; ) {
    const answer = await ask(page, `${path}${path.includes("?") ? "&" : "?"}limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    items.push(...answer.items);
    if (!answer.next) return items;
    cursor = answer.next;
  }
}
