// What is known of the thing that is picked. All text is set as text, never as HTML.

const MOST_ROWS = 300;
const KINDS = ["matched track", "duplicate", "fake track", "track"];

function make(tag, text = "", name = "") {
  const element = document.createElement(tag);
  if (text !== "") element.textContent = text;
  if (name) element.className = name;
  return element;
}

const digits = (value, count) =>
  Number.isNaN(value) ? "unknown" : value.toFixed(count).replace("-", "\u2212");
const percent = (value) => `${(100 * value).toFixed(0)} %`;
const momentum = (pt) =>
  pt > 1e3 ? "more than 1000 GeV" : `${digits(pt, pt < 10 ? 3 : 1)} GeV`.replace("n GeV", "n");

function showPanel() {
  const panel = document.getElementById("panel");
  panel.replaceChildren();
  if (!state.picked) {
    panel.append(make("p", "Click a track, a particle or a hit. Shift-click: hits only."));
    return;
  }
  const { source, row } = state.picked;
  const describe = { hits: describeHit, particles: describeParticle, tracks: describeTrack };
  panel.append(...describe[source](row));
}

function facts(rows) {
  const list = make("dl");
  for (const [name, value] of rows) {
    const held = make("dd");
    held.append(...[value].flat());
    list.append(make("dt", name), held);
  }
  return list;
}

// Something that picks another thing when it is clicked.
function link(text, source, row) {
  const button = make("button", text);
  button.type = "button";
  button.addEventListener("click", () => pick({ source, row }));
  return button;
}

const links = (rows, source, name) =>
  rows.length ? rows.flatMap((row) => [link(name(row), source, row), " "]) : "none";
const particleName = (row) => String(scene.particles.id[row]);
const trackName = (row) => `track ${row}`;

function describeTrack(row) {
  const { kind, pt, eta, particle, purity, share } = scene.tracks;
  const hits = hitsOf("tracks", row);
  const judged = kind[row] < 3;
  const own = particle[row];
  const fitted = kind[row] > 1;
  const rows = [
    ["pT", `${momentum(pt[row])}${fitted ? ` (circle, ${scene.field} T)` : ""}`],
    ["eta", `${digits(eta[row], 3)}${fitted ? " (first to last hit)" : ""}`],
  ];
  if (judged && own < 0) rows.push(["most hits of", "nobody: noise"]);
  if (judged && own >= 0) {
    const name = kind[row] === 2 ? "most hits of" : "particle";
    rows.push([name, link(particleName(own), "particles", own)]);
    rows.push(["purity", `${percent(purity[row])} of the track's hits`]);
    rows.push(["found", `${percent(share[row])} of the particle's hits`]);
  }
  rows.push(["hits", String(hits.length)]);
  const title = `${KINDS[kind[row]]} ${row}`;
  const table = hitTable(hits, judged ? (hit) => own >= 0 && ownerOf[hit] === own : null);
  return [make("h2", title), facts(rows), table];
}

function describeParticle(row) {
  const { id, pt, eta, phi, charge, vertex } = scene.particles;
  const hits = hitsOf("particles", row);
  const [x, y, z] = vertex.subarray(3 * row, 3 * row + 3);
  const rows = [
    ["pT", momentum(pt[row])],
    ["eta, phi", `${digits(eta[row], 3)}, ${digits(phi[row], 3)}`],
    ["charge", charge[row] ? String(charge[row]) : "unknown"],
    ["made at", `r ${digits(Math.hypot(x, y), 2)}, z ${digits(z, 2)} mm`],
  ];
  if (scene.tracks) rows.push(["found as", links(tracksOf(row), "tracks", trackName)]);
  rows.push(["hits", String(hits.length)]);
  return [make("h2", `particle ${id[row]}`), facts(rows), hitTable(hits, null)];
}

function describeHit(row) {
  const [x, y, z] = placeOf(row);
  const [volume, layer] = scene.layers[scene.hits.layer[row]];
  const own = ownerOf[row];
  const rows = [
    ["x, y, z", `${digits(x, 2)}, ${digits(y, 2)}, ${digits(z, 2)} mm`],
    ["r, phi", `${digits(radiusOf(row), 2)} mm, ${digits(Math.atan2(y, x), 4)}`],
    ["volume", String(volume)],
    ["layer, module", `${layer}, ${scene.hits.module[row]}`],
  ];
  if (scene.particles) {
    const made = own < 0 ? "none: noise" : link(particleName(own), "particles", own);
    rows.push(["particle", made]);
  }
  if (scene.tracks) rows.push(["on", links(tracksWith(row), "tracks", trackName)]);
  return [make("h2", `hit ${scene.hits.id[row]}`), facts(rows)];
}

// `isOwn` marks hits of the track's particle, and the others.
function hitTable(hits, isOwn) {
  const table = make("table");
  const head = make("tr");
  for (const name of ["hit_id", "r", "phi", "z", "vol/lay/mod"]) head.append(make("th", name));
  table.append(head, ...Array.from(hits.slice(0, MOST_ROWS), (hit) => hitRow(hit, isOwn)));
  if (hits.length > MOST_ROWS) {
    const more = make("td", `and ${hits.length - MOST_ROWS} more`);
    more.colSpan = 5;
    table.append(more);
  }
  return table;
}

function hitRow(hit, isOwn) {
  const [x, y, z] = placeOf(hit);
  const row = make("tr", "", isOwn ? (isOwn(hit) ? "own" : "foreign") : "");
  if (isOwn) row.title = isOwn(hit) ? "of this particle" : "of another particle or noise";
  const name = make("td");
  name.append(link(String(scene.hits.id[hit]), "hits", hit));
  const module = [...scene.layers[scene.hits.layer[hit]], scene.hits.module[hit]].join("/");
  const numbers = [digits(radiusOf(hit), 1), digits(Math.atan2(y, x), 4), digits(z, 1)];
  row.append(name, ...[...numbers, module].map((text) => make("td", text)));
  return row;
}
