// Places of the detector on the screen: what the shaders do, for picking and labels.

const VIEWS = ["3d", "rz", "xy"];

// In the view's own axes, before its matrix.
function inView(view, x, y, z) {
  if (view === "rz") return [z, Math.hypot(x, y), 0];
  return view === "xy" ? [x, y, 0] : [x, y, z];
}

// Pixels of CSS of one place; NaN behind the eye.
function toScreen(matrix, view, x, y, z) {
  const [a, b, c] = inView(view, x, y, z);
  const at = (row) =>
    matrix[row] * a + matrix[4 + row] * b + matrix[8 + row] * c + matrix[12 + row];
  const w = at(3);
  if (!(w > 0)) return [NaN, NaN];
  return [
    (0.5 + (0.5 * at(0)) / w) * size.width,
    (0.5 - (0.5 * at(1)) / w) * size.height,
  ];
}

// Pixels of all hits, x and y in turn.
function hitsOnScreen() {
  const matrix = matrixOf(state.view);
  const pixels = new Float32Array(2 * hitCount);
  for (let hit = 0; hit < hitCount; hit++) {
    const [x, y, z] = placeOf(hit);
    pixels.set(toScreen(matrix, state.view, x, y, z), 2 * hit);
  }
  return pixels;
}
