// -- filters ----------------------------------------------------------------------------------------------------

const FILTERS = ["search", "benchmark", "metric", "machine", "branch", "show", "sort"];
const GATED = "gated";  // no name of a metric in the list: those have a "=" before them

function fillSelect(id, all, names) {
  const select = byId(id);
  select.append(make("option", {value: ""}, all));
  names.forEach((name) => select.append(make("option", {value: "=" + name[0]}, name[1])));
  select.closest("label").hidden = names.length < 2;
}

const words = () => byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);

function isChosen(series) {
  const metric = byId("metric").value, show = byId("show").value;
  const fits = (id, value) => byId(id).value === "" || byId(id).value === "=" + value;
  return fits("benchmark", series.benchmark) && fits("machine", series.machine) && fits("branch", series.branch) &&
    (metric === GATED ? series.gated : fits("metric", series.metric)) &&
    (show === "" || (show === "changed" ? series.changes.length > 0 : series.worse));
}

function wordsOfCommit(series, change) {
  return data.runs[series.runs[change.index]].join("\n").toLowerCase();
}

const hasWords = (text, wanted) => wanted.every((word) => text.includes(word));

function seriesHasWords(series, wanted) {
  return hasWords(series.words, wanted) ||
    series.changes.some((change) => hasWords(series.words + "\n" + wordsOfCommit(series, change), wanted));
}

// -- changes ----------------------------------------------------------------------------------------------------

const FEW_CHANGES = 8;
const SHORT_LIST = 12;  // which is shown whole
let showAllChanges = false;

function changeItem(series, change, named) {
  const [commit, subject, started] = data.runs[series.runs[change.index]];
  const where = make("span", {class: "where"}, started.slice(0, 10) + " ", make("code", {}, commit));
  where.append(" " + subject + (subject ? ", " : "") + change.origin);
  if (change.state) where.append(" · ", make("span", {class: "flag"}, change.state));
  const name = named ? [make("b", {}, series.benchmark), " " + series.title + " "] : [];
  const what = make("span", {class: "what"}, ...name,
    make("span", {class: "size"}, `${change.before} → ${change.after}`), " · ",
    make("span", {class: "size"}, change.by));
  const sign = make("span", {class: "sign " + DIRECTIONS[change.direction]}, SIGNS[change.direction]);
  const button = make("button", {type: "button"}, sign, what, where);
  button.addEventListener("click", () => openDetail(series, change.index));
  return make("li", {}, button);
}

function listChanges(chosen, wanted) {
  const all = data.order.map(([series, number]) => [allSeries[series], allSeries[series].changes[number]])
    .filter(([series, change]) => chosen.has(series) &&
      hasWords(series.words + "\n" + wordsOfCommit(series, change), wanted));
  const shown = showAllChanges || all.length <= SHORT_LIST ? all : all.slice(0, FEW_CHANGES);
  const items = shown.map(([series, change]) => changeItem(series, change, true));
  if (items.length === 0) items.push(make("li", {class: "empty"}, "No change in these series."));
  byId("changes").replaceChildren(...items);
  byId("more").hidden = all.length <= SHORT_LIST;
  byId("more").textContent = showAllChanges ? `Show the newest ${FEW_CHANGES}` : `Show all ${all.length} changes`;
  return all.length;
}

// -- cards ------------------------------------------------------------------------------------------------------

const cards = [];  // by the series' number

function spokenText(series) {
  const last = series.changes[series.changes.length - 1];
  const change = last ? `; newest change ${DIRECTIONS[last.direction]} by ${last.by}` : "; no change";
  return `Chart of ${series.title}, ${series.values.length} runs, newest ${series.newest}${change}`;
}

