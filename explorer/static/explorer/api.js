// The public API, as any page may ask it.

export class Problem extends Error {
  constructor(document) {
    super(document.detail);
    this.status = document.status;
  }
}

// Why something could not be shown. What is wrong with a query is told beside the form.
export function why(error, what) {
  const said = {
    400: "Nothing to show here.",
    429: `${what} has to wait: too much was asked for in a short time.`,
    503: `${what} has to wait: the service is busy.`,
  };
  return said[error.status] ?? `${what} did not arrive.`;
}

// How often it is asked again where the service is busy, which says after how many seconds.
const TRIES = 2;
const BUSY = 503;

export async function patiently(address, options = {}) {
  for (let left = TRIES; ; left -= 1) {
    const response = await fetch(address, options);
    if (response.status !== BUSY || !left) return response;
    await pause(Number(response.headers.get("Retry-After")), options.signal);
  }
}

async function ask(path, query, signal) {
  const response = await patiently(`/api/${path}?${query}`, { signal });
  const answer = await response.json();
  if (!response.ok) throw new Problem(answer);
  return answer;
}

function pause(seconds, signal) {
  return new Promise((go, stop) => {
    const timer = setTimeout(go, 1000 * seconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      stop(signal.reason);
    });
  });
}

let last = Promise.resolve();

// Counts of the events that a query finds, in groups. One is asked for at a time: of millions of events they cost
// much, and the service has few places for what does. Nor is one broken off, as the service would not notice.
export function summary(by, filters, more, signal) {
  const query = new URLSearchParams([["by", by], ...filters, ...Object.entries(more)]);
  const turn = last.then(async () => {
    signal.throwIfAborted();
    const answer = await ask("events/summary", query);
    signal.throwIfAborted();
    return answer;
  });
  last = turn.catch(() => {});
  return turn;
}

// What of records is told with their names, so that they can be told apart.
const TOLD = { places: "id,name,kind,ancestors", actors: "id,name,kind,country" };

// Records of a collection whose names begin so, or hold it.
export async function suggest(collection, text, signal) {
  const query = new URLSearchParams({ q: text, page_size: 8, count: "none", fields: TOLD[collection] });
  return (await ask(collection, query, signal)).results;
}
