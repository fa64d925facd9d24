// The view of an explanation: one module, for a page, a notebook and an app. What it shows was
// computed, coloured and worded in Python (contents.py); here it is laid out and touched.
// Names of classes, files and regions are anybody's: they reach the page as text nodes alone.

/** @typedef {Record<string, any>} Texts What `texts` of contents.py gives. */
/** @typedef {Record<string, any>} Arrays Typed arrays, by name; see `arrays` of contents.py. */
/** @typedef {{texts: Texts, arrays: Arrays}} Contents */
/**
 * @typedef {object} State What the address keeps.
 * @property {number} target
 * @property {number} foil -1 is none.
 * @property {number} threshold
 * @property {string} show
 * @property {number} opacity In percent.
 * @property {boolean} lines
 * @property {string} theme
 * @property {Uint8Array} hidden One for each segment.
 */
/**
 * @typedef {object} Answer What is known of a combination.
 * @property {number} score
 * @property {"measured" | "estimate"} kind
 * @property {number} [error] Root mean square; NaN is unknown.
 * @property {number[]} [best] The classes with the highest scores, where all were asked.
 * @property {(index: number) => number} [of] The score of any class.
 * @property {number} [winner] The class with the highest score.
 */

const TYPES = {
  u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, i2: Int16Array, i4: Int32Array,
  f4: Float32Array, f8: Float64Array,
};
const SHOWN = {
  overlay: "Overlay", map: "Signed map", paper: "As in the paper", highlight: "Highlight alone",
  remainder: "Without the highlight", contrast: "Contrast", segments: "Segments",
  original: "Original",
};

/**
 * Unpack what pack.py packed.
 * @param {string} text Base64 of gzip.
 * @returns {Promise<Contents>}
 */
export async function unpack(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const texts = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  /** @type {Arrays} */
  const arrays = {};
  for (const [name, [type, shape, start]] of Object.entries(texts.arrays)) {
    const count = shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
    arrays[name] = new TYPES[/** @type {keyof TYPES} */ (type)](buffer, 4 + length + start, count);
    arrays[name].shape = shape;
  }
  return { texts, arrays };
}

/**
 * Write a share as `cilens.text.percent` does.
 * @param {number} share
 * @param {{signed?: boolean, decimals?: number}} [how]
 */
export function percent(share, { signed = false, decimals } = {}) {
  const size = Math.abs(share);
  const sign = share < 0 ? "−" : signed && share > 0 ? "+" : "";
  if (size === 0 || size === 1) return `${sign}${100 * size} %`;
  for (let digits = decimals ?? (size >= 0.1 ? 0 : 1); digits <= 2; digits++) {
    const shown = Number((100 * size).toFixed(digits));
    if (shown > 0 && (shown >= 100) === (size >= 1)) return `${sign}${shown.toFixed(digits)} %`;
  }
  return size < 0.5 ? `under ${sign}0.01 %` : `over ${sign}99.99 %`;
}

/** @param {number} share A threshold: a round number. */
const round = (share) => `${Number((100 * share).toPrecision(3))} %`;

const digits = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, useGrouping: false });
/** @param {number} number Three significant digits, and all before the point. */
const plain = (number) => (Math.abs(number) < 1000 ? digits.format(number) : number.toFixed(0)).replace("-", "−");

/** @param {number} share For columns: one decimal. @param {boolean} [signed] */
function column(share, signed = false) {
  const text = (100 * Math.abs(share)).toFixed(1), sign = share < 0 ? "−" : signed && share > 0 ? "+" : "";
  return `${text === "0.0" ? "" : sign}${text} %`;
}

/** @param {string} name @param {number} most Signs: nobody reads more of a name. */
const short = (name, most) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);

/** @param {any[]} children Those that are there. @returns {(Node | string)[]} */
const solid = (children) => children.filter((child) => child || child === "");

/**
 * Make an element: texts become text nodes, functions listen, the rest are attributes.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any}
 */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (name in element && typeof value === "boolean") /** @type {any} */ (element)[name] = value;
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...solid(children));
  return element;
}

/**
 * The numbers of an explanation, and what is known of any combination of its segments.
 * @param {Contents} contents
 */
