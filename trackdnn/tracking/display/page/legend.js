// The legend with its switches and counts, and the threshold.

// The slider runs from 0 to 100; above 0 it is logarithmic, 0.1 to 10 GeV.
const sliderOf = (pt) => (pt > 0 ? Math.max(1, Math.min(100, 50 * Math.log10(10 * pt))) : 0);
const ptOf = (slider) => (slider > 0 ? Number((0.1 * 10 ** (slider / 50)).toPrecision(2)) : 0);

function switchRow(key, title, shortcut, dot) {
  const row = make("label");
  const box = make("input");
  box.type = "checkbox";
  box.addEventListener("change", () => toggle(key));
  const words = make("span", `${title} `);
  words.append(make("kbd", shortcut));
  row.append(box, make("span", "", dot ? "swatch dot" : "swatch"), words);
  row.append(make("span", "", "count"));
  row.dataset.key = key;
  return row;
}

function buildLegend() {
  const rows = [...scene.legend]
    .reverse()
    .map(({ key, title, shortcut, source }) =>
      switchRow(key, title, shortcut, source === "hits"),
    );
  rows.push(switchRow("outline", "layers with hits", "o", false));
  document.getElementById("legend").append(...rows);
}

function toggle(key) {
  if (key === "outline") state.outline = !state.outline;
  else state.shown[key] = !state.shown[key];
  refresh();
}

const number = (count) => count.toLocaleString("en").replaceAll(",", "\u202f");

function countOf(key) {
  if (key === "outline") return number(scene.outline.length);
  const { source, rows } = scene.legend.find((entry) => entry.key === key);
  if (source === "hits" || !(state.minPt > 0)) return number(rows.length);
  const passing = rows.reduce((sum, row) => sum + (passes(source, row) ? 1 : 0), 0);
  return `${number(passing)} of ${number(rows.length)}`;
}

function showLegend() {
  for (const row of document.querySelectorAll("#legend label")) {
    const { key } = row.dataset;
    const on = key === "outline" ? state.outline : state.shown[key];
    const colour = key === "outline" ? theme.outline : theme.colours[key];
    row.className = on ? "" : "off";
    row.querySelector("input").checked = on;
    row.querySelector(".swatch").style.background = css(colour);
    row.querySelector(".count").textContent = countOf(key);
  }
}

function buildThreshold() {
  const [slider, box] = thresholdInputs();
  document.getElementById("threshold").hidden = !scene.particles && !scene.tracks;
  slider.addEventListener("input", () => setMinPt(ptOf(Number(slider.value))));
  box.addEventListener("change", () => setMinPt(Number(box.value)));
}

const thresholdInputs = () => ["pt-slider", "pt-number"].map((id) => document.getElementById(id));

function setMinPt(pt) {
  state.minPt = pt > 0 ? pt : 0;
  refresh();
}

function showThreshold() {
  const [slider, box] = thresholdInputs();
  slider.value = sliderOf(state.minPt);
  box.value = state.minPt;
}

function showSummary() {
  document.getElementById("name").textContent = scene.name;
  const parts = [`${number(hitCount)} hits`];
  if (scene.particles) {
    const all = scene.legend.find(({ key }) => key === "particles").rows.length;
    const few = scene.particles.pt.length - all;
    parts.push(`${number(all)} particles with ${scene.leastHits} hits or more`);
    if (few) parts.push(`${number(few)} with fewer (no line)`);
  }
  if (scene.tracks) parts.push(`${number(scene.tracks.pt.length)} tracks`);
  document.getElementById("summary").textContent = parts.join(" \u00b7 ");
}
