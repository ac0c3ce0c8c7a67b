// Programs of the graphics card: round points, and lines of any width.

const PROJECT = `#version 300 es
precision highp float;
uniform mat4 matrix;
uniform int view; // 0: 3D, 1: r-z, 2: x-y
uniform vec2 fog; // depths between which what is far fades; equal: nothing does
out float fade;

vec4 project(vec3 place) {
  if (view == 1) place = vec3(place.z, length(place.xy), 0.0);
  if (view == 2) place.z = 0.0;
  return matrix * vec4(place, 1.0);
}

float faded(float depth) {
  if (fog.y <= fog.x) return 1.0;
  return mix(1.0, 0.35, clamp((depth - fog.x) / (fog.y - fog.x), 0.0, 1.0));
}
`;

const POINT_VERTEX = `${PROJECT}
in vec3 place;
uniform float pixels;

void main() {
  gl_Position = project(place);
  gl_PointSize = pixels + 1.0;
  fade = faded(gl_Position.w);
}
`;

const POINT_FRAGMENT = `#version 300 es
precision highp float;
uniform vec4 colour;
uniform float pixels;
in float fade;
out vec4 painted;

void main() {
  float away = length(gl_PointCoord - 0.5) * (pixels + 1.0);
  float inside = clamp(pixels / 2.0 + 0.5 - away, 0.0, 1.0);
  painted = vec4(colour.rgb, 1.0) * (colour.a * fade * inside);
}
`;

// Each segment is a rectangle; `corner` is one of its four corners.
const LINE_VERTEX = `${PROJECT}
in vec2 corner;
in vec3 start;
in vec3 end;
in float pt;
uniform float minPt;
uniform float pixels;
uniform vec2 window;
uniform float near;
out float across;

void main() {
  vec4 a = project(start);
  vec4 b = project(end);
  bool hidden = (minPt > 0.0 && pt < minPt) || (a.w < near && b.w < near);
  if (a.w < near) a = mix(a, b, (near - a.w) / (b.w - a.w));
  if (b.w < near) b = mix(b, a, (near - b.w) / (a.w - b.w));
  vec2 along = (b.xy / b.w - a.xy / a.w) * window;
  float far = length(along);
  along = far > 1e-4 ? along / far : vec2(1.0, 0.0);
  vec4 here = corner.x < 0.5 ? a : b;
  float half_width = pixels / 2.0 + 0.5;
  across = corner.y * half_width;
  vec2 aside = vec2(-along.y, along.x) * across;
  here.xy += aside * 2.0 / window * here.w;
  gl_Position = hidden ? vec4(2.0, 2.0, 2.0, 1.0) : here;
  fade = faded(here.w);
}
`;

// Lines of one dot, for crowds: a graphics card draws them much faster.
const THIN_VERTEX = `${PROJECT}
in vec3 place;
in float pt;
uniform float minPt;

void main() {
  bool hidden = minPt > 0.0 && pt < minPt;
  gl_Position = hidden ? vec4(2.0, 2.0, 2.0, 1.0) : project(place);
  fade = faded(gl_Position.w);
}
`;

const THIN_FRAGMENT = `#version 300 es
precision highp float;
uniform vec4 colour;
in float fade;
out vec4 painted;

void main() {
  painted = vec4(colour.rgb, 1.0) * (colour.a * fade);
}
`;

const LINE_FRAGMENT = `#version 300 es
precision highp float;
uniform vec4 colour;
uniform float pixels;
in float fade;
in float across;
out vec4 painted;

void main() {
  float inside = clamp(pixels / 2.0 + 0.5 - abs(across), 0.0, 1.0);
  painted = vec4(colour.rgb, 1.0) * (colour.a * fade * inside);
}
`;

function compile(gl, kind, source) {
  const shader = gl.createShader(kind);
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS))
    throw new Error(gl.getShaderInfoLog(shader) || "a shader was refused");
  return shader;
}

// A program with its uniforms and attributes by name.
function programOf(gl, vertex, fragment) {
  const program = gl.createProgram();
  gl.attachShader(program, compile(gl, gl.VERTEX_SHADER, vertex));
  gl.attachShader(program, compile(gl, gl.FRAGMENT_SHADER, fragment));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS))
    throw new Error(gl.getProgramInfoLog(program) || "a program was refused");
  const uniforms = {};
  const count = gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS);
  for (let at = 0; at < count; at++) {
    const { name } = gl.getActiveUniform(program, at);
    uniforms[name] = gl.getUniformLocation(program, name);
  }
  return { program, uniforms, at: (name) => gl.getAttribLocation(program, name) };
}
