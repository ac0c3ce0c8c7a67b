// Axes with their units, over the picture.

function drawAxes(canvas) {
  const pen = canvas.getContext("2d");
  const scale = canvas.width / size.width;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, size.width, size.height);
  pen.font = "12px system-ui, sans-serif";
  pen.strokeStyle = pen.fillStyle = css(theme.quiet);
  pen.lineWidth = 1;
  if (state.view === "3d") drawDirections(pen);
  else drawRulers(pen, state.view === "rz" ? ["z (mm)", "r (mm)"] : ["x (mm)", "y (mm)"]);
}

// A round step so that marks are about `gap` pixels apart.
function stepOf(scale, gap) {
  const least = gap / scale;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((one) => one * power).find((step) => step >= least);
}

function drawRulers(pen, titles) {
  const { centre, scale } = cameras[state.view];
  const [left, bottom] = [MARGIN.left - 6.5, size.height - MARGIN.bottom + 6.5];
  clearMargins(pen, left, bottom);
  pen.beginPath();
  pen.moveTo(left, 0);
  pen.lineTo(left, bottom);
  pen.lineTo(size.width, bottom);
  pen.textAlign = "center";
  pen.textBaseline = "top";
  marks(centre[0], scale[0], size.width, 90).forEach(([value, at]) => {
    const x = size.width / 2 + at;
    if (x < left) return;
    pen.moveTo(x, bottom);
    pen.lineTo(x, bottom + 5);
    pen.fillText(value, x, bottom + 8);
  });
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  marks(centre[1], scale[1], size.height, 60).forEach(([value, at]) => {
    const y = size.height / 2 - at;
    if (y > bottom) return;
    pen.moveTo(left, y);
    pen.lineTo(left - 5, y);
    pen.fillText(value, left - 8, y);
  });
  pen.stroke();
  writeTitles(pen, titles, bottom);
}

function clearMargins(pen, left, bottom) {
  pen.save();
  pen.fillStyle = css(theme.background);
  pen.fillRect(0, 0, left, size.height);
  pen.fillRect(0, bottom, size.width, size.height - bottom);
  pen.restore();
}

// Values with their distance in pixels from the middle of the picture.
function marks(centre, scale, length, gap) {
  const step = stepOf(scale, gap);
  const half = length / 2 / scale;
  const found = [];
  for (let at = Math.ceil((centre - half) / step); at * step <= centre + half; at++) {
    const value = at * step;
    const digits = Math.max(0, -Math.floor(Math.log10(step)));
    found.push([value.toFixed(digits).replace("-", "\u2212"), (value - centre) * scale]);
  }
  return found;
}

function writeTitles(pen, [across, upwards], bottom) {
  pen.textAlign = "right";
  pen.textBaseline = "top";
  pen.fillText(across, size.width - 10, bottom + 24);
  pen.save();
  pen.translate(4, 12);
  pen.rotate(-Math.PI / 2);
  pen.fillText(upwards, 0, 0);
  pen.restore();
}

// Where x, y and z point, and how long a part of the picture's middle is.
function drawDirections(pen) {
  const { right, up } = directions(cameras["3d"]);
  const [x0, y0] = [58, size.height - 58];
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  ["x", "y", "z"].forEach((name, axis) => {
    const [x, y] = [36 * right[axis], -36 * up[axis]];
    pen.beginPath();
    pen.moveTo(x0, y0);
    pen.lineTo(x0 + x, y0 + y);
    pen.stroke();
    pen.fillText(name, x0 + 1.3 * x, y0 + 1.3 * y);
  });
  const { distance } = cameras["3d"];
  const scale = size.height / (2 * distance * Math.tan(OPENING / 2));
  const length = stepOf(scale, 70);
  const [from, y] = [124, size.height - 30];
  pen.beginPath();
  pen.moveTo(from, y - 4);
  pen.lineTo(from, y);
  pen.lineTo(from + length * scale, y);
  pen.lineTo(from + length * scale, y - 4);
  pen.stroke();
  pen.fillText(`${length} mm`, from + (length * scale) / 2, y - 12);
}
