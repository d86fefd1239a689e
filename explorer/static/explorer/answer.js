// The list: written by the server, for who has scripts and who has none, and put into the page from there.

import { patiently } from "./api.js";

const answer = document.getElementById("answer");
const told = document.getElementById("told");

export async function load(address, signal) {
  let page;
  try {
    const response = await patiently(address, { signal, headers: { accept: "text/html" } });
    page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!page.getElementById("answer")) throw new TypeError("no page of ours");
  } catch (error) {
    if (error.name === "AbortError") throw error;
    fail();
    return null;
  }
  document.title = page.title;
  answer.replaceChildren(...page.getElementById("answer").childNodes);
  announce();
  return page;
}

export function focus() {
  document.getElementById("results-title")?.focus();
}

// To be told again although it is the same, it has to be taken away first.
function announce() {
  const said = [...answer.querySelectorAll("#results-title, .problem p:first-of-type, .empty p:first-child")];
  told.textContent = "";
  requestAnimationFrame(() => {
    told.textContent = said.map((element) => element.textContent.trim().replace(/\s+/g, " ")).join(". ");
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
  text.textContent = "Nothing came back. Look to your connection, and ask again.";
  box.append(title, text);
  answer.replaceChildren(box);
  announce();
}