export function model({ texts, arrays }) {
  const K = arrays.scores.length, R = texts.regions.length, S = arrays.varied.length;
  const exact = new Map(texts.exact.map((/** @type {number} */ index, /** @type {number} */ at) => [index, at]));
  const cell = (/** @type {number} */ row, /** @type {number} */ index, /** @type {string} */ name) => {
    const at = exact.get(index), table = arrays[`exact${name}`];
    if (at !== undefined) return table[row * exact.size + at];
    return arrays[name.toLowerCase()][row * K + index] / texts.steps;
  };
  const influence = (/** @type {number} */ row, /** @type {number} */ index) => cell(row, index, "Influence");
  const margin = (/** @type {number} */ row, /** @type {number} */ index) => (arrays.margin ? cell(row, index, "Margin") : 0);
  const sure = (/** @type {number} */ row, /** @type {number} */ index) => {
    const off = margin(row, index);
    return off === 0 || Math.abs(influence(row, index)) > off;
  };
  const low = (/** @type {number} */ index) => arrays.bounds[index];
  const width = (/** @type {number} */ index) => arrays.bounds[K + index] - low(index);

  /** Which segments each region has. @type {number[][]} */
  const members = [];
  const row = Math.ceil(S / 8);
  const holds = (/** @type {Uint8Array} */ sets, /** @type {number} */ at, /** @type {number} */ s) => (sets[at * row + (s >> 3)] >> (s & 7)) & 1;
  const holders = Array.from({ length: S }, () => /** @type {number[]} */ ([]));
  for (let r = 0; r < R; r++) {
    members.push([]);
    for (let s = 0; s < S; s++) if (holds(arrays.regions, r, s)) { members[r].push(s); holders[s].push(r); }
  }
  const own = new Float64Array(S);
  for (const label of arrays.segments) own[label] += 1 / arrays.segments.length;

  /** The mean over the regions that hold each segment, as the saliency is. */
  const spread = (/** @type {(row: number) => number} */ value) =>
    Float64Array.from(holders, (rows) => rows.length ? rows.reduce((sum, r) => sum + value(r), 0) / rows.length : 0);
  const sum = (/** @type {number} */ s, /** @type {(row: number) => number} */ value) =>
    holders[s].reduce((total, r) => total + value(r), 0);

  /**
   * How far each segment's mean may be off, as `cilens.explanation.saliency.segment_margins` says.
   * @param {number} index
   */
  function margins(index) {
    let left = 0, freedom = 0;
    for (let s = 0; s < S; s++) {
      const count = holders[s].length;
      if (count < 2) continue;
      left += own[s] * (sum(s, (r) => influence(r, index) ** 2) - sum(s, (r) => influence(r, index)) ** 2 / count);
      freedom += own[s] * (count - 1);
    }
    const pooled = freedom ? Math.max(left, 0) / freedom : 0;
    return Float64Array.from(holders, (rows, s) => !rows.length ? 0 : Math.max(
      rows.length > 1 ? texts.quantile * Math.sqrt(pooled / rows.length) : 0,
      Math.sqrt(sum(s, (r) => margin(r, index) ** 2)) / rows.length,
    ));
  }

  /** Which segments surely speak for a class (1) and against it (-1), by the threshold at least. */
  const sides = (/** @type {number} */ index, /** @type {number} */ threshold) => {
    const mean = spread((r) => influence(r, index)), off = arrays.margin && margins(index);
    return Int8Array.from(mean, (value, s) =>
      Math.abs(value) >= threshold && (!off || Math.abs(value) > off[s]) ? Math.sign(value) : 0);
  };

  /** The highlight, as `Explanation.kept`; the one that the page opens with is the one asked about. */
  const kept = (/** @type {number} */ index, /** @type {number} */ threshold) =>
    index === texts.target && threshold === texts.threshold ? arrays.kept
      : Uint8Array.from(sides(index, threshold), (side) => +(side > 0));
  /** Whether a region surely speaks for a class (1), against it (-1) or neither. */
  const speaks = (/** @type {number} */ r, /** @type {number} */ index, /** @type {number} */ threshold) => {
    const value = influence(r, index);
    return Math.abs(value) >= threshold && sure(r, index) ? Math.sign(value) : 0;
  };

  /** A combination by its name: segments that look the same when hidden do not count. */
  const key = (/** @type {(s: number) => number | boolean} */ stays) => {
    const bytes = new Uint8Array(row);
    for (let s = 0; s < S; s++) if (!arrays.varied[s] || stays(s)) bytes[s >> 3] |= 1 << (s & 7);
    return String.fromCharCode(...bytes);
  };
  /** @type {Map<string, (index: number) => number>} */
  const asked = new Map();
  /** @type {Map<string, {score: number, winner: number}>} */
  const checked = new Map();
  const n = arrays.coalitions ? arrays.coalitions.shape[0] : 0;
  for (let at = 0; at < n; at++) {
    const name = key((s) => holds(arrays.coalitions, at, s));
    if (asked.has(name)) continue;
    const answer = (/** @type {number} */ index) => {
      const place = exact.get(index);
      if (place !== undefined) return arrays.exactAnswers[at * exact.size + place];
      return arrays.answers ? low(index) + arrays.answers[at * K + index] / texts.levels * width(index) : NaN;
    };
    asked.set(name, answer);
  }
  asked.set(key(() => true), (index) => arrays.scores[index]);
  for (let at = 0; at < (arrays.checkedScores?.length ?? 0); at++) {
    checked.set(key((s) => holds(arrays.checked, at, s)), { score: arrays.checkedScores[at], winner: arrays.checkedWinners[at] });
  }
  const effects = (/** @type {number} */ index) => Float64Array.from(holders, (rows, s) =>
    rows.length ? rows.reduce((sum, r) => sum + influence(r, index) * own[s] / arrays.areas[r], 0) / rows.length : 0);

  /**
   * What is known of a combination: what the model said, or what the influences add up to.
   * @param {Uint8Array} hidden
   * @param {number} index
   * @returns {Answer}
   */
  function answer(hidden, index, summed = effects(index)) {
    const name = key((s) => !hidden[s]), of = asked.get(name), check = checked.get(name);
    if (of && !Number.isNaN(of(index))) {
      const all = arrays.answers || K === exact.size ? [...Array(K).keys()] : [];
      const best = hidden.some(Boolean) && all.length ? top(all, of, 3) : undefined;
      return { score: of(index), kind: "measured", of, best, winner: best?.[0] ?? check?.winner };
    }
    if (check && index === texts.target) return { score: check.score, kind: "measured", winner: check.winner };
    let lost = 0;
    for (let s = 0; s < S; s++) if (hidden[s]) lost += summed[s];
    const score = arrays.scores[index] - lost * width(index);
    const error = arrays.errors ? arrays.errors[index] : NaN;
    return { score: Math.min(Math.max(score, low(index)), low(index) + width(index)), kind: "estimate", error };
  }

  const unit = (/** @type {number} */ index) => low(index) === 0 && width(index) === 1;
  return {
    K, R, S, n, influence, margin, sure, speaks, members, holders, spread, sides, kept, answer, effects, unit,
    coalition: (/** @type {number} */ at) => Uint8Array.from({ length: S }, (_, s) => +!holds(arrays.coalitions, at, s)),
    learn: (/** @type {Uint8Array} */ hidden, /** @type {ArrayLike<number>} */ scores) => {
      asked.set(key((s) => !hidden[s]), (index) => scores[index]);
    },
    score: (/** @type {number} */ value, /** @type {number} */ index) => unit(index) ? percent(value, { decimals: 1 }) : plain(value),
    name: (/** @type {number} */ index) => texts.names[index],
    ranked: (/** @type {number} */ index) => [...Array(R).keys()].sort((a, b) => Math.abs(influence(b, index)) - Math.abs(influence(a, index)) || a - b),
  };
}

/**
 * @param {number[]} rows
 * @param {(row: number) => number} value
 * @param {number} most
 */
function top(rows, value, most) {
  return rows.map((row) => [value(row), row]).sort((a, b) => b[0] - a[0] || a[1] - b[1]).slice(0, most).map(([, row]) => row);
}

