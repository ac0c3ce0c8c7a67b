// Matrices of 4 x 4, column after column, as WebGL takes them.

function multiply(left, right) {
  const product = new Float32Array(16);
  for (let column = 0; column < 4; column++)
    for (let row = 0; row < 4; row++)
      for (let at = 0; at < 4; at++)
        product[4 * column + row] += left[4 * at + row] * right[4 * column + at];
  return product;
}

function perspective(opening, aspect, near, far) {
  const scale = 1 / Math.tan(opening / 2);
  const depth = 1 / (near - far);
  return new Float32Array([
    scale / aspect, 0, 0, 0,
    0, scale, 0, 0,
    0, 0, (near + far) * depth, -1,
    0, 0, 2 * near * far * depth, 0,
  ]);
}

// From the frame of the detector to one at the eye: right, up, backwards.
function fromEye(eye, { right, up, back }) {
  const along = (axis) => -(axis[0] * eye[0] + axis[1] * eye[1] + axis[2] * eye[2]);
  return new Float32Array([
    right[0], up[0], back[0], 0,
    right[1], up[1], back[1], 0,
    right[2], up[2], back[2], 0,
    along(right), along(up), along(back), 1,
  ]);
}

function flat(centre, scale, width, height) {
  const [x, y] = [(2 * scale[0]) / width, (2 * scale[1]) / height];
  return new Float32Array([
    x, 0, 0, 0,
    0, y, 0, 0,
    0, 0, 0, 0,
    -centre[0] * x, -centre[1] * y, 0, 1,
  ]);
}