/** The newest value, the newest change, and whether the series is worse now for another reason. */
function standingOf(series) {
  const now = make("p", {class: "now"}, make("b", {}, series.newest));
  const last = series.changes[series.changes.length - 1];
  if (last) {
    const text = `${SIGNS[last.direction]} ${last.by} since ${runName(series, last.index)}`;
    now.append(" ", make("span", {class: DIRECTIONS[last.direction]}, text));
    if (last.state) now.append(" · ", make("span", {class: "flag"}, last.state));
  }
  const said = last && last.direction === 0 && !last.marked;
  if (series.worsening && !said) now.append(last ? " · " : " ", make("span", {class: "worse"}, "✗ worse than its stable level"));
  return now;
}

function cardOf(series) {
  const button = make("button", {type: "button", tabindex: "-1"}, series.benchmark);
  const chart = make("div", {class: "chart", role: "img", "aria-label": spokenText(series)});
  const card = make("article", {class: "card"}, make("h3", {}, button),
    make("p", {class: "about"}, aboutText(series)), standingOf(series), chart);
  button.addEventListener("click", () => openDetail(series, -1));
  button.addEventListener("focus", () => makeCurrent(series.number));
  return {series, card, button, chart, drawn: null};
}

function drawCard(entry) {
  const width = entry.chart.clientWidth, height = entry.chart.clientHeight;
  if (width === 0 || (entry.drawn && entry.drawn.width === width)) return;
  const drawing = drawSeries(entry.series, (i) => runName(entry.series, i), width, height);
  entry.drawn = {width, drawing};
  entry.chart.replaceChildren(drawing.svg);
}

const byChart = new Map();
const inView = new IntersectionObserver((changes) => {
  for (const {target, isIntersecting} of changes) {
    const entry = byChart.get(target);
    entry.near = isIntersecting;
    if (isIntersecting) drawCard(entry);
  }
}, {rootMargin: "400px"});

/** Reads off the point under the pointer, which stays read where `read` is given. */
function followPointer(chart, seriesOf, drawingOf, read) {
  const leave = () => {
    byId("tip").hidden = true;
    if (drawingOf() && !read) drawingOf().show(-1);
  };
  const move = (event) => {
    const drawing = drawingOf();
    if (!drawing) return;
    const index = drawing.indexAt(event.clientX - chart.getBoundingClientRect().left);
    if (read) read(index);
    else drawing.show(index);
    showTip(pointTexts(seriesOf(), index), event.clientX, event.clientY);
  };
  chart.addEventListener("pointermove", move);
  chart.addEventListener("pointerdown", move);
  chart.addEventListener("pointerleave", leave);
  chart.addEventListener("pointercancel", leave);
}

function showTip(texts, x, y) {
  const tip = byId("tip");
  tip.replaceChildren(make("b", {}, texts.value), make("div", {}, `${texts.n} · ${texts.started}`),
    make("code", {}, texts.commit), " " + texts.subject);
  const host = byId("detail").open ? byId("detail") : document.body;
  if (tip.parentNode !== host) host.append(tip);  // above the dialog's backdrop only within it
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = Math.min(x + 14, document.documentElement.clientWidth - box.width - 4);
  tip.style.left = Math.max(4, left) + "px";
  tip.style.top = (y + 18 + box.height > window.innerHeight ? y - box.height - 12 : y + 18) + "px";
}

let visible = [];  // entries of cards, in their order on the page

function update() {
  const wanted = words();
  const fitting = allSeries.filter(isChosen);
  const chosen = fitting.filter((series) => seriesHasWords(series, wanted));
  const rank = (series) => newestRank.get(series.number) ?? Infinity;
  if (byId("sort").value === "") chosen.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
  visible = chosen.map((series) => cards[series.number]);
  byId("grid").replaceChildren(...visible.map((entry) => entry.card));
  const numChanges = listChanges(new Set(fitting), wanted);
  byId("count").textContent = `${chosen.length} of ${allSeries.length} series, ` +
    (numChanges === 1 ? "1 change" : `${numChanges} changes`);
  makeCurrent(visible.length > 0 ? visible[0].series.number : -1);
  saveStateSoon();
}

