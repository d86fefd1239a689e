// The form of filters: what is empty is not sent, and names that were chosen are sent as the records they stand for.

import { name, upgrade as suggesting, valueOf } from "./combobox.js";

const suggests = (form) => form.querySelectorAll("[data-suggests]");

export function upgrade(form, go) {
  const send = () => go(queryOf(form));
  named(form);
  const closers = [...suggests(form)].map((input) => suggesting(input, send));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    closers.forEach((close) => close());
    send();
  });
}

// Show in the form what another page's form shows.
export function fill(form, other) {
  for (const theirs of other.querySelectorAll("[id^=f-]")) {
    const ours = form.querySelector(`#${theirs.id}`);
    const { value } = theirs;
    if (ours.localName === "select") ours.replaceChildren(...theirs.childNodes);
    ours.value = value;
    for (const told of ["aria-invalid", "aria-describedby"]) {
      ours.toggleAttribute(told, theirs.hasAttribute(told));
      if (theirs.hasAttribute(told)) ours.setAttribute(told, theirs.getAttribute(told));
    }
    delete ours.dataset.id;
    delete ours.dataset.name;
    if (theirs.dataset.name) ours.dataset.name = theirs.dataset.name;
  }
  form.querySelector(".kept").replaceChildren(...other.querySelector(".kept").childNodes);
  const more = form.querySelector("details");
  if (more && other.querySelector("details").open) more.open = true;
  named(form);
}

// The server writes the id, which is sent without scripts as it stands, and what it is called beside.
function named(form) {
  for (const input of suggests(form)) {
    if (input.dataset.name) name(input, input.value, input.dataset.name);
  }
}

function queryOf(form) {
  const query = new URLSearchParams();
  for (const control of form.elements) {
    const value = control.dataset.suggests ? valueOf(control) : control.value.trim();
    if (control.name && value) query.append(control.name, value);
  }
  return query;
}
