// Where the eye is in each view. Lengths in mm; sizes in pixels of CSS.

const OPENING = Math.PI / 5;
const MARGIN = { left: 62, bottom: 46, right: 18, top: 18 };
const size = { width: 1, height: 1 };
const cameras = { "3d": null, rz: null, xy: null };

// Views that the user has moved; the others fit themselves to the window.
const moved = new Set();

function resetCamera(view) {
  moved.delete(view);
  if (view === "3d") cameras[view] = orbitAround();
  else cameras[view] = view === "rz" ? fitted(...boxRz(), false) : fitted(...boxXy(), true);
}

function orbitAround() {
  const { low, high, radius } = bounds;
  const target = [0, 0, (low[2] + high[2]) / 2];
  const length = (high[2] - low[2]) / 2;
  const [yaw, pitch] = [0.95, 0.35];
  const distance = 1.06 * farEnough(directions({ yaw, pitch }), radius, length);
  return { yaw, pitch, distance, target, half: Math.hypot(radius, length) };
}

// From where all of a cylinder is seen.
function farEnough({ right, up, back }, radius, length) {
  const [wide, high] = [size.width / size.height, 1].map(
    (part) => part * Math.tan(OPENING / 2),
  );
  let distance = 0;
  for (let step = 0; step < 48; step++) {
    const phi = (Math.PI * step) / 12;
    const z = step < 24 ? length : -length;
    const rim = [radius * Math.cos(phi), radius * Math.sin(phi), z];
    const along = (axis) => axis[0] * rim[0] + axis[1] * rim[1] + axis[2] * rim[2];
    const aside = Math.max(Math.abs(along(right)) / wide, Math.abs(along(up)) / high);
    distance = Math.max(distance, along(back) + aside);
  }
  return distance;
}

const boxRz = () => [
  [bounds.low[2], 0],
  [bounds.high[2], bounds.radius],
];
const boxXy = () => [
  [-bounds.radius, -bounds.radius],
  [bounds.radius, bounds.radius],
];

// A box in the middle of what the axes leave free; `even`: same scale both ways.
function fitted(low, high, even) {
  const free = [
    Math.max(size.width - MARGIN.left - MARGIN.right, 20),
    Math.max(size.height - MARGIN.bottom - MARGIN.top, 20),
  ];
  let scale = free.map((length, axis) => (0.96 * length) / (high[axis] - low[axis]));
  if (even) scale = scale.map(() => Math.min(...scale));
  const shift = [MARGIN.left - MARGIN.right, MARGIN.bottom - MARGIN.top];
  const centre = [0, 1].map(
    (axis) => (low[axis] + high[axis]) / 2 - shift[axis] / 2 / scale[axis],
  );
  return { centre, scale };
}

function directions({ yaw, pitch }) {
  const [sy, cy] = [Math.sin(yaw), Math.cos(yaw)];
  const [sp, cp] = [Math.sin(pitch), Math.cos(pitch)];
  return {
    right: [cy, 0, -sy],
    up: [-sp * sy, cp, -sp * cy],
    back: [cp * sy, sp, cp * cy],
  };
}

function matrixOf(view) {
  const camera = cameras[view];
  if (view !== "3d") return flat(camera.centre, camera.scale, size.width, size.height);
  const frame = directions(camera);
  const eye = camera.target.map((at, axis) => at + camera.distance * frame.back[axis]);
  const near = camera.distance / 200;
  const far = camera.distance + 4 * camera.half;
  const lens = perspective(OPENING, size.width / size.height, near, far);
  return multiply(lens, fromEye(eye, frame));
}

// Moves what is seen by pixels.
function pan(dx, dy) {
  moved.add(state.view);
  const camera = cameras[state.view];
  if (state.view !== "3d") {
    camera.centre[0] -= dx / camera.scale[0];
    camera.centre[1] += dy / camera.scale[1];
    return;
  }
  const { right, up } = directions(camera);
  const step = (2 * camera.distance * Math.tan(OPENING / 2)) / size.height;
  camera.target = camera.target.map(
    (at, axis) => at - step * (dx * right[axis] - dy * up[axis]),
  );
}

function turn(dx, dy) {
  moved.add("3d");
  const camera = cameras["3d"];
  camera.yaw -= dx * 0.006;
  camera.pitch = Math.max(-1.55, Math.min(1.55, camera.pitch + dy * 0.006));
}

// What is under the pixel stays there in the flat views.
function zoom(factor, x = size.width / 2, y = size.height / 2) {
  const camera = cameras[state.view];
  moved.add(state.view);
  if (state.view === "3d") {
    const distance = camera.distance / factor;
    camera.distance = Math.max(1, Math.min(20 * camera.half, distance));
    return;
  }
  const away = [x - size.width / 2, size.height / 2 - y];
  const now = camera.scale;
  camera.scale = now.map((scale) => Math.max(1e-3, Math.min(1e4, scale * factor)));
  camera.centre = camera.centre.map(
    (at, axis) => at + away[axis] * (1 / now[axis] - 1 / camera.scale[axis]),
  );
}
