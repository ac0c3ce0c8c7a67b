// Drag, wheel and touch.

const CLICK = 4; // pixels a click may move

function listenToPointers(canvas) {
  const down = new Map();
  let far = 0;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.focus();
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (down.size === 1) far = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!down.has(event.pointerId)) return;
    const from = down.get(event.pointerId);
    const to = [event.offsetX, event.offsetY];
    far += Math.hypot(to[0] - from[0], to[1] - from[1]);
    const others = [...down].filter(([id]) => id !== event.pointerId);
    if (others.length) pinch(from, to, others[0][1]);
    else if (far > CLICK) drag(event, to[0] - from[0], to[1] - from[1]);
    down.set(event.pointerId, to);
    requestMove();
  });
  const up = (event) => {
    const clicked = down.size === 1 && far <= CLICK && event.type === "pointerup";
    down.delete(event.pointerId);
    if (clicked && event.button === 0)
      pick(pickAt(event.offsetX, event.offsetY, event.shiftKey));
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("wheel", wheel, { passive: false });
}

function drag(event, dx, dy) {
  const turns = state.view === "3d" && !event.shiftKey && event.buttons === 1;
  if (turns) turn(dx, dy);
  else pan(dx, dy);
}

// Two fingers: their distance zooms, their middle pans.
function pinch(from, to, other) {
  const apart = (one) => Math.max(Math.hypot(one[0] - other[0], one[1] - other[1]), 1);
  const middle = [(to[0] + other[0]) / 2, (to[1] + other[1]) / 2];
  zoom(apart(to) / apart(from), ...middle);
  pan((to[0] - from[0]) / 2, (to[1] - from[1]) / 2);
}

function wheel(event) {
  event.preventDefault();
  // Lines and pages are how some mice count.
  const unit = [1, 16, 100][event.deltaMode];
  const step = Math.max(-300, Math.min(300, event.deltaY * unit));
  zoom(Math.exp(-step * 0.0015), event.offsetX, event.offsetY);
  requestMove();
}
