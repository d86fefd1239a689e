// Days, months, years and decades, as texts: 2020-11-20, 2020-11, 2020, 202.

const DAY = 86_400_000;

// How much of a day stands for each, and how many bars there may be of it.
const CUTS = { day: 10, month: 7, year: 4, decade: 3 };
export const MOST = 120;

const monthName = new Intl.DateTimeFormat("en", { month: "long", timeZone: "UTC" });
const shortName = new Intl.DateTimeFormat("en", { month: "short", timeZone: "UTC" });
const utc = (key) => new Date(`${key}T00:00:00Z`);

const NEXT = {
  day: (key) => new Date(utc(key).getTime() + DAY).toISOString().slice(0, 10),
  month: (key) => {
    const [year, month] = key.split("-").map(Number);
    return month < 12 ? `${key.slice(0, 5)}${pad(month + 1, 2)}` : `${pad(year + 1, 4)}-01`;
  },
  year: (key) => pad(Number(key) + 1, 4),
  decade: (key) => pad(Number(key) + 1, 3),
};

const pad = (number, length) => String(number).padStart(length, "0");

// Counts of a finer unit added up, by key.
export function sums(counts, unit) {
  const added = new Map();
  for (const [key, count] of counts) {
    const cut = key.slice(0, CUTS[unit]);
    added.set(cut, (added.get(cut) ?? 0) + count);
  }
  return added;
}

// All keys from one to another, without gaps; null if there are more than can be shown.
export function range(first, last, unit) {
  const [from, to] = [first, last].map((key) => key.slice(0, CUTS[unit]));
  const keys = [];
  for (let key = from; key <= to; key = NEXT[unit](key)) {
    if (keys.length === MOST) return null;
    keys.push(key);
  }
  return keys;
}

export function inWords(key, unit) {
  if (unit === "decade") return `${key}0s`;
  if (unit === "year") return String(Number(key));
  const time = utc(unit === "month" ? `${key}-01` : key);
  const month = `${monthName.format(time)} ${time.getUTCFullYear()}`;
  return unit === "month" ? month : `${time.getUTCDate()} ${month}`;
}

// What stands under a bar: the year where it begins, else less.
export function inShort(key, unit, isFirst) {
  if (unit === "decade" || unit === "year") return inWords(key, unit);
  const time = utc(unit === "month" ? `${key}-01` : key);
  const month = shortName.format(time);
  if (unit === "month") return isFirst || key.endsWith("-01") ? `${month} ${time.getUTCFullYear()}` : month;
  return isFirst || time.getUTCDate() === 1 ? `${time.getUTCDate()} ${month}` : String(time.getUTCDate());
}

// The first and the last part of time that a key stands for, as the API takes them.
export const ends = (key, unit) => (unit === "decade" ? [`${key}0`, `${key}9`] : [key, key]);

// The months that a query asks for; what it leaves open is null.
export function asked(query) {
  const [since, until] = (query.get("date") ?? "").split("/");
  const from = query.get("date_from") ?? since;
  const to = query.get("date_to") ?? until ?? since;
  const month = (text, rest) => (/^\d{4}/.test(text ?? "") ? (text.length > 4 ? text : text + rest).slice(0, 7) : null);
  return [month(from, "-01"), month(to, "-12")];
}
