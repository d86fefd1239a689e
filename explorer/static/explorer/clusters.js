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

// The radius of a circle whose area says roughly how many there are, from one to millions.
export const radius = (count) => Math.round(13 + 5 * Math.log10(count));
