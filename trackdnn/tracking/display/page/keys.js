// The keyboard.

const STEP = 40; // pixels

const MOVES = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

const ACTIONS = {
  1: () => setView("3d"),
  2: () => setView("rz"),
  3: () => setView("xy"),
  0: () => {
    resetCamera(state.view);
    requestDraw();
  },
  "+": () => zoom(1.25),
  "=": () => zoom(1.25),
  "-": () => zoom(0.8),
  "[": () => setMinPt(ptOf(sliderOf(state.minPt) - 2)),
  "]": () => setMinPt(ptOf(sliderOf(state.minPt) + 2)),
  o: () => toggle("outline"),
  Escape: () => pick(null),
  "?": () => {
    const help = document.getElementById("help");
    help.open = !help.open;
  },
};

const HELP = [
  ["drag", "turn (3D), move (r-z, x-y)"],
  ["shift-drag, right-drag, two fingers", "move"],
  ["wheel, pinch, + \u2212", "zoom"],
  ["click", "pick; with shift hits only"],
  ["arrows", "turn; with shift move"],
  ["1 2 3", "3D, r-z, x-y"],
  ["0", "view as at the start"],
  ["[ ]", "lower or higher pT"],
  ["letters", "switch layers, as in the legend"],
  ["Esc", "pick nothing"],
  ["?", "this help"],
];

function buildHelp() {
  const rows = HELP.map(([keys, what]) => {
    const row = make("tr");
    row.append(make("td", keys), make("td", what));
    return row;
  });
  document.getElementById("keys").append(...rows);
}

function listenToKeys() {
  for (const { key, shortcut } of scene.legend) ACTIONS[shortcut] = () => toggle(key);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=checkbox])");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const acted = move(event) || act(event.key);
    if (acted) event.preventDefault();
  });
}

function move(event) {
  const step = MOVES[event.key];
  if (!step) return false;
  if (state.view === "3d" && !event.shiftKey) turn(...step);
  else pan(-step[0], -step[1]);
  requestMove();
  return true;
}

function act(key) {
  const action = ACTIONS[key.length === 1 ? key.toLowerCase() : key];
  if (!action) return false;
  action();
  requestDraw();
  return true;
}
