// What is nearest to a place on the screen.

const NEAR_LINE = 7;
const NEAR_HIT = 10;

// A line before a hit: hits lie on lines, and its panel leads to them.
function pickAt(x, y, hitsOnly) {
  const pixels = hitsOnScreen();
  return (hitsOnly ? null : nearestLine(pixels, x, y)) || nearestHit(pixels, x, y);
}

function nearestHit(pixels, x, y) {
  let best = { away: NEAR_HIT, row: -1 };
  for (const { key, source, rows } of scene.legend) {
    if (source !== "hits" || !state.shown[key]) continue;
    for (const row of rows) {
      const away = Math.hypot(pixels[2 * row] - x, pixels[2 * row + 1] - y);
      if (away < best.away) best = { away, row };
    }
  }
  return best.row < 0 ? null : { source: "hits", row: best.row };
}

function nearestLine(pixels, x, y) {
  let best = { away: NEAR_LINE };
  // What lies on top comes first, and is beaten only by what is nearer.
  for (const { key, source, rows } of [...scene.legend].reverse()) {
    if (source === "hits" || !state.shown[key]) continue;
    for (const row of rows) {
      if (!passes(source, row)) continue;
      const away = distanceToLine(pixels, hitsOf(source, row), x, y);
      if (away < best.away) best = { away, source, row };
    }
  }
  return best.source ? { source: best.source, row: best.row } : null;
}

function distanceToLine(pixels, hits, x, y) {
  let least = Infinity;
  for (let at = 1; at < hits.length; at++) {
    const [one, other] = [2 * hits[at - 1], 2 * hits[at]];
    const [dx, dy] = [pixels[other] - pixels[one], pixels[other + 1] - pixels[one + 1]];
    const [px, py] = [x - pixels[one], y - pixels[one + 1]];
    const square = dx * dx + dy * dy;
    const along = square > 0 ? (px * dx + py * dy) / square : 0;
    const on = Math.max(0, Math.min(1, along));
    const away = Math.hypot(px - on * dx, py - on * dy);
    if (away < least) least = away;
  }
  return least;
}