/** @param {Uint8Array} png @returns {Promise<ImageData>} */
async function pixels(png) {
  const bitmap = await createImageBitmap(new Blob([/** @type {any} */ (png)], { type: "image/png" }), { colorSpaceConversion: "none" });
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  if (!context) throw new Error("no canvas");
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

/**
 * The pictures, from plain pixels: each is the one of the same name in `cilens.render`.
 * @param {Contents} contents
 * @param {ReturnType<typeof model>} numbers
 */
export async function painter({ texts, arrays }, numbers) {
  const plain = await pixels(arrays.image), blank = arrays.blank && await pixels(arrays.blank);
  const { width, height, data } = plain, labels = arrays.segments, [black, white] = texts.ghost;
  const grey = new Float32Array(labels.length);
  for (let at = 0; at < grey.length; at++) grey[at] = (0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2]) / 255;
  const colour = (/** @type {number} */ share) => {
    const at = 3 * Math.round(256 * (1 + Math.sign(share) * Math.sqrt(Math.min(Math.abs(share), 1))));
    return arrays.scale.subarray(at, at + 3);
  };

  /**
   * Paint a picture in the image's own pixels: each segment is so much of its pixels, so much of
   * their brightness, and a colour.
   * @param {State} state
   * @returns {ImageData}
   */
  function paint({ target, foil, threshold, hidden, show, opacity }) {
    const contrast = show === "contrast" && foil >= 0, share = opacity / 100, [least, most] = texts.tint;
    const values = numbers.spread((r) => numbers.influence(r, target) - (contrast ? numbers.influence(r, foil) : 0));
    const kept = numbers.kept(target, threshold), sides = numbers.sides(target, threshold);
    const others = contrast ? numbers.sides(foil, threshold) : sides;
    const own = new Float32Array(numbers.S).fill(1), bright = new Float32Array(3 * numbers.S), tone = new Float32Array(3 * numbers.S);
    for (let s = 0; s < numbers.S; s++) {
      if (hidden[s] && blank) continue;
      const shown = contrast ? (sides[s] > 0) !== (others[s] > 0) : sides[s] !== 0;
      const deep = Math.sqrt(Math.min(Math.abs(values[s]), 1)), painted = colour(values[s]);
      const tint = show === "map" ? 1 : shown ? least + (most - least) * deep : 0;
      const faded = hidden[s] || (show === "highlight" && !kept[s]) || (show === "remainder" && kept[s]);
      const tinted = show === "overlay" || show === "map" || contrast;
      if (!faded && !tinted && show !== "paper") continue;
      const part = hidden[s] ? 1 : share;
      own[s] = 1 - part;
      for (let c = 0; c < 3; c++) {
        const at = 3 * s + c;
        if (faded) [bright[at], tone[at]] = [texts.pale[1] - texts.pale[0], texts.pale[0]];
        else if (tinted) [bright[at], tone[at]] = [(1 - tint) * (white - black), (1 - tint) * black + tint * painted[c] / 255];
        else bright[at] = kept[s] ? texts.red[c] : 1;
        bright[at] *= 255 * part;
        tone[at] *= 255 * part;
      }
    }
    const out = new ImageData(width, height), pixels = out.data;
    for (let at = 0; at < labels.length; at++) {
      const s = labels[at], base = hidden[s] && blank ? blank.data : data, light = grey[at];
      for (let c = 0; c < 3; c++) pixels[4 * at + c] = own[s] * base[4 * at + c] + bright[3 * s + c] * light + tone[3 * s + c];
      pixels[4 * at + 3] = 255;
    }
    return out;
  }

  /**
   * The lines between pixels of different kinds, in the image's own units.
   * @param {(label: number) => number} kind
   */
  function edges(kind) {
    const path = new Path2D(), of = Int32Array.from({ length: numbers.S }, (_, s) => kind(s));
    const at = (/** @type {number} */ y, /** @type {number} */ x) => of[labels[y * width + x]];
    for (let y = 1; y < height; y++) {
      for (let x = 0, from = -1; x <= width; x++) {
        const edge = x < width && at(y, x) !== at(y - 1, x);
        if (edge && from < 0) from = x;
        if (!edge && from >= 0) { path.moveTo(from, y); path.lineTo(x, y); from = -1; }
      }
    }
    for (let x = 1; x < width; x++) {
      for (let y = 0, from = -1; y <= height; y++) {
        const edge = y < height && at(y, x) !== at(y, x - 1);
        if (edge && from < 0) from = y;
        if (!edge && from >= 0) { path.moveTo(x, from); path.lineTo(x, y); from = -1; }
      }
    }
    return path;
  }
  return { width, height, paint, edges, colour, plain };
}

/** @param {Uint8Array} hidden As the address has it: four segments a sign. */
function hex(hidden) {
  let text = "";
  for (let s = 0; s < hidden.length; s += 4) {
    text += (hidden[s] | (hidden[s + 1] ?? 0) << 1 | (hidden[s + 2] ?? 0) << 2 | (hidden[s + 3] ?? 0) << 3).toString(16);
  }
  return text.replace(/0+$/, "");
}

/**
 * @param {string} address
 * @param {State} opens
 * @param {number} K
 * @returns {State} What an address says, where it says what can be.
 */
