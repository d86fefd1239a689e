// The list: written by the server, for who has scripts and who has none, and put into the page from there.

import { patiently } from "./api.js";

// What was found, as a whole, and the list.
const PARTS = ["found", "answer"];
const told = document.getElementById("told");

export async function load(address, signal) {
  let page;
  try {
    const response = await patiently(address, { signal, headers: { accept: "text/html" } });
    page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!PARTS.every((part) => page.getElementById(part))) throw new TypeError("no page of ours");
  } catch (error) {
    if (error.name === "AbortError") throw error;
    fail();
    return null;
  }
  document.title = page.title;
  for (const part of PARTS) document.getElementById(part).replaceChildren(...page.getElementById(part).childNodes);
  announce();
  return page;
}

export function focus() {
  document.getElementById("results-title")?.focus();
}

// To be told again although it is the same, it has to be taken away first.
function announce() {
  const said = document.querySelectorAll("#results-title, .problem p:first-of-type, .empty p:first-child");
  const texts = [...said].map((element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("[aria-hidden]").forEach((mark) => mark.remove());
    return copy.textContent.trim().replace(/\s+/g, " ");
  });
  told.textContent = "";
  requestAnimationFrame(() => {
    told.textContent = texts.join(". ");
  });
}

function fail() {
  const box = document.createElement("div");
  box.className = "problem";
  const title = document.createElement("h2");
  title.id = "results-title";
  title.tabIndex = -1;
  title.textContent = "The service cannot be reached";
  const text = document.createElement("p");
  text.textContent = "Nothing came back. Check your connection, and try again.";
  box.append(title, text);
  const [found, list] = PARTS.map((part) => document.getElementById(part));
  found.replaceChildren(box);
  list.replaceChildren();
  announce();
}
