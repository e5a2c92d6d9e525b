"use strict";
// Draws one series. What is in `data` comes from benchmarks' names and commits' subjects: it goes into the page as
// text and attributes of elements, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const DIRECTIONS = ["worse", "better", "moved"];
const SIGNS = ["✗ worse", "✓ better", "◆ moved"];

function draw(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function grouped(text) {
  const [whole, rest] = text.split(".");
  const sign = whole.startsWith("-") ? "-" : "";
  const digits = whole.slice(sign.length).replace(/\B(?=(\d{3})+$)/g, ",");
  return sign + digits + (rest === undefined ? "" : "." + rest);
}

/** Whole numbers in full, others with five significant digits. */
function numberText(value) {
  const magnitude = Math.abs(value);
  if (Number.isInteger(value) && magnitude < 1e15) return grouped(String(value));
  if (magnitude >= 1e15 || magnitude < 1e-3) return value.toExponential(4);
  const decimals = Math.min(6, Math.max(0, 4 - Math.floor(Math.log10(magnitude) + 1e-12)));
  return grouped(value.toFixed(decimals));
}

function valueText(series, value) {
  return series.unit ? numberText(value) + " " + series.unit : numberText(value);
}

/** [lowest, highest] of the points that are no outliers. */
function extentOf(series) {
  const outliers = new Set(series.outliers);
  const all = outliers.size === series.values.length;
  const values = series.values.filter((_, i) => all || !outliers.has(i));
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

/** The points that are no outliers, the bands, and nearly all whiskers: a stray process makes no axis. */
function rangeOf(series) {
  let [low, high] = extentOf(series);
  const apart = high - low || Math.abs(high) * 0.05 || 1;
  const floor = low - apart, ceiling = high + apart;
  const lows = series.values.map((value, i) => value - series.below(i)).sort((a, b) => a - b);
  const highs = series.values.map((value, i) => value + series.above(i)).sort((a, b) => a - b);
  const stray = Math.floor((lows.length - 1) / 20);
  const bounds = series.segments.flatMap((segment) => [segment[3], segment[4]]);
  for (const value of [lows[stray], highs[highs.length - 1 - stray], ...bounds]) {
    low = Math.min(low, Math.max(value, floor));
    high = Math.max(high, Math.min(value, ceiling));
  }
  if (low === high) [low, high] = [floor, ceiling];
  const gap = 0.04 * (high - low);
  return {low: lows[0] >= 0 ? Math.max(0, low - gap) : low - gap, high: high + gap};
}

function ticksOf(range, most) {
  const least = (range.high - range.low) / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= least * (1 - 1e-12));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(range.low / step - 1e-9);
  const ticks = [];
  for (let i = 0; i <= most; ++i) {
    const value = (first + i) * step;
    if (!(value <= range.high + 1e-9 * step)) break;
    const plain = decimals <= 6 && Math.abs(value) < 1e12;
    ticks.push({value, label: plain ? grouped(value.toFixed(decimals)) : value.toPrecision(4)});
  }
  return ticks;
}

function glyphPath(direction, x, y) {
  if (direction === 0) return `M${x - 3} ${y - 3}L${x + 3} ${y + 3}M${x - 3} ${y + 3}L${x + 3} ${y - 3}`;
  if (direction === 1) return `M${x - 4} ${y}L${x - 1.2} ${y + 3}L${x + 4} ${y - 3.2}`;
  return `M${x} ${y - 4}L${x + 4} ${y}L${x} ${y + 4}L${x - 4} ${y}Z`;
}

/** In the first row, from the plot upwards, that has room. */
function placeSigns(series, xOf) {
  const used = [-Infinity, -Infinity, -Infinity];
  return series.changes.map((change) => {
    const x = xOf(change.index);
    let row = 0;
    while (row + 1 < used.length && x - 10 < used[row]) ++row;
    used[row] = x + 10 + (change.marked ? 16 : 0);
    return {change, x, row};
  });
}

function drawSign(sign, y, bottom) {
  const {change, x} = sign;
  const kind = DIRECTIONS[change.direction] + (change.tentative ? "" : " sure");
  const group = draw("g", {},
    draw("path", {class: "boundary " + DIRECTIONS[change.direction], d: `M${x} ${y + 8}V${bottom}`}),
    draw("circle", {class: kind, cx: x, cy: y, r: 8}),
    draw("path", {class: "glyph " + kind, d: glyphPath(change.direction, x, y)}));
  if (change.marked) {
    const left = x + 13;
    const d = `M${left} ${y + 7}L${left} ${y - 7}L${left + 9} ${y - 3.5}L${left} ${y}`;
    group.append(draw("path", {class: "flag", d}));
  }
  return group;
}

/** Where things stand in a picture of width x height. */
function layoutOf(series, width, height) {
  const count = series.values.length, range = rangeOf(series);
  const ticks = ticksOf(range, height > 250 ? 6 : 4);
  const left = 8 + Math.max(...ticks.map((tick) => 6.8 * tick.label.length));
  const right = width - 6, bottom = height - 20;
  const xOf = (position) => Math.round(10 * (left + 4 + (right - left - 8) * position / count)) / 10;
  const signs = placeSigns(series, xOf);
  const top = 18 + 20 * signs.reduce((most, sign) => Math.max(most, sign.row + 1), 0);
  const yOf = (value) => {
    const share = Math.min(1, Math.max(0, (value - range.low) / (range.high - range.low)));
    return Math.round(10 * (bottom - (bottom - top) * share)) / 10;
  };
  const indexAt = (x) => Math.min(count - 1, Math.max(0, Math.floor((x - left - 4) / (right - left - 8) * count)));
  return {count, ticks, signs, left, right, top, bottom, xOf, yOf, indexAt};
}

function drawSegments(series, {xOf, yOf}) {
  return series.segments.flatMap(([begin, end, median, low, high]) => {
    const x = xOf(begin), y = yOf(high);
    return [draw("rect", {class: "band", x, y, width: xOf(end) - x, height: Math.max(0, yOf(low) - y)}),
      draw("path", {class: "median", d: `M${x} ${yOf(median)}H${xOf(end)}`})];
  });
}

function drawAxes(series, {ticks, left, right, bottom, yOf}) {
  const lines = ticks.flatMap((tick) => {
    const y = yOf(tick.value);
    return [draw("path", {class: "grid-line", d: `M${left} ${y}H${right}`}),
      draw("text", {x: left - 5, y: y + 4, "text-anchor": "end"}, tick.label)];
  });
  return [...lines, draw("text", {x: left, y: 10}, [series.unit, series.better].filter(Boolean).join(" · ")),
    draw("path", {class: "axis", d: `M${left} ${bottom}H${right}`})];
}

function drawPoints(series, {count, left, right, xOf, yOf}) {
  let whiskers = "", points = "";
  for (let i = 0; i < count; ++i) {
    const x = xOf(i + 0.5), value = series.values[i], below = series.below(i), above = series.above(i);
    if (below > 0 || above > 0) whiskers += `M${x} ${yOf(value - below)}V${yOf(value + above)}`;
    points += `M${x} ${yOf(value)}h0`;
  }
  const size = Math.min(6, Math.max(2, 0.8 * (right - left) / count));
  const rings = series.outliers.map((i) =>
    draw("circle", {class: "outlier", cx: xOf(i + 0.5), cy: yOf(series.values[i]), r: size / 2 + 2.5}));
  const dots = draw("path", {class: "points", d: points, "stroke-width": size.toFixed(1)});
  return [...(whiskers ? [draw("path", {class: "whiskers", d: whiskers})] : []), dots, ...rings];
}

/** Of the commits after changes, newest first, then of the last and the first, as far as there is room. */
function drawLabels(series, nameAt, {count, left, right, bottom, xOf}) {
  const labelled = [], texts = [];
  const order = series.changes.map((change) => change.index).reverse().concat([count - 1, 0]);
  order.forEach((index, rank) => {
    const label = nameAt(index), half = 3.7 * label.length + 4;
    const x = Math.min(right - half + 4, Math.max(left + half - 4, xOf(index + 0.5)));
    if (labelled.some((other) => Math.abs(other.x - x) < other.half + half)) return;
    labelled.push({x, half});
    const attributes = {x, y: bottom + 14, "text-anchor": "middle"};
    if (rank < series.changes.length) attributes.class = "strong";
    texts.push(draw("text", attributes, label));
  });
  return texts;
}

/**
 * An SVG element that fills width x height, and what is needed to find the points in it: {svg, indexAt(x),
 * show(index)}; show(-1) takes the cursor away. `nameAt` names a run's commit.
 */
function drawSeries(series, nameAt, width, height) {
  const layout = layoutOf(series, width, height);
  const {top, bottom, xOf, yOf, indexAt} = layout;
  const svg = draw("svg", {viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true"},
    ...drawSegments(series, layout), ...drawAxes(series, layout), ...drawPoints(series, layout),
    ...layout.signs.map((sign) => drawSign(sign, top - 10 - 20 * sign.row, bottom)),
    ...drawLabels(series, nameAt, layout));
  const cursor = draw("path", {class: "cursor"}), ring = draw("circle", {class: "cursor-point", r: 4.5});
  const show = (index) => {
    cursor.remove();
    ring.remove();
    if (index < 0) return;
    const x = xOf(index + 0.5);
    cursor.setAttribute("d", `M${x} ${top}V${bottom}`);
    ring.setAttribute("cx", x);
    ring.setAttribute("cy", yOf(series.values[index]));
    svg.append(cursor, ring);
  };
  return {svg, indexAt, show};
}
