// Opens Swagger UI, presses Execute on the canonical request, and prints what happened as JSON.

import { chromium } from "playwright-core";

const [base, executablePath] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  const page = await browser.newPage();
  const asked = [];
  const complaints = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.addInitScript(() =>
    addEventListener("securitypolicyviolation", (event) =>
      console.error(`${event.violatedDirective}: ${event.blockedURI}`),
    ),
  );

  await page.goto(`${base}/api/docs`);
  const operation = page.locator("#operations-events-listEvents");
  await operation.locator(".opblock-summary-control").click();
  await operation.getByRole("button", { name: "Execute" }).click();
  const answer = operation.locator(".live-responses-table");
  await answer.waitFor();
  const told = {
    asked,
    complaints,
    request: await answer.page().locator(".request-url pre").innerText(),
    status: (await answer.locator(".response-col_status").last().innerText()).trim(),
    answer: await answer.locator(".highlight-code").first().innerText(),
  };
  console.log(JSON.stringify(told));
} finally {
  await browser.close();
}
