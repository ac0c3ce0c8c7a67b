// The scene as the page holds it, and what of it is shown.

const ARRAYS = {
  Uint8Array,
  Uint16Array,
  Uint32Array,
  Int32Array,
  BigInt64Array,
  Float32Array,
};

function decode(packed) {
  const text = atob(packed.base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return new ARRAYS[packed.type](bytes.buffer);
}

function decodeAll(columns) {
  if (!columns) return null;
  const entries = Object.entries(columns);
  return Object.fromEntries(entries.map(([name, packed]) => [name, decode(packed)]));
}

function readScene() {
  const read = JSON.parse(document.getElementById("scene").textContent);
  read.hits = decodeAll(read.hits);
  read.particles = decodeAll(read.particles);
  read.tracks = decodeAll(read.tracks);
  for (const entry of read.legend) entry.rows = decode(entry.rows);
  return read;
}

const scene = readScene();
const hitCount = scene.hits.id.length;

const state = {
  view: "3d",
  minPt: scene.minPt,
  shown: Object.fromEntries(scene.legend.map((entry) => [entry.key, entry.shown])),
  outline: true,
  picked: null, // { source: "hits" | "particles" | "tracks", row }
};

const place = scene.hits.place;
const placeOf = (hit) => place.subarray(3 * hit, 3 * hit + 3);
const radiusOf = (hit) => Math.hypot(place[3 * hit], place[3 * hit + 1]);

// Rows of the hits of a particle or a track.
function hitsOf(source, row) {
  const { hits, offsets } = scene[source];
  return hits.subarray(Number(offsets[row]), Number(offsets[row + 1]));
}

// At a threshold of 0 also those whose momentum is not known.
function passes(source, row) {
  return !(state.minPt > 0) || scene[source].pt[row] >= state.minPt;
}

// Particle of each hit, -1 for none.
const ownerOf = new Int32Array(hitCount).fill(-1);
if (scene.particles) {
  for (let row = 0; row < scene.particles.pt.length; row++)
    for (const hit of hitsOf("particles", row)) ownerOf[hit] = row;
}

function tracksWith(hit) {
  const found = [];
  if (!scene.tracks) return found;
  for (let row = 0; row < scene.tracks.pt.length; row++)
    if (hitsOf("tracks", row).includes(hit)) found.push(row);
  return found;
}

function tracksOf(particle) {
  const found = [];
  if (!scene.tracks) return found;
  scene.tracks.particle.forEach((owner, row) => {
    if (owner === particle && scene.tracks.kind[row] < 2) found.push(row);
  });
  return found;
}

// Smallest box around the hits, with the beam line in it.
function boundsOf() {
  const low = [0, 0, 0];
  const high = [0, 0, 0];
  let radius = 1;
  for (let hit = 0; hit < hitCount; hit++) {
    const at = placeOf(hit);
    if (!at.every(Number.isFinite)) continue;
    radius = Math.max(radius, radiusOf(hit));
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis], at[axis]);
      high[axis] = Math.max(high[axis], at[axis]);
    }
  }
  if (high[2] - low[2] < 1) [low[2], high[2]] = [-1, 1];
  return { low, high, radius };
}

const bounds = boundsOf();