function read(address, opens, K) {
  const said = new URLSearchParams(address.replace(/^#/, "")), state = { ...opens };
  const whole = (/** @type {string} */ name) => (/^\d+$/.test(said.get(name) ?? "") ? Number(said.get(name)) : NaN);
  if (whole("class") < K) state.target = whole("class");
  if (whole("foil") < K && whole("foil") !== state.target) state.foil = whole("foil");
  if (said.get("foil") === "none") state.foil = -1;
  const threshold = Number(said.get("threshold") ?? NaN);
  if (threshold > 0 && threshold <= 1) state.threshold = threshold;
  if (Object.hasOwn(SHOWN, said.get("show") ?? "")) state.show = String(said.get("show"));
  if (whole("opacity") <= 100) state.opacity = whole("opacity");
  if (said.has("lines")) state.lines = said.get("lines") === "1";
  if (["light", "dark"].includes(said.get("theme") ?? "")) state.theme = String(said.get("theme"));
  const signs = said.get("hidden") ?? "";
  state.hidden = opens.hidden.map((_, s) => (parseInt(signs[s >> 2] ?? "0", 16) >> (s & 3)) & 1);
  return state;
}

/**
 * Put the view into a part of a page.
 * @param {HTMLElement} root
 * @param {Contents} contents
 * @param {{ask?: (stays: boolean[]) => Promise<ArrayLike<number>>, address?: boolean}} [host]
 *   `ask` asks the model about a combination, where there is one; `address` keeps the state there.
 */
export async function mount(root, contents, { ask, address = location.protocol !== "about:" } = {}) {
  const { texts, arrays } = contents, numbers = model(contents), paint = await painter(contents, numbers);
  const { K, R, S } = numbers, named = (/** @type {number} */ index) => short(texts.names[index], 120);
  const region = (/** @type {number} */ r) => `region ${texts.marks[r]}`;
  const called = (/** @type {number} */ r) => texts.marks[r] === texts.regions[r] ? texts.places[r] : short(texts.regions[r], 60);
  const opens = {
    target: texts.target, foil: texts.foil ?? -1, threshold: texts.threshold, show: "overlay", opacity: 100,
    lines: false, theme: "", hidden: new Uint8Array(S),
  };
  let state = read(address ? location.hash : "", opens, K), focus = -1, effects = numbers.effects(state.target);
  if (texts.outside.includes(state.target)) state.target = texts.target;

  // --- The picture ---------------------------------------------------------------------------
  const canvases = [0, 1, 2].map(() => h("canvas", { "aria-hidden": "true" }));
  const [picture, lines, over] = canvases;
  const stage = h("div", {
    class: "stage", tabindex: 0, role: "application", "aria-roledescription": "picture of regions",
    "aria-label": `The image, cut into ${R} regions. Arrow keys go to the next region, Enter hides or shows it, Escape shows all.`,
    "aria-describedby": "told",
  }, ...canvases);
  const told = h("p", { id: "told", class: "told", "aria-live": "polite" });
  Object.assign(picture, { width: paint.width, height: paint.height });
  picture.classList.toggle("smooth", texts.smooth);
  let scale = 1;

  function fit() {
    const room = Math.min(stage.parentElement.clientWidth, 640, Math.max(innerHeight - 120, 240));
    const most = Math.min(room / paint.width, room / paint.height);
    scale = texts.smooth || most < 1 ? most : Math.floor(most);
    const ratio = devicePixelRatio || 1;
    stage.style.width = `${paint.width * scale}px`;
    stage.style.height = `${paint.height * scale}px`;
    for (const canvas of [lines, over]) {
      canvas.width = Math.round(paint.width * scale * ratio);
      canvas.height = Math.round(paint.height * scale * ratio);
    }
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {[Path2D, number][]} paths Each with its width in pixels of the screen.
   */
  function stroke(canvas, paths, ends = numbersOn(canvas)) {
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")), zoom = canvas.width / paint.width;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(zoom, 0, 0, zoom, 0, 0);
    context.lineCap = "square";
    for (const [path, wide] of paths) {
      for (const [colour, more] of /** @type {[string, number][]} */ ([["#282828", 2], ["#fff", 0]])) {
        context.strokeStyle = colour;
        context.lineWidth = (wide + more) / scale;
        context.stroke(path);
      }
    }
    ends?.(context);
  }

  /** Numbers in the regions, where they fit. @param {HTMLCanvasElement} canvas */
  function numbersOn(canvas) {
    if (canvas !== lines || state.show !== "segments") return undefined;
    return (/** @type {CanvasRenderingContext2D} */ context) => {
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.lineJoin = "round";
      for (let r = 0; r < R; r++) {
        const size = Math.min(arrays.radii[r] * 1.1, 18 / scale);
        if (size * scale < 8) continue;
        context.font = `600 ${size}px system-ui, sans-serif`;
        context.lineWidth = size / 4;
        context.strokeStyle = "#282828";
        context.fillStyle = "#fff";
        const [y, x] = [arrays.points[2 * r], arrays.points[2 * r + 1]];
        context.strokeText(texts.marks[r], x, y);
        context.fillText(texts.marks[r], x, y);
      }
    };
  }

  const outlines = new Map();
  /** @param {number} r */
  function outline(r) {
    if (!outlines.has(r)) {
      const inside = new Set(numbers.members[r]);
      outlines.set(r, paint.edges((s) => +inside.has(s)));
    }
    return outlines.get(r);
  }
  const every = paint.edges((s) => s);

  function draw() {
    picture.getContext("2d").putImageData(paint.paint(state), 0, 0);
    const sides = numbers.sides(state.target, state.threshold);
    const kinds = ["overlay", "map"].includes(state.show) ? [[paint.edges((s) => sides[s]), 1.5]] : [];
    stroke(lines, /** @type {[Path2D, number][]} */ (state.lines || state.show === "segments" ? [[every, 1]] : kinds));
  }

  /** @param {{clientX: number, clientY: number}} event @returns {number} The region there, or -1. */
  function under(event) {
    const box = stage.getBoundingClientRect();
    const x = Math.floor((event.clientX - box.left) / box.width * paint.width);
    const y = Math.floor((event.clientY - box.top) / box.height * paint.height);
    if (x < 0 || y < 0 || x >= paint.width || y >= paint.height) return -1;
    return numbers.holders[arrays.segments[y * paint.width + x]][0] ?? -1;
  }

  /** @param {number} dx @param {number} dy The nearest region in a direction. */
  function beside(dx, dy) {
    if (focus < 0) return numbers.ranked(state.target)[0];
    let found = focus, least = Infinity;
    for (let r = 0; r < R; r++) {
      const y = arrays.points[2 * r] - arrays.points[2 * focus], x = arrays.points[2 * r + 1] - arrays.points[2 * focus + 1];
      const ahead = x * dx + y * dy, aside = Math.abs(x * dy) + Math.abs(y * dx);
      if (ahead > 0 && ahead + 2 * aside < least) [found, least] = [r, ahead + 2 * aside];
    }
    return found;
  }

  // --- Words ---------------------------------------------------------------------------------
  const gone = (/** @type {number} */ r) => numbers.members[r].every((s) => state.hidden[s]);
  /** @param {number} r */
  function without(r) {
    const hidden = new Uint8Array(S);
    for (const s of numbers.members[r]) hidden[s] = 1;
    return numbers.answer(hidden, state.target, effects);
  }
  /** @param {number} r @param {number} index */
  function share(r, index) {
    const off = numbers.margin(r, index);
    return `${column(numbers.influence(r, index), true)}${off ? ` ± ${column(off)}` : ""}`;
  }
  /** @param {Answer} answer */
  const scored = (answer) => `${answer.kind === "estimate" ? "≈ " : ""}${numbers.score(answer.score, state.target)}`;
  /** @param {Answer} answer */
  function worth(answer) {
    if (answer.kind === "measured") return "asked";
    const off = answer.error ?? NaN;
    return Number.isNaN(off) ? "estimate, its error not known" : `estimate, off by ${numbers.score(off, state.target)} (r.m.s.)`;
  }

  /** @param {number} r */
  function point(r) {
    if (r === focus) return;
    rows[focus]?.classList.remove("pointed");
    focus = r;
    rows[r]?.classList.add("pointed");
    stroke(over, r < 0 ? [] : [[outline(r), 2.5]]);
    if (r < 0) return told.replaceChildren("Point at a region, or go through them with the arrow keys. A click or Enter hides it.");
    const answer = without(r), sure = numbers.sure(r, state.target);
    told.replaceChildren(
      h("b", {}, region(r)), `, ${called(r)}: `, h("b", {}, share(r, state.target)),
      sure ? "" : " (not sure)", ` of “${named(state.target)}”; ${percent(arrays.areas[r])} of the image; without it `,
      h("b", { class: answer.kind }, scored(answer)), ` (${worth(answer)})${gone(r) ? "; hidden now" : ""}`,
    );
  }

  // --- The table, which is the bar chart too --------------------------------------------------
  /** @type {HTMLTableRowElement[]} */
  const rows = [];
  const body = h("tbody");
  const heads = h("tr");
  const chart = h("div", { class: "chart", tabindex: 0, role: "region", "aria-label": "Regions, the strongest first" },
    h("table", {}, h("caption", {}, "Regions, the strongest first"), h("thead", {}, heads), body));

  function list() {
    const { target, foil } = state, order = numbers.ranked(target);
    const reach = Math.max(0.01, ...order.map((r) => Math.abs(numbers.influence(r, target)) + Math.min(numbers.margin(r, target), 0.2)));
    heads.replaceChildren(...["region", "influence", ...(foil < 0 ? [] : [`on “${named(foil)}”`]), "area", "score without"]
      .map((text) => h("th", { scope: "col" }, text)));
    body.replaceChildren(...order.map((r) => {
      const value = numbers.influence(r, target), off = numbers.margin(r, target), answer = without(r);
      const bar = h("span", { class: "bar", "aria-hidden": "true" }, h("i"), h("s"));
      const [r255, g255, b255] = paint.colour(value), at = (/** @type {number} */ share) => 50 + 50 * Math.min(Math.max(share / reach, -1), 1);
      const [from, to] = [at(Math.min(value, 0)), at(Math.max(value, 0))];
      bar.firstChild.style.cssText = `left:${from}%;width:${to - from}%;background:rgb(${r255},${g255},${b255})`;
      bar.lastChild.style.cssText = `left:${at(value - off)}%;width:${at(value + off) - at(value - off)}%`;
      const button = h("button", { "aria-pressed": "false", "data-region": r, title: "Hide or show" },
        h("b", {}, texts.marks[r]), ` ${called(r)}`);
      rows[r] = h("tr", { "data-row": r },
        h("th", { scope: "row" }, button),
        h("td", { class: "share" }, bar, h("span", {}, share(r, target))),
        foil >= 0 && h("td", {}, share(r, foil)),
        h("td", {}, column(arrays.areas[r])),
        h("td", {}, h("span", { class: answer.kind, title: worth(answer) }, scored(answer))));
      return rows[r];
    }));
    mark();
  }

  function mark() {
    const speak = rows.map((_, r) => numbers.speaks(r, state.target, state.threshold));
    rows.forEach((line, r) => {
      line.classList.toggle("important", speak[r] !== 0);
      line.classList.toggle("unsure", !numbers.sure(r, state.target));
      line.classList.toggle("gone", gone(r));
      line.firstElementChild?.firstElementChild?.setAttribute("aria-pressed", String(gone(r)));
    });
    const [pros, cons] = [1, -1].map((sign) => speak.filter((one) => one === sign).length);
    const off = arrays.errors?.[state.target];
    tally.replaceChildren(...solid([
      pros + cons === 0 ? `No region surely speaks for or against “${named(state.target)}” by ${round(state.threshold)} or more. `
        : `Of ${R} ${R === 1 ? "region" : "regions"}, ${pros || "none"} surely ${pros > 1 ? "speak" : "speaks"} for “${named(state.target)}” and ${cons || "none"} against it, by ${round(state.threshold)} or more. `,
      body.querySelector(".estimate") && h("span", { class: "note" }, `≈ is an estimate, not asked: the influences added up, ${off === undefined ? "with an error that is not known." : `off by ${numbers.score(off, state.target)} (root mean square over the rows asked).`}`),
    ]));
  }

  // --- Controls ------------------------------------------------------------------------------
  const tally = h("span", { class: "tally" });
  const outcome = h("div", { class: "outcome", role: "status" });
  const sentence = h("p", { class: "sentence" });
  const compared = h("p", { class: "compared" });
  const title = h("h1");

  /**
   * A field to choose a class by a part of its name.
   * @param {string} label
   * @param {() => number} chosen
   * @param {(index: number) => void} choose
   * @param {string} none What stands there where no class is chosen, or nothing.
   */
  function search(label, chosen, choose, none = "") {
    const id = `of-${label.toLowerCase().replace(/\W+/g, "-")}`, size = 30;
    const field = h("input", {
      id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list",
    });
    const found = h("ul", { id: `${id}-list`, role: "listbox", "aria-label": label, hidden: true });
    let at = -1;
    const show = () => { const index = chosen(); field.value = index < 0 ? none : named(index); };
    const close = () => { found.hidden = true; field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); };
    const take = (/** @type {number} */ index) => { close(); choose(index); show(); };
    function open(wanted = "") {
      const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
      const all = [...Array(K).keys()].filter((index) => !texts.outside.includes(index)
        && words.every((word) => `${index} ${named(index)}`.toLowerCase().includes(word)));
      // "cat" finds the tiger cat before the catamount.
      const whole = new Set(all.filter((index) => {
        const parts = new Set(named(index).toLowerCase().split(/[^\p{L}\p{N}]+/u));
        return words.every((word) => parts.has(word));
      }));
      const ranked = [true, false].flatMap((is) => top(all.filter((index) => whole.has(index) === is), (index) => arrays.scores[index], size));
      const shown = ranked.slice(0, size), rest = all.length - shown.length;
      const options = shown.map((index) => h("li", { id: `${id}-${index}`, role: "option", "data-index": index, "aria-selected": String(index === chosen()) },
        h("span", {}, named(index)), h("span", {}, numbers.score(arrays.scores[index], index))));
      if (none && !words.length) options.unshift(h("li", { id: `${id}-none`, role: "option", "data-index": -1, "aria-selected": String(chosen() < 0) }, none));
      found.replaceChildren(...options);
      if (rest || !options.length) found.append(h("li", { class: "rest", role: "option", "aria-disabled": "true", "aria-selected": "false" }, rest ? `and ${rest} more` : "no class of this name"));
      found.hidden = false;
      at = -1;
      field.setAttribute("aria-expanded", "true");
    }
    function move(/** @type {number} */ by) {
      if (found.hidden) open();
      const options = found.querySelectorAll("[data-index]");
      if (!options.length) return;
      at = (at + by + options.length) % options.length;
      options.forEach((/** @type {Element} */ option, /** @type {number} */ place) => option.classList.toggle("at", place === at));
      field.setAttribute("aria-activedescendant", options[at].id);
      options[at].scrollIntoView({ block: "nearest" });
    }
    field.addEventListener("focus", () => { field.select(); open(); });
    field.addEventListener("input", () => open(field.value));
    field.addEventListener("blur", () => { close(); show(); });
    field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); move(event.key === "ArrowDown" ? 1 : -1); }
      if (event.key === "Escape") { close(); show(); }
      if (event.key === "Enter" && !found.hidden) {
        const option = found.querySelectorAll("[data-index]")[Math.max(at, 0)];
        if (option) take(Number(option.dataset.index));
      }
    });
    found.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => {
      const option = /** @type {HTMLElement} */ (event.target).closest("[data-index]");
      event.preventDefault();
      if (option) take(Number(/** @type {HTMLElement} */ (option).dataset.index));
    });
    return { show, element: h("div", { class: "search" }, h("label", { for: id }, label), field, found) };
  }

  const target = search("Class", () => state.target, (index) => {
    if (index < 0 || index === state.target) return;
    state = { ...state, target: index, foil: state.foil === index ? -1 : state.foil };
    all();
  });
  const foil = search("Rather than", () => state.foil, (index) => {
    if (index === state.target) return;
    state = { ...state, foil: index, show: index >= 0 ? "contrast" : state.show === "contrast" ? "overlay" : state.show };
    all();
  }, "no other class");

  // The threshold goes by the root, as colours do: small shares have room.
  const steps = 200, place = (/** @type {number} */ share) => Math.round(steps * Math.sqrt(share));
  const threshold = h("input", {
    id: "threshold", type: "range", min: 4, max: steps, step: 1,
    input: () => set({ threshold: Number(threshold.value) === place(texts.threshold) ? texts.threshold : (Number(threshold.value) / steps) ** 2 }),
  });
  const limit = h("output", { for: "threshold" });
  const opacity = h("input", { id: "opacity", type: "range", min: 0, max: 100, step: 5, input: () => set({ opacity: Number(opacity.value) }) });
  const shown = h("select", { id: "show", change: () => set({ show: shown.value }) });
  const lined = h("input", { id: "lines", type: "checkbox", change: () => set({ lines: lined.checked }) });
  const asked = numbers.n > 1 && h("input", {
    id: "asked", type: "range", min: 1, max: numbers.n, value: 1, step: 1,
    input: () => hide(numbers.coalition(Number(asked.value) - 1), Number(asked.value)),
  });
  const askedAt = h("output", { for: "asked" }, `${numbers.n} rows`);
  const button = (/** @type {string} */ text, /** @type {() => void} */ click, more = {}) => h("button", { click, ...more }, text);
  const theme = button("Dark", () => set({ theme: dark() ? "light" : "dark" }), { class: "theme" });
  const dark = () => state.theme ? state.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const current = () => numbers.kept(state.target, state.threshold);

  /** @param {Uint8Array} hidden @param {number} [row] Of those asked, where it is one. */
  function hide(hidden, row = 0) {
    state = { ...state, hidden };
    askedAt.textContent = row ? `${row} of ${numbers.n}` : `${numbers.n} rows`;
    if (asked) asked.value = String(row || 1);
    draw(); mark(); say(); remember();
    const at = focus;
    focus = -2;
    point(at);
  }
  /** @param {number} r */
  function toggle(r) {
    const hidden = state.hidden.slice(), to = gone(r) ? 0 : 1;
    for (const s of numbers.members[r]) hidden[s] = to;
    hide(hidden);
  }

  /** @param {Partial<State>} change Of how the same class is shown. */
  function set(change) {
    state = { ...state, ...change };
    draw(); mark(); controls(); remember();
  }

  function all() {
    effects = numbers.effects(state.target);
    list(); draw(); controls(); say(); remember();
    const at = focus;
    focus = -2;
    point(at);
  }

  function controls() {
    const modes = Object.entries(SHOWN).filter(([mode]) => mode !== "contrast" || state.foil >= 0);
    shown.replaceChildren(...modes.map(([mode, text]) => h("option", { value: mode }, text)));
    if (!modes.some(([mode]) => mode === state.show)) state.show = "overlay";
    shown.value = state.show;
    threshold.value = String(place(state.threshold));
    limit.textContent = round(state.threshold);
    threshold.setAttribute("aria-valuetext", limit.textContent);
    opacity.value = String(state.opacity);
    lined.checked = state.lines;
    theme.textContent = dark() ? "Light" : "Dark";
    root.dataset.theme = document.documentElement.dataset.theme = state.theme;
    target.show();
    foil.show();
    title.textContent = `${named(state.target)} `;
    title.append(h("small", {}, numbers.score(arrays.scores[state.target], state.target)));
    const words = state.target === texts.target && texts.words ? texts.words : texts.sentences[state.target];
    sentence.textContent = words ?? `No sentence was written for this class: cilens explain --target ${state.target} writes one.`;
    compared.textContent = state.foil < 0 ? "" : state.target === texts.target && texts.contrasts[state.foil]
      ? texts.contrasts[state.foil]
      : `No sentence was written for these two classes: cilens explain --target ${state.target} --against ${state.foil} writes one.`;
  }

  /** Say what is known of what is shown now. */
  function say() {
    const answer = numbers.answer(state.hidden, state.target, effects);
    const count = [...Array(R).keys()].filter(gone).length, some = state.hidden.some(Boolean);
    const what = !some ? "The whole image" : count === R ? "Everything hidden" : `${count} of ${R} regions hidden`;
    const winner = answer.best ? answer.best.map((index) => `${named(index)} ${numbers.score(/** @type {any} */ (answer.of)(index), index)}`).join(" · ")
      : answer.winner !== undefined ? `the answer is ${named(answer.winner)}` : "";
    const off = answer.error ?? NaN;
    outcome.dataset.kind = answer.kind;
    outcome.replaceChildren(
      h("span", { class: "what" }, `${what}: ${named(state.target)}`), h("strong", {}, scored(answer)),
      h("span", { class: "kind" }, answer.kind === "measured" ? "measured: the model was asked" : "estimate: not asked"),
      h("span", { class: "more" }, answer.kind === "measured" ? winner
        : `The influences, added up. ${Number.isNaN(off) ? "How far that is off is not known: the model was not asked about sets like this one." : `Over the rows that were asked such sums are off by ${numbers.score(off, state.target)} (root mean square).`}`),
    );
    if (answer.kind === "estimate" && ask) live(state.hidden);
  }

  let turn = 0;
  /** @param {Uint8Array} hidden */
  async function live(hidden) {
    const mine = ++turn;
    await new Promise((done) => setTimeout(done, 150));
    if (mine !== turn || !ask) return;
    const scores = await ask(Array.from(hidden, (one) => !one));
    numbers.learn(hidden, scores);
    if (mine === turn && hidden === state.hidden) say();
  }

  let soon = 0;
  function remember() {
    if (!address) return;
    clearTimeout(soon);
    soon = window.setTimeout(() => {
      const said = new URLSearchParams(), signs = hex(state.hidden);
      if (state.target !== opens.target) said.set("class", String(state.target));
      if (state.foil !== opens.foil) said.set("foil", state.foil < 0 ? "none" : String(state.foil));
      if (state.threshold !== opens.threshold) said.set("threshold", String(Number(state.threshold.toPrecision(6))));
      if (state.show !== opens.show) said.set("show", state.show);
      if (state.opacity !== opens.opacity) said.set("opacity", String(state.opacity));
      if (state.lines) said.set("lines", "1");
      if (state.theme) said.set("theme", state.theme);
      if (signs) said.set("hidden", signs);
      history.replaceState(null, "", `#${said}`);
    }, 100);
  }

  // --- Together ------------------------------------------------------------------------------
  const pairs = (/** @type {[string, string][]} */ found) => h("dl", {}, ...found.flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]));
  const fold = (/** @type {string} */ head, /** @type {Node[]} */ ...inside) => h("details", {}, h("summary", {}, head), ...inside);
  const field = (/** @type {string} */ name, /** @type {HTMLElement} */ input, /** @type {any} */ after = null) =>
    h("div", { class: "field" }, h("label", { for: input.id }, name), input, after);
  const saved = downloads({ texts, arrays }, numbers, paint, () => state, [picture, lines]);
  root.replaceChildren(
    h("header", {}, h("p", { class: "source" }, texts.source), title, theme),
    h("section", { class: "look", "aria-label": "Picture" },
      stage, told, outcome,
      h("div", { class: "buttons" },
        button("Show all", () => hide(new Uint8Array(S))),
        button("Only the highlight", () => hide(current().map((/** @type {number} */ one) => +!one))),
        button("Without the highlight", () => hide(Uint8Array.from(current()))),
        button("Hide all", () => hide(new Uint8Array(S).fill(1)))),
      asked && field("Questions asked", asked, askedAt),
      field("Show", shown), field("Threshold", threshold, limit), field("Opacity", opacity),
      h("div", { class: "field" }, h("label", { for: "lines" }, "Lines"), lined),
      legend(paint)),
    h("section", { class: "read", "aria-label": "Explanation" },
      h("div", { class: "classes" }, target.element, K > 1 && foil.element),
      sentence, compared, h("p", { class: "count" }, tally), chart,
      texts.audit.length > 0 && fold("Audit", pairs(texts.audit)),
      fold("How this was made", pairs(texts.made)),
      fold("Download", h("div", { class: "buttons" }, ...saved))),
  );
  stage.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => point(under(event)));
  stage.addEventListener("pointerleave", () => point(-1));
  stage.addEventListener("click", (/** @type {MouseEvent} */ event) => { const r = under(event); if (r >= 0) toggle(r); });
  stage.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (move) point(beside(move[0], move[1]));
    else if ((event.key === "Enter" || event.key === " ") && focus >= 0) toggle(focus);
    else if (event.key === "Escape") hide(new Uint8Array(S));
    else return;
    event.preventDefault();
  });
  const row = (/** @type {Event} */ event) => Number(/** @type {any} */ (event.target).closest("[data-row]")?.dataset.row ?? -1);
  body.addEventListener("pointerover", (/** @type {Event} */ event) => point(row(event)));
  body.addEventListener("pointerleave", () => point(-1));
  body.addEventListener("focusin", (/** @type {Event} */ event) => point(row(event)));
  body.addEventListener("click", (/** @type {Event} */ event) => { if (/** @type {Element} */ (event.target).closest("button")) toggle(row(event)); });
  const resized = () => { fit(); draw(); stroke(over, focus < 0 ? [] : [[outline(focus), 2.5]]); };
  new ResizeObserver(resized).observe(/** @type {Element} */ (stage.parentElement));
  addEventListener("hashchange", () => { if (address) { state = read(location.hash, opens, K); all(); } });
  fit();
  focus = -2;
  all();
  point(-1);
  root.dataset.ready = "1";
}

