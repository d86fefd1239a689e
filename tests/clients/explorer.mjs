// Does in the explorer what people do, one thing for each name, and prints what they would see as JSON.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { browse } from "./browser.mjs";

const [name, base, executablePath, folder] = process.argv.slice(2);
const ENTRY = "/events/azerbaijani-forces-enter-aghdam";
const CEASE_FIRE = "/agreements/azerbaijan-armenia-cease-fire-2020";
const VIEWS = ["/", "/nosuch", "/?place=Aghdam", "/?q=nowhere", "/?place=Agdham", ENTRY, "/events/nosuch", "/agreements", CEASE_FIRE];

const WIDE = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const DARK = { ...WIDE, colorScheme: "dark" };

// What the page shows, once all of it says the same.
async function seen(page) {
  await page.locator("#explorer:not([aria-busy=true]) #picture[aria-busy=false]").waitFor();
  return page.evaluate(() => ({
    address: location.pathname + location.search,
    title: document.title,
    heading: document.getElementById("results-title").innerText,
    titles: [...document.querySelectorAll(".events h3")].map((title) => title.innerText),
    call: document.getElementById("call-address").innerText,
    place: document.getElementById("f-place").value,
    chips: [...document.querySelectorAll(".chips a:not(.all)")].map((chip) => chip.innerText),
    markers: [...document.querySelectorAll(".circle button")].map((marker) => marker.ariaLabel),
    bars: [...document.querySelectorAll("#timeline button")].map((bar) => bar.title),
    notes: [...document.querySelectorAll(".picture .note")].map((note) => note.innerText),
    told: document.getElementById("told").innerText,
    focus: document.activeElement.id,
  }));
}

async function at(page, path) {
  await page.goto(base + path);
  return seen(page);
}

async function other(page, options) {
  const context = await page.context().browser().newContext(options);
  return context.newPage();
}

const marker = (page, text) => page.locator(`.circle button[aria-label^="${text}"]`);
const bar = (page, text) => page.locator(`#timeline button[title^="${text}"]`);

// Press Tab until what is looked for has the focus.
async function tabTo(page, selector) {
  for (let pressed = 1; pressed <= 80; pressed += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return pressed;
  }
  throw new Error(`no way to ${selector}`);
}

