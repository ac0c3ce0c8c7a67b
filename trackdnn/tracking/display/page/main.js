// Puts the parts together.

const canvas = document.getElementById("picture");
const overlay = document.getElementById("axes");
let painter = null;
let waiting = false;
let resting = 0; // the timer that ends a movement; 0 at rest

function requestDraw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    drawAll();
  });
}

// For what follows a hand: a quick frame now, a whole one when the hand rests.
function requestMove() {
  clearTimeout(resting);
  resting = setTimeout(() => {
    resting = 0;
    requestDraw();
  }, 250);
  requestDraw();
}

function drawAll() {
  if (painter && resting) painter.drawMoving();
  else if (painter) painter.draw();
  drawAxes(overlay);
}

// Everything that depends on the state.
function refresh() {
  showLegend();
  showThreshold();
  for (const button of document.querySelectorAll("#views [data-view]"))
    button.setAttribute("aria-pressed", String(button.dataset.view === state.view));
  requestDraw();
}

function setView(view) {
  state.view = view;
  refresh();
}

function pick(picked) {
  state.picked = picked;
  if (painter) painter.pick(picked);
  showPanel();
  requestDraw();
}

function resize() {
  const box = overlay.parentElement.getBoundingClientRect();
  [size.width, size.height] = [Math.max(box.width, 1), Math.max(box.height, 1)];
  // More than two dots per pixel cost time that nobody sees.
  const dots = Math.min(window.devicePixelRatio || 1, 2);
  for (const one of [canvas, overlay]) {
    one.width = Math.round(size.width * dots);
    one.height = Math.round(size.height * dots);
  }
  VIEWS.filter((view) => !moved.has(view)).forEach(resetCamera);
  drawAll();
}

// What the address asks for after its #, such as view=xy&min-pt=1&track=3.
function readAddress() {
  const asked = new URLSearchParams(window.location.hash.slice(1));
  if (VIEWS.includes(asked.get("view"))) state.view = asked.get("view");
  if (Number(asked.get("min-pt")) > 0) state.minPt = Number(asked.get("min-pt"));
  const layers = asked.get("layers")?.split(",");
  if (layers) for (const { key } of scene.legend) state.shown[key] = layers.includes(key);
  const sources = { track: "tracks", particle: "particles", hit: "hits" };
  for (const [name, source] of Object.entries(sources)) {
    const row = Number.parseInt(asked.get(name), 10);
    const count = source === "hits" ? hitCount : scene[source]?.pt.length;
    if (row >= 0 && row < count) pick({ source, row });
  }
  return Number.parseInt(asked.get("bench"), 10);
}

// Frames per second of some forced frames, each read back so that it is finished.
function measure(frames) {
  const whole = () => {
    painter.draw();
    painter.finish();
  };
  const { dataset } = document.documentElement;
  dataset.framesPerSecond = rateOf(whole, frames);
  for (let frame = 0; frame < 10; frame++) painter.drawMoving();
  dataset.movingFramesPerSecond = rateOf(() => painter.drawMoving(), frames);
  dataset.movingShare = painter.share.toFixed(3);
}

function rateOf(drawOne, frames) {
  drawOne(); // the first one compiles
  const start = performance.now();
  for (let frame = 0; frame < frames; frame++) {
    turn(4, 0);
    drawOne();
  }
  return ((1000 * frames) / (performance.now() - start)).toFixed(1);
}

function makePainter() {
  try {
    return new Painter(canvas);
  } catch (error) {
    const trouble = document.getElementById("trouble");
    trouble.hidden = false;
    trouble.textContent =
      `This browser cannot draw the event: ${error.message}. The page needs WebGL 2, ` +
      "which every browser since 2021 has; it may be switched off in its settings.";
    return null;
  }
}

function start() {
  readTheme();
  painter = makePainter();
  buildLegend();
  buildThreshold();
  buildHelp();
  showSummary();
  showPanel();
  for (const button of document.querySelectorAll("#views [data-view]"))
    button.addEventListener("click", () => setView(button.dataset.view));
  document.getElementById("reset").addEventListener("click", ACTIONS[0]);
  listenToPointers(canvas);
  listenToKeys();
  darkness.addEventListener("change", () => {
    readTheme();
    refresh();
  });
  resize();
  const frames = readAddress();
  refresh();
  if (painter && frames > 0) measure(frames);
  new ResizeObserver(resize).observe(overlay.parentElement);
  canvas.addEventListener("webglcontextrestored", () => window.location.reload());
  canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
  document.documentElement.dataset.state = painter ? "ready" : "no-webgl";
}

start();
