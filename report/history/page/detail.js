// -- one series -------------------------------------------------------------------------------------------------

const detail = {series: null, drawing: null, index: -1};

function readPoint(index) {
  detail.index = index;
  detail.drawing.show(index);
  saveStateSoon();
  const texts = index < 0 ? null : pointTexts(detail.series, index);
  byId("detail-point").textContent = texts
    ? [texts.value, texts.n, texts.started, texts.commit, texts.subject].filter(Boolean).join(" · ")
    : "Arrow keys or the pointer read off a run.";
}

function drawDetail() {
  const chart = byId("detail-chart");
  detail.drawing = drawSeries(detail.series, (i) => runName(detail.series, i), chart.clientWidth, chart.clientHeight);
  chart.replaceChildren(detail.drawing.svg);
  readPoint(detail.index);
}

function runRow(series, i) {
  const texts = pointTexts(series, i);
  return make("tr", {}, make("td", {}, make("code", {}, texts.commit)), make("td", {}, texts.started),
    make("td", {class: "number"}, valueText(series, series.values[i])), make("td", {class: "number"}, texts.spread),
    make("td", {class: "number"}, String(series.processes(i))), make("td", {class: "subject"}, texts.subject));
}

function openDetail(series, index) {
  Object.assign(detail, {series, index});
  byId("detail-title").textContent = series.benchmark;
  byId("detail-about").textContent = aboutText(series) + (series.gated ? " · gated" : "");
  byId("detail-chart").setAttribute("role", "img");
  byId("detail-chart").setAttribute("aria-label", spokenText(series));
  byId("detail-changes").replaceChildren(...series.changes.map((change) => changeItem(series, change, false)).reverse());
  byId("detail-runs").replaceChildren(...series.values.map((_, i) => runRow(series, i)).reverse());
  byId("tip").hidden = true;
  if (!byId("detail").open) byId("detail").showModal();
  byId("detail").scrollTop = 0;
  byId("detail-chart").focus();
  drawDetail();
}