const DEEDS = {
  async search(page) {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const start = await at(page, "/");
    await page.locator("#f-place").pressSequentially("Agd");
    await page.locator("[role=option]").first().waitFor();
    const options = await page.locator("[role=option]").allInnerTexts();
    const expanded = await page.locator("#f-place").getAttribute("aria-expanded");
    await page.locator("[role=option]").first().click();
    const found = await seen(page);
    await page.locator(".copy").click();
    await page.locator(".call .told", { hasText: "Copied" }).waitFor();
    return { start, options, expanded, found, copied: await page.evaluate(() => navigator.clipboard.readText()) };
  },

  async marker(page) {
    const start = await at(page, "/");
    await marker(page, "Aghdam").click();
    return { start, found: await seen(page) };
  },

  async timeline(page) {
    const start = await at(page, "/");
    await bar(page, "2020").click();
    const year = await seen(page);
    await bar(page, "November 2020").click();
    const month = await seen(page);
    await bar(page, "20 November 2020").click();
    return { start, year, month, day: await seen(page) };
  },

  async shared(page) {
    const found = await at(page, "/?actor=ilham-aliyev&date_from=2020-11&sort=title");
    const form = await page.evaluate(() => ({
      actor: document.getElementById("f-actor").value,
      from: document.getElementById("f-date_from").value,
      isOpen: document.querySelector(".filters details").open,
    }));
    await page.locator("button.main").click();
    return { found, form, again: await seen(page) };
  },

  async back(page) {
    await at(page, "/");
    await marker(page, "Aghdam").click();
    const found = await seen(page);
    await page.locator(".events h3 a").first().click();
    await page.waitForURL(`**${ENTRY}`);
    const record = await page.locator("h1").innerText();
    await page.goBack();
    const list = await seen(page);
    await page.goBack();
    const start = await seen(page);
    await page.goForward();
    return { found, record, list, start, forward: await seen(page) };
  },

  async error(page) {
    await at(page, "/");
    await page.fill("#f-place", "Agdham");
    await page.keyboard.press("Enter");
    await page.locator(".problem").waitFor();
    const refused = await seen(page);
    const problem = await page.locator(".problem").innerText();
    await page.locator(".problem .button").click();
    await page.locator(".events").waitFor();
    return { refused, problem, mended: await seen(page) };
  },

  async phone(page) {
    const narrow = await other(page, PHONE);
    await at(narrow, "/");
    await narrow.fill("#f-place", "Agdham");
    await narrow.locator("button.main").tap();
    await narrow.locator(".problem").waitFor();
    await narrow.waitForFunction(() => document.activeElement.id === "results-title");
    const { y } = await narrow.locator(".problem").boundingBox();
    const touched = await narrow.locator("#map").evaluate((map) => getComputedStyle(map).touchAction);
    // Whoever is sent a link sees without scrolling what was found.
    await at(narrow, "/?place=Aghdam");
    const shared = (await narrow.locator("#results-title").boundingBox()).y;
    await at(narrow, "/?place=Agdham");
    const refused = (await narrow.locator(".problem").boundingBox()).y;
    const { height } = narrow.viewportSize();
    return { seen: y >= 0 && y < height, shared: shared < height, refused: refused < height, touched, lists: await narrow.locator("[role=listbox]:visible").count() };
  },

  async empty(page) {
    const found = await at(page, "/?q=nowhere&place=baku");
    const text = await page.locator(".empty").innerText();
    await page.locator(".chips a", { hasText: "nowhere" }).click();
    await page.locator(".events").waitFor();
    return { found, text, without: await seen(page) };
  },

  async keyboard(page) {
    await at(page, "/");
    await page.keyboard.press("Tab");
    const first = await page.evaluate(() => document.activeElement.innerText);
    await tabTo(page, "#f-place");
    await page.keyboard.type("bak");
    await page.locator("[role=option]").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.type("x");
    await page.keyboard.press("Enter");
    const goneOn = await seen(page);
    await at(page, "/");
    await tabTo(page, "#f-place");
    await page.keyboard.type("agd");
    await page.locator("[role=option]").first().waitFor();
    await page.keyboard.press("ArrowDown");
    const active = await page.evaluate(() => {
      const { activeElement } = document;
      return document.getElementById(activeElement.getAttribute("aria-activedescendant")).innerText;
    });
    await page.keyboard.press("Escape");
    const closed = await page.locator("[role=option]").first().isHidden();
    await page.keyboard.press("ArrowDown");
    await page.locator("[role=option]").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    const chosen = await seen(page);
    await at(page, "/");
    await tabTo(page, ".circle button[aria-label^=Baku]");
    await page.keyboard.press("Enter");
    const marked = await seen(page);
    await at(page, "/");
    const stops = await tabTo(page, "#timeline button");
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    const dated = await seen(page);
    const narrow = await other(page, { viewport: PHONE.viewport });
    await at(narrow, "/");
    await narrow.locator("button.main").focus();
    const toMap = await tabTo(narrow, ":is(#map, #map *)");
    const toList = await tabTo(narrow, ".events h3 a");
    return { first, goneOn, active, closed, chosen, marked, stops, dated, toMap, toList };
  },

  async scriptless(page) {
    const plain = await other(page, { ...WIDE, javaScriptEnabled: false });
    await plain.goto(`${base}/`);
    await plain.fill("#f-place", "Ağdam");
    await plain.locator("button.main").click();
    const shown = async () => ({
      address: new URL(plain.url()).pathname + new URL(plain.url()).search,
      heading: await plain.locator("#results-title").innerText(),
      titles: await plain.locator(".events h3").allInnerTexts(),
    });
    const found = await shown();
    const isPictured = await plain.locator("#picture").isVisible();
    const canCopy = await plain.locator(".copy").isVisible();
    await plain.goto(`${base}/?page_size=20`);
    await plain.locator("a[rel=next]").click();
    const next = await shown();
    await plain.locator(".events h3 a").first().click();
    return { found, isPictured, canCopy, next, record: await plain.locator("h1").innerText() };
  },

  // More places than are told at once, in a corner of the world.
  async many(page) {
    const place = (number) => ({
      id: `p${number}`,
      name: `Place ${number}`,
      latitude: 40 + (number % 40) / 20,
      longitude: 45 + Math.floor(number / 40) / 10,
    });
    const questions = [];
    await page.route("**/api/events/summary?by=place*", (route) => {
      const query = new URL(route.request().url()).searchParams;
      questions.push(Object.fromEntries(query));
      const groups = Array.from({ length: 1000 }, (_, number) => ({ place: place(number), count: 1000 - number }));
      route.fulfill({ json: { by: ["place"], count: 600_000, group_count: 20_000, groups } });
    });
    const start = await at(page, "/");
    const circles = start.markers.length;
    await page.locator(".circle .several").first().click();
    await page.waitForFunction((before) => document.querySelectorAll(".circle button").length !== before, circles);
    return { start, closer: await seen(page), questions };
  },

  // A service that has no room for the first question.
  async busy(page) {
    let questions = 0;
    await page.route("**/api/events/summary?by=place*", (route) => {
      questions += 1;
      const refusal = { status: 503, headers: { "Retry-After": "1" }, json: { status: 503, detail: "Busy." } };
      return questions === 1 ? route.fulfill(refusal) : route.continue();
    });
    const again = await at(page, "/");
    await page.route("**/api/events/summary?*", (route) =>
      route.fulfill({ status: 503, headers: { "Retry-After": "0" }, json: { status: 503, detail: "Busy." } }),
    );
    await marker(page, "Aghdam").click();
    return { questions, again, never: await seen(page) };
  },

  async accessible(page) {
    const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const violations = [];
    let looked = 0;
    for (const [how, options] of Object.entries({ WIDE, PHONE, DARK })) {
      const view = await other(page, options);
      const judge = async (path) => {
        await view.evaluate(axe);
        const told = await view.evaluate(() => globalThis.axe.run());
        looked += told.passes.length > 10;
        for (const { id, nodes } of told.violations) violations.push([how, path, id, nodes[0].html, nodes[0].failureSummary]);
      };
      for (const path of VIEWS) {
        await view.goto(base + path, { waitUntil: "networkidle" });
        await judge(path);
      }
      await view.goto(`${base}/`, { waitUntil: "networkidle" });
      await view.fill("#f-place", "ag");
      await view.locator("[role=option]").first().waitFor();
      await judge("suggestions");
      await view.context().close();
    }
    return { violations, looked };
  },

  async narrow(page) {
    const wide = {};
    const view = await other(page, { viewport: { width: 320, height: 640 } });
    for (const path of VIEWS) {
      await view.goto(base + path, { waitUntil: "networkidle" });
      wide[path] = await view.evaluate(() => document.scrollingElement.scrollWidth);
    }
    return { wide };
  },

  // A page of somebody else's, at another origin.
  async foreign(page) {
    const server = createServer((_, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end("<!DOCTYPE html><title>Somebody else's page</title>");
    });
    await new Promise((started) => server.listen(0, "127.0.0.1", started));
    await page.goto(`http://localhost:${server.address().port}/`);
    const told = await page.evaluate(async (address) => {
      const response = await fetch(address);
      const { count } = await response.json();
      return { count, tag: response.headers.get("ETag"), link: response.headers.get("Link"), origin: location.origin };
    }, `${base}/api/events?place=Aghdam&page_size=1`);
    const page_ = await page.evaluate((address) => fetch(address).then(() => "read", () => "refused"), `${base}/`);
    server.close();
    return { ...told, page: page_ };
  },

  async pictures(page) {
    const take = async (name, options, path) => {
      const view = await other(page, options);
      await view.goto(base + path, { waitUntil: "networkidle" });
      await view.locator(".circle button").first().waitFor();
      await view.locator("#timeline button").first().waitFor();
      await view.screenshot({ path: `${folder}/explorer-${name}.png` });
    };
    await take("wide", WIDE, "/");
    await take("phone", PHONE, "/?place=Aghdam");
    await take("dark", DARK, "/?date_from=2020&date_to=2020");
    return {};
  },
};

await browse(executablePath, DEEDS[name]);
