// What scripts share: a browser, and a page that notes what it asked for and what it complained of.

import { chromium } from "playwright-core";

export async function browse(executablePath, visit) {
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
    const complain = (text) => complaints.push(`${page.url()}: ${text}`);
    page.on("request", (request) => asked.push(request.url()));
    page.on("console", (message) => message.type() === "error" && complain(message.text()));
    page.on("pageerror", (error) => complain(String(error)));
    await page.addInitScript(() =>
      addEventListener("securitypolicyviolation", (event) =>
        console.error(`${event.violatedDirective}: ${event.blockedURI}`),
      ),
    );
    console.log(JSON.stringify({ asked, complaints, ...(await visit(page)) }));
  } finally {
    await browser.close();
  }
}