function makeCurrent(number) {
  for (const entry of cards) entry.button.tabIndex = entry.series.number === number ? 0 : -1;
}

// -- state ------------------------------------------------------------------------------------------------------

const THEMES = ["auto", "light", "dark"];

function setTheme(theme) {
  if (theme === "auto") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset.theme = theme;
  byId("theme").textContent = "Theme: " + theme;
  byId("theme").dataset.next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  try {
    localStorage.setItem("bench-report-theme", theme);
  } catch {
    // a page without storage starts in the system's theme each time
  }
}

function storedTheme() {
  try {
    const theme = localStorage.getItem("bench-report-theme");
    return THEMES.includes(theme) ? theme : "auto";
  } catch {
    return "auto";
  }
}

/** Filters and the opened series are kept behind the address's #: a link shows what its sender saw. */
function saveState() {
  const state = new URLSearchParams();
  for (const id of FILTERS) if (byId(id).value !== "") state.set(id, byId(id).value);
  if (byId("metric").value === "" && startMetric !== "") state.set("metric", "");
  if (byId("detail").open) {
    state.set("series", keyOf(detail.series));
    if (detail.index >= 0) state.set("run", data.runs[detail.series.runs[detail.index]][0]);
  }
  try {
    history.replaceState(null, "", "#" + state);
  } catch {
    // some places that show files refuse it; the filters work without
  }
}

let saving = 0;
/** A browser that is asked to change its address too often refuses. */
function saveStateSoon() {
  clearTimeout(saving);
  saving = setTimeout(saveState, 200);
}

/** Shows what the address says. */
function loadState() {
  clearTimeout(saving);
  const state = new URLSearchParams(location.hash.slice(1));
  for (const id of FILTERS) {
    const value = state.get(id) ?? (id === "metric" ? startMetric : "");
    byId(id).value = value;
    if (byId(id).value !== value) byId(id).value = "";
  }
  update();
  const series = state.has("series") ? seriesOfKey(state.get("series")) : undefined;
  if (series) openDetail(series, series.runs.findLastIndex((run) => data.runs[run][0] === state.get("run")));
  else byId("detail").close();
}

const startMetric = allSeries.some((series) => series.gated) && allSeries.some((series) => !series.gated) ? GATED : "";

function start() {
  document.documentElement.classList.add("scripted");
  fillSelect("benchmark", "all benchmarks", data.benchmarks.map((name) => [name, name]));
  const metrics = new Map(data.metrics.map(([name, title]) => [name, [name, `${title} (${name})`]]));
  fillSelect("metric", "all metrics", [...metrics.values()]);
  if (startMetric !== "") byId("metric").options[0].after(make("option", {value: GATED}, "gated metrics"));
  fillSelect("machine", "all machines", data.machines.map((name) => [name, name]));
  fillSelect("branch", "all branches", data.branches.map((name) => [name, name]));
  for (const series of allSeries) {
    const entry = cardOf(series);
    cards.push(entry);
    byChart.set(entry.chart, entry);
    inView.observe(entry.chart);
    followPointer(entry.chart, () => series, () => entry.drawn && entry.drawn.drawing);
  }
  followPointer(byId("detail-chart"), () => detail.series, () => detail.drawing, readPoint);
  setTheme(storedTheme());
  listen();
  loadState();
}

function listen() {
  for (const id of FILTERS) byId(id).addEventListener("input", update);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();  // what stands behind the # is the filters
    byId("charts").focus();
  });
  byId("theme").addEventListener("click", () => setTheme(byId("theme").dataset.next));
  byId("keys").addEventListener("click", () => byId("help").showModal());
  byId("more").addEventListener("click", () => {
    showAllChanges = !showAllChanges;
    update();
  });
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      byId("tip").hidden = true;
      saveStateSoon();
    });
  }
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", loadState);
  window.addEventListener("resize", () => {
    for (const entry of visible) if (entry.near) drawCard(entry);
    if (byId("detail").open) drawDetail();
  });
}

start();
