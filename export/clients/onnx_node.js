// An ONNX file in ONNX Runtime's API for Node.js: its bytes are given, and one thread
// within an operation. Batches are those of client.h.
//
//     node onnx_node.js MODEL.onnx PROBE [--threads N] [--batch B] [--repeat N]
//
// `require("onnxruntime-node")` must find the package: in a folder node_modules above
// this file, or by NODE_PATH. JavaScript has one thread: `--threads` counts loops over
// all rows that take turns in one session.
"use strict";
const fs = require("fs");

const HEADER = 512, NAME = 96, GARBAGE = [NaN, Infinity, -Infinity, 3.4e38, -1e30];

class ClientError extends Error {}

function fail(message) {
  throw new ClientError(message);
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

// What is wrong with the bytes of a probe (see probe_file.h), or null.
function fault(bytes) {
  if (bytes.length < HEADER + 4) return "too few bytes";
  if (bytes.toString("latin1", 0, 8) !== "TRKPROBE") return "other first bytes";
  if (bytes.readUInt32LE(8) !== 1) return "another version";
  const [rows, width, compared] = [12, 16, 20].map((at) => bytes.readUInt32LE(at));
  const columns = width + 1 + (compared ? 1 : 0);
  const wrong = bytes.length - HEADER - 4 !== 4 * rows * columns;
  if (rows === 0 || width === 0 || wrong) return "wrong size";
  const end = bytes.length - 4;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end))
    return "another checksum";
  return null;
}

function readProbe(path) {
  let bytes, wrong;
  try {
    bytes = fs.readFileSync(path);
    wrong = fault(bytes);
  } catch {
    wrong = "no readable file";
  }
  if (wrong) fail(`${path} must be a probe for clients. Received: ${wrong}`);
  const [rows, width, compared] = [12, 16, 20].map((at) => bytes.readUInt32LE(at));
  const name = (i) => bytes.toString("utf8", 32 + i * NAME, 32 + (i + 1) * NAME)
    .replace(/\0.*$/s, "");
  let at = HEADER;
  const take = (count) => {
    const values = new Float32Array(count);
    for (let i = 0; i < count; ++i, at += 4) values[i] = bytes.readFloatLE(at);
    return values;
  };
  return {
    rows, width, tolerance: bytes.readFloatLE(24),
    features: name(0), category: name(1), output: name(4),
    x: take(rows * width), y: take(rows), reference: compared ? take(rows) : null,
  };
}

class Batch {
  constructor(ort, session, probe, size) {
    Object.assign(this, { session, probe, size });
    const buffer = (length) => Float32Array.from({ length }, (_, i) => GARBAGE[i % 5]);
    [this.x, this.y] = [buffer(size * probe.width), buffer(size)];
    this.feeds = {
      [probe.features]: new ort.Tensor("float32", this.x, [size, probe.width]),
      [probe.category]: new ort.Tensor("float32", this.y, [size, 1]),
    };
  }

  // Rows [first, first + count) of the probe, from row `to` of the batch on.
  fill(first, count, to = 0) {
    const { probe } = this, { width } = probe;
    this.x.set(probe.x.subarray(first * width, (first + count) * width), to * width);
    this.y.set(probe.y.subarray(first, first + count), to);
  }

  async run() {
    const { output } = this.probe;
    const found = (await this.session.run(this.feeds, [output]))[output];
    if (found.type !== "float32" || found.size !== this.size)
      fail(`The output must be one float32 for each of ${this.size} rows. ` +
        `Received: ${found.type} [${found.dims}]`);
    return found.data;
  }
}

// The tracks of one event; the last call keeps beyond them what the buffers held.
async function event(open, probe, worst, first, last, size) {
  const batch = open(size);
  for (let call = 0; call <= Math.floor((last - first) / size); ++call) {
    const start = first + call * size, count = Math.min(size, last - start);
    batch.fill(start, count);
    const scores = await batch.run();
    for (let i = 0; probe.reference && i < count; ++i) {
      const [p, expected] = [scores[i], probe.reference[start + i]];
      if (!Number.isFinite(p))
        fail(`Every score must be finite. Received: ${p} in row ${start + i}`);
      // CMSSW cuts on 2p - 1, computed in single precision.
      const [score, other] = [p, expected].map((value) => Math.fround(2 * value - 1));
      worst.difference = Math.max(worst.difference, Math.abs(p - expected));
      worst.score = Math.max(worst.score, Math.abs(score - other));
    }
  }
}

