// Opens every page of the service that people see, signs in to the admin and edits there, and prints what
// happened as JSON.

import { browse } from "./browser.mjs";

const [base, executablePath, name, password] = process.argv.slice(2);
await browse(executablePath, async (page) => {
  const titles = {};
  const open = async (path) => {
    await page.goto(`${base}${path}`, { waitUntil: "networkidle" });
    titles[path] = await page.title();
  };

  await open("/");
  await open("/problems");
  await open("/problems/gone");
  await open("/api/docs");
  await open("/api/redoc");
  // Redoc searches in a worker.
  await page.getByPlaceholder("Search...").pressSequentially("events");
  await page.locator("[data-role='search:results']").waitFor();
  const cookiesOfReaders = await page.context().cookies();

  await open("/admin/");
  const signIn = async (word) => {
    await page.fill("#id_username", name);
    await page.fill("#id_password", word);
    await page.click("input[type=submit]");
    await page.waitForLoadState("networkidle");
  };
  await signIn("not the password");
  const refusal = await page.locator(".errornote").innerText();
  await signIn(password);
  await page.locator("#user-tools").waitFor();

  await open("/admin/events/event/?q=baku");
  await page.locator("#result_list tbody th a").first().click();
  await page.waitForLoadState("networkidle");
  // What scripts of the page do: a calendar, a choice by typing, another row.
  await page.locator("a[id^=calendarlink]").first().click();
  await page.locator(".calendarbox .calendar td a").first().waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".field-place .select2-selection").first().click();
  await page.locator(".select2-dropdown .select2-search__field").fill("Agdam");
  await page.locator(".select2-results__option", { hasText: "Aghdam" }).first().waitFor();
  await page.keyboard.press("Escape");
  await page.locator("#participations-group .add-row a").click();
  await page.locator("#participations-group .inline-deletelink").first().click();
  await page.fill("#id_title", "Crowds celebrate in Baku");
  await page.click("input[name=_continue]");
  await page.locator(".messagelist .success").waitFor();
  titles.saved = await page.title();
  const icon = await page.locator(".related-widget-wrapper-link img").first();
  const iconWidth = await icon.evaluate((image) => image.naturalWidth);

  await page.locator(".historylink").click();
  await page.waitForLoadState("networkidle");
  titles.history = await page.title();
  await page.locator("#result_list tbody th a").first().click();
  await page.waitForLoadState("networkidle");
  const line = await page.locator("#content").innerText();

  await open("/admin/places/place/add/");
  await page.locator("#id_name").pressSequentially("Baku Port");
  const suggested = await page.inputValue("#id_public_id");
  await open("/admin/password_change/");
  await open("/admin/axes/accessattempt/");
  const cookies = await page.context().cookies();
  await page.locator("#logout-form button").click();
  await page.waitForLoadState("networkidle");
  return { titles, refusal, line, suggested, iconWidth, cookies, cookiesOfReaders };
});