/** The scale of colours, with its numbers. @param {Awaited<ReturnType<typeof painter>>} paint */
function legend(paint) {
  const canvas = h("canvas", { width: 201, height: 1, "aria-hidden": "true" }), context = canvas.getContext("2d");
  for (let at = 0; at <= 200; at++) {
    const deep = at / 100 - 1, [r, g, b] = paint.colour(Math.sign(deep) * deep * deep);
    context.fillStyle = `rgb(${r},${g},${b})`;
    context.fillRect(at, 0, 1, 1);
  }
  const marks = [-1, -0.25, -0.04, 0, 0.04, 0.25, 1].map((share) => {
    const mark = h("span", {}, percent(share, { signed: true }));
    mark.style.left = `${50 + 50 * Math.sign(share) * Math.sqrt(Math.abs(share))}%`;
    return mark;
  });
  return h("figure", { class: "legend" }, canvas, h("div", {}, ...marks),
    h("figcaption", {}, "Share of the output range: blue speaks against the class, orange for it"));
}

// --- Downloads -------------------------------------------------------------------------------

/**
 * @param {Contents} contents
 * @param {ReturnType<typeof model>} numbers
 * @param {Awaited<ReturnType<typeof painter>>} paint
 * @param {() => State} state
 * @param {HTMLCanvasElement[]} canvases
 */