// Seconds of each pass over whole batches; the first pass warms up.
async function time(open, probe, size, repeat) {
  const batch = open(size), calls = Math.max(1, Math.floor(probe.rows / size));
  const count = Math.min(size, probe.rows), seconds = [];
  for (let to = 0; to < size; to += count)
    batch.fill(0, Math.min(count, size - to), to);
  for (let pass = -1; pass < repeat; ++pass) {
    const start = process.hrtime.bigint();
    for (let call = 0; call < calls; ++call) {
      batch.fill(call * size, count);
      await batch.run();
    }
    if (pass >= 0) seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  return seconds.map((value) => (1e6 * value) / (calls * size));
}

async function work(open, probe, options, worst) {
  const few = Math.min(5, probe.rows), size = options.batch || 16;
  await event(open, probe, worst, 0, few, size);
  await event(open, probe, worst, few, probe.rows, size);
  if (!options.batch) await event(open, probe, worst, 0, probe.rows, probe.rows);
  return options.repeat ? time(open, probe, size, options.repeat) : [];
}

function parse(words) {
  const options = { threads: 1, batch: 0, repeat: 0 }, paths = [];
  for (let i = 0; i < words.length; ++i) {
    const name = words[i].replace(/^--/, "");
    if (!words[i].startsWith("--") || !(name in options)) {
      paths.push(words[i]);
      continue;
    }
    const [value, least] = [Number(words[++i] || NaN), name === "repeat" ? 0 : 1];
    if (!Number.isInteger(value) || value < least || value > 1 << 20)
      fail(`--${name} must be a number from ${least} to ${1 << 20}. ` +
        `Received: ${words[i] ?? "nothing"}`);
    options[name] = value;
  }
  if (paths.length !== 2)
    fail("Usage: onnx_node.js MODEL PROBE [--threads N] [--batch B] [--repeat N]");
  return { ...options, model: paths[0], probe: paths[1] };
}

const short = (value) => Number(value.toPrecision(3)).toExponential();
const memory = () => process.memoryUsage().rss / (1 << 20);

async function main(words) {
  const options = parse(words), probe = readProbe(options.probe);
  const ort = require("onnxruntime-node");
  const resident = [memory()];
  const session = await ort.InferenceSession.create(
    fs.readFileSync(options.model),
    { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 },
  );
  resident.push(memory());
  const open = (size) => new Batch(ort, session, probe, size);
  const worst = { difference: 0, score: 0 };
  const loops = Array.from({ length: options.threads }, () =>
    work(open, probe, options, worst));
  const times = (await Promise.all(loops)).flat().sort((a, b) => a - b);
  resident.push(memory());
  process.stdout.write(JSON.stringify({
    client: "onnx_node",
    runtime: `ONNX Runtime ${ort.env.versions.node}`,
    rows: probe.rows,
    threads: options.threads,
    batch: options.batch || 16,
    max_difference: probe.reference ? worst.difference : null,
    max_score_difference: probe.reference ? worst.score : null,
    microseconds_per_track: times.length ? times[times.length >> 1] : null,
    memory_before: resident[0],
    memory_loaded: resident[1],
    memory_after: resident[2],
  }) + "\n");
  if (probe.reference && !(worst.difference <= probe.tolerance))
    fail(`${options.model} must give the scores of the probe to ` +
      `${short(probe.tolerance)}. Received: ` +
      `max |difference|=${short(worst.difference)}`);
}

main(process.argv.slice(2)).catch((error) => {
  const text = error instanceof ClientError ? error.message :
    `ONNX Runtime must take and run the model. Received: ${error.message}`;
  process.stderr.write(`error: ${text.replace(/\s+/g, " ")}\n`);
  process.exitCode = 2;
});
