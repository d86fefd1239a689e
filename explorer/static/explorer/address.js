// Addresses: the query of the page is that of the API, and of every view that can be shared.

// Where a list goes on, which is of no use in another query.
const PAGING = ["cursor", "page"];
// What is said of how a list is written, and not of what it finds.
const OF_LISTS = [...PAGING, "page_size", "sort", "count", "fields", "omit", "include", "format", "bom"];

export const current = () => new URLSearchParams(location.search);

export function changed(query, changes) {
  const next = new URLSearchParams(query);
  PAGING.forEach((name) => next.delete(name));
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}

export function filters(query) {
  const kept = new URLSearchParams(query);
  OF_LISTS.forEach((name) => kept.delete(name));
  return kept;
}

export function address(query) {
  // Readable, as people share it: neither sign has another meaning in a value.
  const text = query.toString().replaceAll("%2F", "/").replaceAll("%3A", ":");
  return text ? `${location.pathname}?${text}` : location.pathname;
}
