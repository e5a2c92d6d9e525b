// The data of the page, taken apart: see report/history/page/page_data.hpp for what stands where.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** [first, count, first, count, ...] */
function expanded(ranges) {
  const all = [];
  for (let i = 0; i < ranges.length; i += 2) {
    for (let k = 0; k < ranges[i + 1]; ++k) all.push(ranges[i] + k);
  }
  return all;
}

const allSeries = data.series.map((raw, number) => {
  const [metric, title, better] = data.metrics[raw.m];
  const benchmark = data.benchmarks[raw.b], machine = data.machines[raw.k], branch = data.branches[raw.r];
  const runs = expanded(raw.x);
  const changes = raw.c.map(([index, direction, tentative, marked, before, after, by, state, origin]) =>
    ({index, direction, tentative, marked, before, after, by, state, origin}));
  return {
    number, benchmark, metric, title, better, machine, branch, runs, changes,
    unit: raw.u, gated: raw.g === 1, measurement: raw.f, values: raw.v, segments: raw.s, outliers: raw.o,
    newest: raw.t, worsening: raw.w === 1,
    below: (i) => (raw.l ? raw.l[i] : 0),
    above: (i) => (raw.h ? raw.h[i] : 0),
    processes: (i) => (Array.isArray(raw.n) ? raw.n[i] : raw.n),
    worse: raw.w === 1 || (changes.length > 0 && changes[changes.length - 1].direction === 0 &&
      !changes[changes.length - 1].marked),
    words: [benchmark, metric, title, machine, branch].join("\n").toLowerCase(),
  };
});
const newestRank = new Map();
data.order.forEach(([series], rank) => newestRank.has(series) || newestRank.set(series, rank));

const runName = (series, i) => data.runs[series.runs[i]][0].slice(0, 7);
const several = {machine: data.machines.length > 1, branch: data.branches.length > 1};
const measured = new Map();  // how many series differ in what was measured alone
const nameOf = (series) => [series.benchmark, series.metric, series.machine, series.branch].join("\n");
const keyOf = (series) => nameOf(series) + "\n" + series.measurement;
for (const series of allSeries) measured.set(nameOf(series), (measured.get(nameOf(series)) || 0) + 1);

/** The series that a link names; where it was measured differently since, the newest of the same name. */
function seriesOfKey(key) {
  const name = key.split("\n").slice(0, 4).join("\n");
  return allSeries.find((series) => keyOf(series) === key) ?? allSeries.findLast((series) => nameOf(series) === name);
}

function aboutText(series) {
  const parts = [series.title];
  if (several.machine) parts.push(series.machine);
  if (several.branch) parts.push(series.branch);
  if (measured.get(nameOf(series)) > 1) parts.push("measurement " + (series.measurement || "unknown"));
  parts.push(series.values.length === 1 ? "1 run" : grouped(String(series.values.length)) + " runs");
  return parts.join(" · ");
}

function spreadText(series, i) {
  if (!(series.below(i) > 0 || series.above(i) > 0)) return "";
  const low = valueText(series, Number((series.values[i] - series.below(i)).toPrecision(5)));
  return low + " to " + valueText(series, Number((series.values[i] + series.above(i)).toPrecision(5)));
}

function pointTexts(series, i) {
  const [commit, subject, started] = data.runs[series.runs[i]];
  const spread = spreadText(series, i), n = series.processes(i);
  const value = valueText(series, series.values[i]) + (spread ? ` (${spread})` : "");
  return {commit, subject, started, value, spread, n: n === 1 ? "1 process" : n + " processes"};
}
