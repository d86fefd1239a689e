// Places that would lie over one another on the map, as one.

// Points are { x, y, count, ...}, in pixels; those in one square of a grid are taken together.
export function clusters(points, size) {
  const cells = new Map();
  for (const point of points) {
    const key = `${Math.floor(point.x / size)},${Math.floor(point.y / size)}`;
    const cell = cells.get(key);
    if (cell) cell.push(point);
    else cells.set(key, [point]);
  }
  return [...cells.values()].map((members) => {
    const count = members.reduce((sum, { count }) => sum + count, 0);
    const mean = (axis) => members.reduce((sum, point) => sum + point[axis] * point.count, 0) / count;
    return { members, count, x: mean("x"), y: mean("y") };
  });
}

// The size of a letter of a name, roughly, and of a line of it, in pixels.
const LETTER = 7.6;
const LINE = 16;

// Where names go: beside, under or over their circle, where they hide nothing. A name that has no room is left out.
export function placed(circles) {
  const taken = circles.map(({ x, y, radius: r }) => ({ x: x - r, y: y - r, width: 2 * r, height: 2 * r }));
  return circles.map(({ x, y, radius: r, name }) => {
    if (!name) return null;
    const width = name.length * LETTER + 4;
    const gap = r + 3;
    const corners = [[gap, -LINE / 2], [-width / 2, gap], [-gap - width, -LINE / 2], [-width / 2, -gap - LINE]];
    for (const [left, top] of corners) {
      const box = { x: x + left, y: y + top, width, height: LINE };
      if (taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      return { left, top, width };
    }
    return null;
  });
}

function overlap(a, b) {
  const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
  return !apart;
}

// The radius of a circle whose area says roughly how many there are, from one to millions.
export const radius = (count) => Math.round(13 + 5 * Math.log10(count));