function downloads({ texts, arrays }, numbers, paint, state, canvases) {
  const stem = (texts.source || "explanation").replace(/^.*[/\\]/, "").replace(/\.\w+$/, "").replace(/[^\w.-]+/g, "-").slice(0, 60) || "explanation";
  /** @param {Blob | null} blob @param {string} suffix */
  function save(blob, suffix) {
    const link = h("a", { href: URL.createObjectURL(/** @type {Blob} */ (blob)), download: `${stem}.${suffix}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
  /** @param {number} width @param {HTMLCanvasElement[]} layers */
  function flat(width, layers) {
    const canvas = h("canvas", { width, height: Math.round(width * paint.height / paint.width) }), context = canvas.getContext("2d");
    context.imageSmoothingEnabled = texts.smooth;
    for (const layer of layers) context.drawImage(layer, 0, 0, canvas.width, canvas.height);
    return canvas;
  }
  return [
    ["PNG", () => flat(paint.width * Math.ceil(900 / Math.max(paint.width, paint.height)), canvases).toBlob((/** @type {Blob | null} */ blob) => save(blob, "png"))],
    ["SVG", () => save(new Blob([svg()], { type: "image/svg+xml" }), "svg")],
    ["JSON", () => save(new Blob([`${JSON.stringify(texts.record, null, 2)}\n`], { type: "application/json" }), "json")],
    ["npz", () => save(new Blob([/** @type {any} */ (npz(tables()))], { type: "application/octet-stream" }), "npz")],
  ].map(([name, click]) => h("button", { click }, String(name)));

  /** The picture as it is now, and each region as a shape of its own with its numbers. */
  function svg() {
    const name = "http://www.w3.org/2000/svg", { width, height } = paint;
    const make = (/** @type {string} */ tag, /** @type {Record<string, any>} */ set, text = "") => {
      const element = document.createElementNS(name, tag);
      for (const [key, value] of Object.entries(set)) element.setAttribute(key, String(value));
      if (text) element.textContent = text;
      return element;
    };
    const root = make("svg", { xmlns: name, viewBox: `0 0 ${width} ${height}`, width: 4 * width, height: 4 * height });
    root.append(make("image", { width, height, href: flat(width, [canvases[0]]).toDataURL(), "image-rendering": texts.smooth ? "auto" : "pixelated" }));
    for (const r of numbers.ranked(state().target)) {
      const inside = new Set(numbers.members[r]);
      let path = "";
      for (let y = 0; y < height; y++) {
        for (let x = 0, from = -1; x <= width; x++) {
          const there = x < width && inside.has(arrays.segments[y * width + x]);
          if (there && from < 0) from = x;
          if (!there && from >= 0) { path += `M${from} ${y}h${x - from}v1h${from - x}z`; from = -1; }
        }
      }
      const shape = make("path", { d: path, fill: "transparent", id: `region-${r}` });
      const { target } = state();
      shape.append(make("title", {}, `region ${texts.marks[r]}: ${percent(numbers.influence(r, target), { signed: true })} of ${texts.names[target]}`));
      root.append(shape);
    }
    return new XMLSerializer().serializeToString(root);
  }

  /** All numbers, as this page holds them. @returns {Record<string, [string, number[], ArrayBufferView]>} */
  function tables() {
    const { K, R, S, n } = numbers, table = (/** @type {(r: number, k: number) => number} */ value) =>
      Float64Array.from({ length: R * K }, (_, at) => value(Math.floor(at / K), at % K));
    const rgb = new Uint8Array(3 * paint.width * paint.height).map((_, at) => paint.plain.data[4 * Math.floor(at / 3) + at % 3]);
    const stays = new Uint8Array(n * S);
    for (let at = 0; at < n; at++) stays.set(numbers.coalition(at).map((one) => 1 - one), at * S);
    /** @type {Record<string, [string, number[], ArrayBufferView]>} */
    const found = {
      image: ["|u1", [paint.height, paint.width, 3], rgb],
      segments: [arrays.segments.BYTES_PER_ELEMENT === 2 ? "<u2" : "<u4", [paint.height, paint.width], arrays.segments],
      regions: ["|b1", [R, S], Uint8Array.from({ length: R * S }, (_, at) => +numbers.members[Math.floor(at / S)].includes(at % S))],
      scores: ["<f8", [K], arrays.scores],
      output_range: ["<f8", [2, K], arrays.bounds],
      influence: ["<f8", [R, K], table(numbers.influence)],
    };
    if (arrays.margin) found.margin = ["<f8", [R, K], table(numbers.margin)];
    if (n) found.coalitions = ["|b1", [n, S], stays];
    return found;
  }
}

/** @param {Record<string, [string, number[], ArrayBufferView]>} tables A zip of .npy files, stored. */
function npz(tables) {
  const sums = Uint32Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n; });
  const parts = /** @type {Uint8Array[]} */ ([]), list = /** @type {Uint8Array[]} */ ([]);
  let length = 0;
  for (const [name, [type, shape, view]] of Object.entries(tables)) {
    let head = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(", ")}${shape.length === 1 ? "," : ""}), }`;
    head += `${" ".repeat(63 - (10 + head.length) % 64)}\n`;
    const bytes = new Uint8Array(10 + head.length + view.byteLength), file = new TextEncoder().encode(`${name}.npy`);
    bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, head.length & 255, head.length >> 8]);
    bytes.set(new TextEncoder().encode(head), 10);
    bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), 10 + head.length);
    let sum = -1;
    for (const byte of bytes) sum = sums[(sum ^ byte) & 255] ^ (sum >>> 8);
    const fields = [20, 0, 0, 0, 33];
    const common = (/** @type {number[]} */ start, /** @type {number} */ more) => {
      const entry = new Uint8Array(start.length + 26 + more + file.length), at = new DataView(entry.buffer);
      entry.set(start);
      fields.forEach((value, place) => at.setUint16(start.length + 2 * place, value, true));
      [(sum ^ -1) >>> 0, bytes.length, bytes.length].forEach((value, place) => at.setUint32(start.length + 10 + 4 * place, value, true));
      at.setUint16(start.length + 22, file.length, true);
      entry.set(file, entry.length - file.length);
      return entry;
    };
    const entry = common([80, 75, 1, 2, 20, 0], 14);
    new DataView(entry.buffer).setUint32(42, length, true);
    list.push(entry);
    parts.push(common([80, 75, 3, 4], 0), bytes);
    length += parts[parts.length - 2].length + bytes.length;
  }
  const end = new Uint8Array(22), at = new DataView(end.buffer), size = list.reduce((sum, entry) => sum + entry.length, 0);
  end.set([80, 75, 5, 6]);
  at.setUint16(8, list.length, true);
  at.setUint16(10, list.length, true);
  at.setUint32(12, size, true);
  at.setUint32(16, length, true);
  const all = [...parts, ...list, end], whole = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  all.reduce((place, part) => { whole.set(part, place); return place + part.length; }, 0);
  return whole;
}

const packed = document.getElementById("data"), view = document.getElementById("view");
if (packed && view) mount(view, await unpack(packed.textContent ?? ""));
