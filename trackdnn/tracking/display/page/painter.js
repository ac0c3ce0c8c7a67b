// Draws the scene from the buffers; only when something has changed.

const QUICK = 60; // milliseconds a frame may take while the view moves

class Painter {
  constructor(canvas) {
    const gl = canvas.getContext("webgl2", { antialias: false, alpha: false });
    if (!gl) throw new Error("WebGL 2 is not available");
    this.gl = gl;
    this.points = programOf(gl, POINT_VERTEX, POINT_FRAGMENT);
    this.lines = programOf(gl, LINE_VERTEX, LINE_FRAGMENT);
    this.thin = programOf(gl, THIN_VERTEX, THIN_FRAGMENT);
    this.share = 1; // of each set, that is drawn while the view moves
    this.corners = bufferOf(gl, gl.ARRAY_BUFFER, CORNERS);
    this.allHits = bufferOf(gl, gl.ARRAY_BUFFER, place);
    this.sets = new Map(scene.legend.map((entry) => [entry.key, this.setOf(entry)]));
    this.outlines = new Map(
      VIEWS.map((view) => [view, this.wideSet(outlineSegments(view))]),
    );
    this.picked = { line: null, points: null };
    gl.disable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  wideSet(segments) {
    return wideSet(this.gl, this.lines, this.corners, segments);
  }

  setOf({ source, rows }) {
    const mixed = shuffled(rows);
    if (source === "hits") return pointSet(this.gl, this.points, this.allHits, mixed);
    const segments = segmentsOf(source, mixed);
    const crowd = segments.length / FLOATS > CROWD;
    return crowd ? thinSet(this.gl, this.thin, segments) : this.wideSet(segments);
  }

  pick(picked) {
    Object.values(this.picked).forEach((set) => release(this.gl, set));
    this.picked = { line: null, points: null };
    if (!picked) return;
    const { source, row } = picked;
    const hits = source === "hits" ? [row] : hitsOf(source, row);
    this.picked.points = pointSet(this.gl, this.points, this.allHits, hits);
    if (source === "hits") return;
    this.picked.line = this.wideSet(segmentsOf(source, [row]));
  }

  // While the view moves, machines that are too slow for all draw a fair share.
  drawMoving() {
    const start = performance.now();
    this.draw(this.share);
    this.finish();
    const took = Math.max(performance.now() - start, 1);
    const factor = Math.max(0.3, Math.min(1.5, QUICK / took));
    this.share = Math.max(0.02, Math.min(1, this.share * factor));
  }

  // Waits until the card is done.
  finish() {
    const { gl } = this;
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
  }

  draw(share = 1) {
    const { gl } = this;
    const [red, green, blue] = theme.background;
    gl.viewport(0, 0, gl.canvas.width, gl.canvas.height);
    gl.clearColor(red, green, blue, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.scale = gl.canvas.width / size.width;
    if (state.outline) this.drawLines(this.outlines.get(state.view), theme.outline, 1, 0.8, 0);
    for (const entry of scene.legend) if (state.shown[entry.key]) this.drawEntry(entry, share);
    this.drawPicked();
  }

  // The more there is, the finer it is drawn.
  drawEntry({ key, source }, share) {
    const whole = this.sets.get(key);
    const set = { ...whole, count: Math.ceil(share * whole.count) };
    const colour = theme.colours[key];
    if (source === "hits") {
      this.drawPoints(set, colour, hitCount > 30000 ? 1.6 : 2.8, 0.8);
      return;
    }
    const crowded = Math.min(1, whole.count / CROWD);
    this.drawLines(set, colour, 1.6 - 0.6 * crowded, 0.9 - 0.4 * crowded);
  }

  drawPicked() {
    if (!state.picked) return;
    const colour = pickedColour();
    const { line, points } = this.picked;
    if (line) {
      this.drawLines(line, theme.background, 7, 0.9, 0);
      this.drawLines(line, colour, 3.5, 1, 0);
    }
    this.drawPoints(points, theme.text, 9, 1);
    this.drawPoints(points, colour, 6, 1);
  }

  ready({ program, uniforms }) {
    const { gl } = this;
    gl.useProgram(program);
    gl.uniformMatrix4fv(uniforms.matrix, false, matrixOf(state.view));
    gl.uniform1i(uniforms.view, VIEWS.indexOf(state.view));
    gl.uniform2f(uniforms.fog, ...this.fog());
    return uniforms;
  }

  fog() {
    if (state.view !== "3d") return [0, 0];
    const { distance, half } = cameras["3d"];
    return [distance - 0.4 * half, distance + half];
  }

  paint(uniforms, colour, alpha, pixels) {
    this.gl.uniform4f(uniforms.colour, ...colour, alpha);
    if (uniforms.pixels) this.gl.uniform1f(uniforms.pixels, pixels * this.scale);
  }

  drawPoints(set, colour, pixels, alpha) {
    const { gl } = this;
    const uniforms = this.ready(this.points);
    this.paint(uniforms, colour, alpha, pixels);
    gl.bindVertexArray(set.array);
    gl.drawElements(gl.POINTS, set.count, gl.UNSIGNED_INT, 0);
  }

  drawLines(set, colour, pixels, alpha, minPt = state.minPt) {
    const { gl } = this;
    const uniforms = this.ready(set.thin ? this.thin : this.lines);
    this.paint(uniforms, colour, alpha, pixels);
    gl.uniform1f(uniforms.minPt, minPt);
    gl.bindVertexArray(set.array);
    if (set.thin) {
      gl.drawArrays(gl.LINES, 0, 2 * set.count);
      return;
    }
    gl.uniform2f(uniforms.window, gl.canvas.width, gl.canvas.height);
    gl.uniform1f(uniforms.near, state.view === "3d" ? cameras["3d"].distance / 200 : 0);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, set.count);
  }
}
