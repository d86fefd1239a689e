// The timeline: how many events began when, as bars that are buttons.

import { filters } from "./address.js";
import { summary, why } from "./api.js";
import { asked, ends, inShort, inWords, MOST, range, sums } from "./times.js";

// Months in which days are shown.
const FEW = 2;
// Bars between two words under them.
const WORDS = 7;

const full = new Intl.NumberFormat("en");
const events = (count) => `${full.format(count)} ${count === 1 ? "event" : "events"}`;

export function makeTimeline(element, note, go) {
  let asking = new AbortController();
  element.role = "group";
  element.ariaLabel = "Timeline. Each bar is a button; arrow keys lead from one to the next.";
  element.addEventListener("keydown", travel);

  async function show(query) {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const ask = async (unit) => {
      const { groups } = await summary(unit, filters(query), {}, signal);
      return new Map(groups.map((group) => [group[unit], group.count]));
    };
    try {
      const months = await ask("month");
      const unknown = months.get(null) ?? 0;
      months.delete(null);
      const { first, last, outside } = within(months, asked(query));
      if (!first) {
        element.replaceChildren();
        note.textContent = unknown + outside ? said(unknown, outside) : "Nothing to show here.";
        return;
      }
      const isFew = range(first, last, "month")?.length <= FEW;
      const counts = isFew ? await ask("day") : months;
      counts.delete(null);
      const { unit, keys } = scale(counts, first, last, isFew);
      bars(sums(counts, unit), keys, unit);
      note.textContent = said(unknown, outside);
    } catch (error) {
      if (error.name === "AbortError") return;
      element.replaceChildren();
      note.textContent = why(error, "The timeline");
    }
  }

  function bars(counts, keys, unit) {
    const most = Math.max(...keys.map((key) => counts.get(key) ?? 0));
    const step = Math.max(1, Math.ceil(keys.length / WORDS));
    const list = document.createElement("ol");
    if (keys.length > 2 * WORDS) list.className = "dense";
    keys.forEach((key, number) => {
      const item = document.createElement("li");
      const count = counts.get(key) ?? 0;
      if (count) item.append(bar(key, unit, count, most));
      if (number % step === 0) {
        const word = document.createElement("span");
        word.className = "word";
        word.ariaHidden = "true";
        word.textContent = inShort(key, unit, number === 0);
        item.append(word);
      }
      list.append(item);
    });
    const top = document.createElement("p");
    top.className = "scale";
    top.textContent = `Up to ${events(most)} a ${unit}`;
    element.replaceChildren(top, list);
    // One stop of the Tab key for all of them; arrows do the rest.
    const buttons = list.querySelectorAll("button");
    buttons[buttons.length - 1].tabIndex = 0;
  }

  function bar(key, unit, count, most) {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1;
    button.title = `${inWords(key, unit)}: ${events(count)}`;
    button.ariaLabel = `${button.title}. Show this time only`;
    button.style.setProperty("--share", count / most);
    button.addEventListener("click", () => {
      const [from, to] = ends(key, unit);
      go({ date: null, date_from: from, date_to: to });
    });
    return button;
  }

  function travel(event) {
    const buttons = [...element.querySelectorAll("button")];
    const here = buttons.indexOf(document.activeElement);
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (here < 0 || to === undefined || !buttons[to]) return;
    event.preventDefault();
    buttons[here].tabIndex = -1;
    buttons[to].tabIndex = 0;
    buttons[to].focus();
  }
  return { show };
}

// The first and last months with events in the time that was asked for, and how many began outside of it.
function within(months, [from, to]) {
  const keys = [...months.keys()].filter((key) => (!from || key >= from) && (!to || key <= to)).sort();
  const inside = keys.reduce((sum, key) => sum + months.get(key), 0);
  const all = [...months.values()].reduce((sum, count) => sum + count, 0);
  return { first: keys[0], last: keys[keys.length - 1], outside: all - inside };
}

// The smallest unit in which all of the time can be shown.
function scale(counts, first, last, isFew) {
  if (isFew) {
    const days = [...counts.keys()].filter((day) => day >= first && day <= `${last}-31`).sort();
    const keys = range(days[0], days[days.length - 1], "day");
    if (keys) return { unit: "day", keys };
  }
  for (const unit of ["month", "year", "decade"]) {
    const keys = range(first, last, unit);
    if (keys) return { unit, keys };
  }
  return { unit: "decade", keys: [...sums(counts, "decade").keys()].sort().slice(-MOST) };
}

function said(unknown, outside) {
  const text = ["Each bar counts events that began then; selecting it also shows earlier events still going on."];
  if (outside) text.push(`${events(outside)} here began at another time.`);
  if (unknown) text.push(`When ${unknown === 1 ? "1 event" : events(unknown)} began is not known.`);
  return text.join(" ");
}
