// The public API, as any page may ask it.

export class Problem extends Error {
  constructor(document) {
    super(document.detail);
    this.status = document.status;
  }
}

async function ask(path, query, signal) {
  const response = await fetch(`/api/${path}?${query}`, { signal });
  const answer = await response.json();
  if (!response.ok) throw new Problem(answer);
  return answer;
}

// Counts of the events that a query finds, in groups.
export function summary(by, filters, more, signal) {
  return ask("events/summary", new URLSearchParams([["by", by], ...filters, ...Object.entries(more)]), signal);
}

// Records of a collection whose names begin so or sound like it.
export async function suggest(collection, text, signal) {
  const query = new URLSearchParams({ q: text, page_size: 8, count: "none", fields: "id,name,kind,country" });
  return (await ask(collection, query, signal)).results;
}
