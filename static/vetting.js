// Quicker by keyboard; every page works without it.
//
// A list that takes part is a table with the attribute data-rows. The row one is on is marked; its
// first link is what Enter opens, its checkbox what x ticks. A checkbox with data-tick-all ticks the
// checkboxes of its table.

const ROWS = "table[data-rows] > tbody > tr";
let here = -1;

function rows() {
  return [...document.querySelectorAll(ROWS)];
}

function goTo(index) {
  const all = rows();
  if (all.length === 0) return;
  all[here]?.classList.remove("is-here");
  here = Math.max(0, Math.min(index, all.length - 1));
  const row = all[here];
  row.classList.add("is-here");
  row.scrollIntoView({ block: "nearest" });
  (row.querySelector("a[href]") ?? row.querySelector("input[type=checkbox]"))?.focus({ preventScroll: true });
}

function showKeys() {
  const keys = document.getElementById("keys");
  if (keys?.showModal) keys.showModal();
  else if (document.body.dataset.help) location.assign(document.body.dataset.help);
}

const KEYS = {
  j: () => goTo(here + 1),
  k: () => goTo(here - 1),
  x: () => rows()[here]?.querySelector("input[type=checkbox]")?.click(),
  c: () => document.querySelector("a[data-capacity]")?.click(),
  "/": () => document.getElementById("search-box")?.focus(),
  "?": showKeys,
};

function isWriting(target) {
  return target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio])");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || isWriting(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target === document.body) {
    rows()[here]?.querySelector("a[href]")?.click();
    return;
  }
  const does = KEYS[event.key];
  if (does) {
    event.preventDefault();
    does();
  }
});

// Where the person already is in the list is where j and k go on from.
document.addEventListener("focusin", (event) => {
  const row = event.target.closest(ROWS);
  if (row) {
    rows()[here]?.classList.remove("is-here");
    here = rows().indexOf(row);
  }
});

function tickables(all) {
  return [...all.closest("table").querySelectorAll("tbody input[type=checkbox]:not(:disabled)")];
}

function agree(all) {
  const boxes = tickables(all);
  const ticked = boxes.filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes.length;
  all.indeterminate = ticked > 0 && ticked < boxes.length;
  for (const told of document.querySelectorAll("[data-ticked]")) told.textContent = String(ticked);
}

for (const all of document.querySelectorAll("input[data-tick-all]")) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of tickables(all)) box.checked = all.checked;
    agree(all);
  });
  all.closest("table").addEventListener("change", (event) => {
    if (event.target !== all) agree(all);
  });
  agree(all);
}

// A form is sent once: a second click while the first is under way changes nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  else form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// What has to be corrected is said first.
document.querySelector(".error-summary")?.focus();
