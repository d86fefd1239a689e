// The page of events: form, list, map and timeline show what is in the address, and change it.

import { address, changed, current } from "./address.js";
import * as answer from "./answer.js";
import { fill, upgrade } from "./form.js";
import { makeMap } from "./map.js";
import { makeTimeline } from "./timeline.js";

const root = document.getElementById("explorer");
const form = document.querySelector("form.filters");
const picture = document.getElementById("picture");
const byId = (id) => document.getElementById(id);

let asking = new AbortController();
let shown = address(current());
picture.hidden = false;
byId("to-list").hidden = false;
root.classList.add("pictured");

const choose = (changes) => go(changed(current(), changes), true);
const timeline = makeTimeline(byId("timeline"), byId("time-note"), choose);
const drawn = makeMap(byId("map"), byId("map-note"), root.dataset, choose);

async function draw({ signal }) {
  picture.ariaBusy = "true";
  const mapped = drawn.then((map) => map.show(current())).catch(() => {
    byId("map-note").textContent = "The map cannot be shown: a part of it did not arrive.";
  });
  await Promise.all([timeline.show(current()), mapped]);
  if (!signal.aborted) picture.ariaBusy = "false";
}

async function show(leadsOn) {
  asking.abort();
  asking = new AbortController();
  shown = address(current());
  root.ariaBusy = "true";
  picture.ariaBusy = "true";
  try {
    const page = await answer.load(address(current()), asking.signal);
    if (page) fill(form, page.querySelector("form.filters"));
    if (leadsOn) answer.focus();
    root.ariaBusy = "false";
    draw(asking);
  } catch {
    // Something else has been asked for meanwhile.
  }
}

// What was chosen may be gone with the old list: then the focus goes on to the new one.
function go(query, leadsOn = false) {
  history.pushState(null, "", address(query));
  show(leadsOn);
}

// Links inside of the page lead here, too, and change nothing.
addEventListener("popstate", () => address(current()) === shown || show(false));

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || link.origin !== location.origin || link.pathname !== "/" || link.hash) return;
  event.preventDefault();
  go(new URLSearchParams(link.search), true);
});

upgrade(form, (query) => go(query, true));
draw(asking);
