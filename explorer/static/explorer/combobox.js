// Suggestions as you type: a text field with a list of choices (ARIA 1.2, combobox).

import { suggest } from "./api.js";

// Milliseconds without a key until it is asked, and letters that are asked for.
const PAUSE = 150;
const FEWEST = 2;

export function upgrade(input, chosen) {
  const list = document.createElement("ul");
  const said = document.createElement("span");
  list.id = `${input.id}-list`;
  list.className = "options";
  list.hidden = true;
  list.role = "listbox";
  list.ariaLabel = input.labels[0].textContent;
  said.className = "unseen";
  said.role = "status";
  input.after(list, said);
  input.role = "combobox";
  input.ariaAutoComplete = "list";
  input.ariaExpanded = "false";
  input.setAttribute("aria-controls", list.id);

  let active = -1;
  let timer;
  let asking = new AbortController();

  function leave() {
    clearTimeout(timer);
    asking.abort();
    active = -1;
    for (const option of list.children) option.ariaSelected = "false";
    input.removeAttribute("aria-activedescendant");
  }

  function close() {
    leave();
    list.hidden = true;
    input.ariaExpanded = "false";
  }

  function move(to) {
    const options = [...list.children];
    if (!options.length) return;
    active = (to + options.length) % options.length;
    options.forEach((option, number) => (option.ariaSelected = String(number === active)));
    options[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[active].id);
  }

  function choose(record) {
    name(input, record.id, record.name);
    close();
    chosen();
  }

  function open(records) {
    list.replaceChildren(...records.map((record, number) => option(list, record, number)));
    list.hidden = !records.length;
    leave();
    input.ariaExpanded = String(records.length > 0);
    const suggestions = records.length === 1 ? "1 suggestion" : `${records.length} suggestions`;
    said.textContent = records.length ? suggestions : "No suggestions";
    list.records = records;
  }

  async function ask() {
    const text = input.value.trim();
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    if (text.length < FEWEST) {
      close();
      return;
    }
    try {
      const records = await suggest(input.dataset.suggests, text, signal);
      if (!signal.aborted && document.activeElement === input) open(records);
    } catch {
      // Without suggestions it is a text field like any other.
    }
  }

  // Whoever goes on to write means none of those any more.
  input.addEventListener("input", () => {
    leave();
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const isOpen = !list.hidden;
    if (event.key === "ArrowDown" && !isOpen) ask();
    else if (event.key === "ArrowDown") move(active + 1);
    else if (event.key === "ArrowUp" && isOpen) move(active < 0 ? -1 : active - 1);
    else if (event.key === "Enter" && isOpen && active >= 0) choose(list.records[active]);
    else if (event.key === "Escape" && isOpen) close();
    else return;
    event.preventDefault();
  });
  // Before the field loses the focus.
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const number = [...list.children].indexOf(event.target.closest("[role=option]"));
    if (number >= 0) choose(list.records[number]);
  });
  return close;
}

// What a field shows is a name; what it stands for is the record, until somebody writes something else.
export function name(input, id, text) {
  input.value = text;
  input.dataset.id = id;
  input.dataset.name = text;
}

export function valueOf(input) {
  const { id, name } = input.dataset;
  return id && input.value === name ? id : input.value.trim();
}

function option(list, record, number) {
  const item = document.createElement("li");
  item.id = `${list.id}-${number}`;
  item.role = "option";
  item.ariaSelected = "false";
  const more = document.createElement("small");
  const around = record.ancestors?.toReversed() ?? [record.country];
  const names = around.map((place) => place?.name).filter((name) => name && name !== record.name);
  more.textContent = [record.kind.replaceAll("-", " "), ...names].join(", ");
  item.append(record.name, " ", more);
  return item;
}
