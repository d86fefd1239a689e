// The map: where events were, by place, and never one by one.

import { filters } from "./address.js";
import { summary, why } from "./api.js";
import { clusters, placed, short } from "./clusters.js";

// Places that are asked for: the ones with most events.
const MOST = 1000;
// The side of a square in which places are taken together, in pixels.
const CELL = 52;
// From the edges of the map, in pixels; from the left, past the buttons for zooming.
const EDGE = 40;
const PAST_ZOOM = 72;
// With more circles than these, names would cover the map.
const NAMED = 30;
const CLOSEST = 12;
// As near as the view goes by itself: nearer, the land is too coarse to tell anything.
const FITTED = 6.5;
// From here on places are asked for anew, if not all are there.
const ASKED_ANEW = 3;
// Milliseconds without a move until it is asked.
const PAUSE = 250;

const full = new Intl.NumberFormat("en");
const events = (count) => `${full.format(count)} ${count === 1 ? "event" : "events"}`;

export async function makeMap(element, note, files, go) {
  await import(files.leaflet);
  const { L } = globalThis;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(element, {
    attributionControl: false,
    // One finger moves the page, two the map.
    dragging: !matchMedia("(pointer: coarse)").matches,
    fadeAnimation: false,
    maxBounds: [[-88, -220], [88, 220]],
    maxZoom: CLOSEST,
    minZoom: 1,
    scrollWheelZoom: matchMedia("(min-width: 62rem)").matches,
    zoomAnimation: !still,
    zoomSnap: 0.5,
  }).setView([25, 20], 1.5);
  element.role = "group";
  element.ariaLabel = "Map. Circles are buttons: they stand for the events at a place, or for several places.";
  const layer = L.layerGroup().addTo(map);
  draw(L, map, files.land);

  let query = new URLSearchParams();
  let places = [];
  let isCut = false;
  let asking = new AbortController();

  const ask = (more) => {
    asking.abort();
    asking = new AbortController();
    return summary("place", filters(query), { limit: MOST, ...more }, asking.signal);
  };

  function circles() {
    layer.clearLayers();
    const points = places.map((place) => ({ ...place, ...pixels(map.project(place.at)) }));
    const found = clusters(points, CELL);
    const named = ({ members }) => found.length <= NAMED && members.length === 1 && members[0].name;
    const { min, max } = map.getPixelBounds();
    const view = { ...pixels(min), width: max.x - min.x, height: max.y - min.y };
    const names = placed(found.map((cluster) => ({ ...cluster, name: named(cluster) })), view);
    found.forEach((cluster, number) => {
      const icon = L.divIcon({ className: "circle", iconSize: null, html: circle(cluster, names[number]) });
      const at = map.unproject([cluster.x, cluster.y]);
      L.marker(at, { icon, interactive: false, keyboard: false }).addTo(layer);
    });
  }

  function circle({ members, count, radius }, box) {
    const button = document.createElement("button");
    const [first] = members;
    button.type = "button";
    button.textContent = short(count);
    button.style.setProperty("--size", `${2 * radius}px`);
    if (members.length > 1) button.classList.add("several");
    button.ariaLabel =
      members.length > 1
        ? `${members.length} places, ${events(count)}: zoom in`
        : `${first.name}, ${events(count)}: show them`;
    L.DomEvent.disableClickPropagation(button);
    button.addEventListener("click", () => activate(members));
    if (!box) return button;
    const name = document.createElement("span");
    name.className = "name";
    name.ariaHidden = "true";
    name.textContent = first.name;
    for (const [side, pixels] of Object.entries(box)) name.style.setProperty(`--${side}`, `${pixels}px`);
    const both = document.createElement("div");
    both.append(button, name);
    return both;
  }

  function activate(members) {
    const bounds = L.latLngBounds(members.map(({ at }) => at));
    const closer = map.getBoundsZoom(bounds.pad(0.2));
    if (members.length === 1 || (map.getZoom() >= CLOSEST - 1 && closer >= CLOSEST - 1)) {
      go({ place: members.map(({ id }) => id).join(",") });
    } else {
      // Circles are drawn anew, and with them goes what had the focus.
      map.once("zoomend", () => setTimeout(() => element.focus({ preventScroll: true })));
      map.setView(bounds.getCenter(), Math.min(CLOSEST, Math.max(closer, map.getZoom() + 1)), { animate: !still });
    }
  }

  // Where not all places could be told, those in view are: small ones have their turn, too.
  async function look() {
    if (!isCut || map.getZoom() < ASKED_ANEW || query.has("bbox") || query.has("near")) return;
    const view = map.getBounds();
    const edge = (degrees, most) => Math.max(-most, Math.min(most, degrees)).toFixed(3);
    const bbox = [
      edge(view.getWest(), 180),
      edge(view.getSouth(), 90),
      edge(view.getEast(), 180),
      edge(view.getNorth(), 90),
    ];
    try {
      const told = await ask({ bbox: bbox.join(",") });
      places = located(told.groups);
      circles();
    } catch {
      // What is there stays: it is true, if not all.
    }
  }

  let settling = false;
  let timer;
  map.on("zoomend", () => settling || circles());
  map.on("moveend", () => {
    clearTimeout(timer);
    if (!settling) timer = setTimeout(look, PAUSE);
  });
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(element);

  async function show(next) {
    query = next;
    element.ariaBusy = "true";
    try {
      const told = await ask({});
      places = located(told.groups);
      isCut = told.group_count > told.groups.length;
      note.textContent = inWords(told, places);
    } catch (error) {
      if (error.name === "AbortError") return;
      places = [];
      isCut = false;
      note.textContent = why(error, "The map");
    }
    element.ariaBusy = "false";
    settling = true;
    if (places.length) {
      map.fitBounds(L.latLngBounds(places.map(({ at }) => at)), {
        animate: false,
        maxZoom: FITTED,
        paddingTopLeft: [PAST_ZOOM, EDGE],
        paddingBottomRight: [EDGE, EDGE],
      });
    }
    settling = false;
    circles();
  }
  return { show };
}

function located(groups) {
  return groups
    .filter(({ place }) => place && place.latitude !== null && place.longitude !== null)
    .map(({ place, count }) => ({ id: place.id, name: place.name, count, at: [place.latitude, place.longitude] }));
}

const pixels = ({ x, y }) => ({ x, y });

// What the map does not show.
function inWords(told, places) {
  const sum = (groups) => groups.reduce((total, { count }) => total + count, 0);
  const nowhere = told.groups.filter(({ place }) => !place);
  const vague = told.groups.filter(({ place }) => place && (place.latitude === null || place.longitude === null));
  const rest = told.count - sum(told.groups);
  if (!told.count) return "Nothing to show here.";
  const said = [`${full.format(sum(places))} of ${events(told.count)} on the map.`];
  if (nowhere.length) said.push(`${full.format(sum(nowhere))} at no place that is known.`);
  if (vague.length) {
    const names = vague.slice(0, 3).map(({ place }) => place.name);
    const more = vague.length > names.length ? " and others" : "";
    said.push(`${full.format(sum(vague))} at places without a position (${names.join(", ")}${more}).`);
  }
  if (rest > 0) said.push(`${full.format(rest)} at smaller places: zoom in to see them.`);
  return said.join(" ");
}

async function draw(L, map, address) {
  const response = await fetch(address);
  if (response.ok) L.geoJSON(await response.json(), { interactive: false, style: { className: "land" } }).addTo(map);
}
