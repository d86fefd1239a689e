// Opens Swagger UI, presses Execute on the canonical request, and prints what happened as JSON.

import { browse } from "./browser.mjs";

const [base, executablePath] = process.argv.slice(2);
await browse(executablePath, async (page) => {
  await page.goto(`${base}/api/docs`);
  const operation = page.locator("#operations-events-listEvents");
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Execute" }).click();
  const answer = operation.locator(".live-responses-table");
  await answer.waitFor();
  return {
    request: await answer.page().locator(".request-url pre").innerText(),
    status: (await answer.locator(".response-col_status").last().innerText()).trim(),
    explorer: await page.locator(".info a[href='/']").count(),
    answer: await answer.locator(".highlight-code").first().innerText(),
  };
});
