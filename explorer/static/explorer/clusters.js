// Places that would lie over one another on the map, as one.

// Points are { x, y, count, ...}, in pixels. Those in one square of a grid are taken together, and then those
// whose circles would lie over one another, the largest first.
export function clusters(points, size) {
  const cells = new Map();
  for (const point of points) {
    const key = `${Math.floor(point.x / size)},${Math.floor(point.y / size)}`;
    const cell = cells.get(key);
    if (cell) cell.push(point);
    else cells.set(key, [point]);
  }
  const found = [...cells.values()].map(together).sort((one, other) => other.count - one.count);
  const most = found[0]?.count;
  const apart = [];
  for (const each of found) {
    each.radius = radius(each.count, most);
    const near = apart.findIndex(({ x, y, radius }) => Math.hypot(x - each.x, y - each.y) < radius + each.radius);
    if (near < 0) {
      apart.push(each);
    } else {
      const both = together([...apart[near].members, ...each.members]);
      apart[near] = { ...both, radius: radius(both.count, most) };
    }
  }
  return apart;
}

function together(members) {
  const count = members.reduce((sum, point) => sum + point.count, 0);
  const mean = (axis) => members.reduce((sum, point) => sum + point[axis] * point.count, 0) / count;
  return { members, count, x: mean("x"), y: mean("y") };
}

const compact = new Intl.NumberFormat("en", { notation: "compact" });
export const short = (count) => compact.format(count);

// The larger the share of the most, the larger the circle; the smallest has room for its number.
function radius(count, most) {
  const share = 12 + Math.min(16, 5 * Math.log10(most)) * Math.min(1, count / most) ** 0.4;
  return Math.round(Math.max(share, 9 + 3 * short(count).length));
}

// The size of a letter of a name, roughly, and of a line of it, in pixels.
const LETTER = 7.6;
const LINE = 16;

// Where names go: beside, under or over their circle, where they hide nothing and are seen whole. A name that
// has no room is left out.
export function placed(circles, view) {
  const taken = circles.map(({ x, y, radius: r }) => ({ x: x - r, y: y - r, width: 2 * r, height: 2 * r }));
  return circles.map(({ x, y, radius: r, name }) => {
    if (!name) return null;
    const width = name.length * LETTER + 4;
    const gap = r + 3;
    const corners = [[gap, -LINE / 2], [-width / 2, gap], [-gap - width, -LINE / 2], [-width / 2, -gap - LINE]];
    for (const [left, top] of corners) {
      const box = { x: x + left, y: y + top, width, height: LINE };
      const isCut = overlap(view, box) && !holds(view, box);
      if (isCut || taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      return { left, top, width };
    }
    return null;
  });
}

function holds(a, b) {
  return a.x <= b.x && a.y <= b.y && a.x + a.width >= b.x + b.width && a.y + a.height >= b.y + b.height;
}

function overlap(a, b) {
  const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
  return !apart;
}
