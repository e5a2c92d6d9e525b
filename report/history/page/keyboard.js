// -- keyboard ---------------------------------------------------------------------------------------------------

/** Where an arrow key leads from `at`, of `count` in rows of `columns`; -1 for no arrow. */
function targetOf(key, at, count, columns) {
  const steps = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns};
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (!(key in steps)) return -1;
  return Math.min(count - 1, Math.max(0, at + steps[key]));
}

function moveBetweenCards(event) {
  const at = visible.findIndex((entry) => entry.button === document.activeElement);
  const top = visible.length > 0 ? visible[0].card.offsetTop : 0;
  const columns = Math.max(1, visible.filter((entry) => entry.card.offsetTop === top).length);
  const plain = document.activeElement === document.body || document.activeElement === byId("charts");
  if (visible.length === 0 || (at < 0 && (!plain || !event.key.startsWith("Arrow")))) return;
  const target = at < 0 ? 0 : targetOf(event.key, at, visible.length, columns);
  if (target < 0) return;
  event.preventDefault();
  visible[target].button.focus();
  visible[target].card.scrollIntoView({block: "nearest"});
}

function moveBetweenRuns(event) {
  if (document.activeElement.closest(".scroll")) return;
  const count = detail.series.values.length;
  if (event.key === "ArrowUp" || event.key === "ArrowDown") return;
  const target = targetOf(event.key, detail.index < 0 ? count : detail.index, count, 1);
  if (target < 0) return;
  event.preventDefault();
  readPoint(target);
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (byId("help").open) return;
  const field = event.target.closest("input, select");
  if (byId("detail").open) {
    moveBetweenRuns(event);
  } else if (field) {
    if (field.id !== "search") return;
    if (event.key === "Escape") {
      field.value = "";
      field.blur();
      update();
    } else if ((event.key === "ArrowDown" || event.key === "Enter") && visible.length > 0) {
      event.preventDefault();
      visible[0].button.focus();
    }
    return;
  } else if (event.key === "/") {
    event.preventDefault();
    byId("search").focus();
    byId("search").select();
  } else if (event.key === "Escape" && byId("search").value !== "") {
    byId("search").value = "";
    update();
  } else {
    moveBetweenCards(event);
  }
  if (event.key === "?") byId("help").showModal();
}
