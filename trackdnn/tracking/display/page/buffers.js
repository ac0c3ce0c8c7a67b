// What the graphics card holds: all hits once, and the segments of each set of lines.

const FLOATS = 8; // of a segment: twice a place and the momentum
const CROWD = 5000; // segments from which on lines are one dot wide
const CORNERS = new Float32Array([0, -1, 0, 1, 1, -1, 1, 1]);

function bufferOf(gl, target, values) {
  const buffer = gl.createBuffer();
  gl.bindBuffer(target, buffer);
  gl.bufferData(target, values, gl.STATIC_DRAW);
  return buffer;
}

function attribute(gl, at, length, stride, offset, each) {
  gl.enableVertexAttribArray(at);
  gl.vertexAttribPointer(at, length, gl.FLOAT, false, 4 * stride, 4 * offset);
  gl.vertexAttribDivisor(at, each);
}

// Some of the hits, by their rows.
function pointSet(gl, program, allHits, rows) {
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, allHits);
  attribute(gl, program.at("place"), 3, 0, 0, 0);
  const index = bufferOf(gl, gl.ELEMENT_ARRAY_BUFFER, Uint32Array.from(rows));
  gl.bindVertexArray(null);
  return { array, owned: [index], count: rows.length };
}

// In another order, the same each time: the first ones are a fair share of all.
function shuffled(rows) {
  const mixed = Uint32Array.from(rows);
  let seed = 1;
  for (let last = mixed.length - 1; last > 0; last--) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((seed / 2 ** 32) * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
  }
  return mixed;
}

// Segments one dot wide, as `FLOATS` numbers each.
function thinSet(gl, program, segments) {
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  const buffer = bufferOf(gl, gl.ARRAY_BUFFER, segments);
  attribute(gl, program.at("place"), 3, FLOATS / 2, 0, 0);
  attribute(gl, program.at("pt"), 1, FLOATS / 2, 3, 0);
  gl.bindVertexArray(null);
  return { array, owned: [buffer], count: segments.length / FLOATS, thin: true };
}

// Segments of any width, as `FLOATS` numbers each.
function wideSet(gl, program, corners, segments) {
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, corners);
  attribute(gl, program.at("corner"), 2, 0, 0, 0);
  const buffer = bufferOf(gl, gl.ARRAY_BUFFER, segments);
  attribute(gl, program.at("start"), 3, FLOATS, 0, 1);
  attribute(gl, program.at("pt"), 1, FLOATS, 3, 1);
  attribute(gl, program.at("end"), 3, FLOATS, 4, 1);
  gl.bindVertexArray(null);
  return { array, owned: [buffer], count: segments.length / FLOATS };
}

function release(gl, set) {
  if (!set) return;
  gl.deleteVertexArray(set.array);
  set.owned.forEach((buffer) => gl.deleteBuffer(buffer));
}

// Segments of particles or tracks, from hit to hit.
function segmentsOf(source, rows) {
  let count = 0;
  for (const row of rows) count += Math.max(hitsOf(source, row).length - 1, 0);
  const segments = new Float32Array(FLOATS * count);
  let at = 0;
  for (const row of rows) {
    const hits = hitsOf(source, row);
    const pt = scene[source].pt[row];
    // Comparisons with NaN are not reliable on every card.
    const known = Number.isNaN(pt) ? -1 : Math.min(pt, 1e9);
    for (let one = 1; one < hits.length; one++, at += FLOATS) {
      segments.set(placeOf(hits[one - 1]), at);
      segments.set(placeOf(hits[one]), at + 4);
      segments[at + 3] = segments[at + 7] = known;
    }
  }
  return segments;
}

const AROUND = 72;

function circle(r, z) {
  const at = (step) => {
    const phi = (2 * Math.PI * step) / AROUND;
    return [r * Math.cos(phi), r * Math.sin(phi), z];
  };
  const piece = (_, step) => [...at(step), 0, ...at(step + 1), 0];
  return Array.from({ length: AROUND }, piece);
}

// The layers as they look in a view: rims in 3D, sections in the flat ones.
function outlineSegments(view) {
  const segments = scene.outline.flatMap((layer) => {
    const { barrel, r_low: low, r_high: high, z_low: from, z_high: to } = layer;
    if (view === "rz") return [[low, 0, from, 0, high, 0, to, 0]];
    if (view === "xy") return barrel ? circle(low, 0) : [];
    return barrel
      ? [...circle(low, from), ...circle(low, to)]
      : [...circle(low, from), ...circle(high, from)];
  });
  return Float32Array.from(segments.flat());
}
