// The catch-up plan: what is typed becomes part of the address, the server answers
// with the page of that address, and what differs is written into this one.
import { sheet } from "./sheet.js";

const $ = (sel, root = document) => root.querySelector(sel);
const form = $("#try"), table = $("#sheet");
const places = ["asof", "unit", "year", "boundaries", "lang", "theme"];
for (const select of document.querySelectorAll("select[data-go]")) {
  select.addEventListener("change", () => { // another indicator is another plan
    const to = new URL("/catchup", location.href);
    for (const name of places) {
      const v = new URL(location.href).searchParams.get(name);
      if (v) to.searchParams.set(name, v);
    }
    to.searchParams.set("code", select.value);
    location.assign(to);
  });
}
for (const el of document.querySelectorAll(".noscript")) el.hidden = true;
if (form && table) plan();

function plan() {
  const kept = [...places, "code"], waits = $(".waiting"), notes = $("#notes"), says = $("#cellsay");
  let past = [], ahead = [], asked = 0, timer = 0, slow = 0;

  // The state of a try-out is what the controls of the form hold.
  function state() {
    const s = new Map();
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && value.trim() !== "" && !/^l[umv]$/.test(name)) s.set(name, value.trim());
    if (s.get("weigh") === "spread") s.delete("weigh");
    return s;
  }
  function put(name, value) {
    let control = form.elements[name];
    if (!control) {
      if (!value) return;
      control = document.createElement("input");
      control.type = "hidden";
      control.name = name;
      form.append(control);
    }
    if (control.type === "checkbox") control.checked = value !== "";
    else control.value = value;
  }
  const shape = (s) => JSON.stringify([...s].sort());
  function restore(text) {
    const s = new Map(JSON.parse(text));
    for (const control of [...form.elements]) {
      if (!control.name || kept.includes(control.name) || control.tagName === "BUTTON") continue;
      put(control.name, s.get(control.name) ?? (control.name === "weigh" ? "spread" : ""));
    }
    for (const [name, value] of s) if (!kept.includes(name)) put(name, value);
  }
  const address = (s) => `/catchup?${new URLSearchParams([...s])}`;

  // The steps that lead back survive a reload of this address.
  const steps = `catchup:${form.elements.code.value}:${form.elements.unit?.value ?? ""}:${form.elements.year?.value ?? ""}`;
  let last = shape(state());
  try {
    const old = JSON.parse(sessionStorage.getItem(steps) || "null");
    if (old && old.last === last) ({ past, ahead } = old);
  } catch { /* begin anew */ }
  function remember() {
    try { sessionStorage.setItem(steps, JSON.stringify({ last, past: past.slice(-60), ahead })); } catch { /* not kept */ }
    for (const [name, list] of [["undo", past], ["redo", ahead]]) $(`[data-act=${name}]`).disabled = !list.length;
  }
  function changed() {
    const now = shape(state());
    if (now === last) return;
    past.push(last);
    ahead = [];
    last = now;
    attempt();
  }
  function back(from, to) {
    if (!from.length) return;
    to.push(last);
    last = from.pop();
    restore(last);
    attempt();
  }
  const undo = () => back(past, ahead), redo = () => back(ahead, past);

  // attempt asks the server a moment after the last change.
  function attempt() {
    remember();
    try { history.replaceState(null, "", address(JSON.parse(last))); } catch { /* too long for an address: the try goes on */ }
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  }
  async function ask() {
    const turn = ++asked, began = performance.now();
    clearTimeout(slow);
    slow = setTimeout(() => { table.classList.add("waits"); table.setAttribute("aria-busy", "true"); waits.hidden = false; }, 300);
    let page = null, trouble = notes.dataset.offline;
    const { status, read } = await got(address(JSON.parse(last)));
    if (status === 200 && read && $("#sheet", read)) page = read;
    else if (read) trouble = $("h1", read)?.textContent || trouble;
    if (turn !== asked) return; // a newer question is under way
    clearTimeout(slow);
    table.classList.remove("waits");
    table.removeAttribute("aria-busy");
    waits.hidden = true;
    if (!page) {
      const p = document.createElement("p");
      p.className = "e";
      p.textContent = trouble;
      notes.replaceChildren(p);
      return;
    }
    patch(page);
    table.dataset.took = Math.round(performance.now() - began);
    table.dataset.turn = turn;
  }

  // got is the page of an address. The browser reads it as it comes: to parse text is
  // what the page's policy refuses.
  function got(to) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open("GET", to);
      request.responseType = "document";
      request.onload = () => done({ status: request.status, read: request.response });
      request.onerror = () => done({ status: 0, read: null });
      request.send();
    });
  }

  // patch writes what differs: the cells of the sheet one by one, the other parts whole.
  function patch(page) {
    document.title = page.title;
    const there = $("#sheet", page);
    for (const line of there.tBodies[0].rows) {
      const row = document.getElementById(line.id);
      if (!row) continue;
      [...line.cells].forEach((cell, i) => {
        const td = row.cells[i];
        if (!td || td.tagName !== "TD") return;
        grid.keep(td, cell.textContent);
        const hand = ["on", "sel", "typing"].filter((name) => td.classList.contains(name)), name = [cell.className, ...hand].join(" ");
        if (td.className !== name) td.className = name;
        td.title = cell.title;
        if (cell.dataset.e) td.dataset.e = cell.dataset.e; else delete td.dataset.e;
      });
    }
    table.classList.toggle("stale", there.classList.contains("stale"));
    for (const part of document.querySelectorAll("[data-part]")) {
      const other = $(`[data-part=${part.dataset.part}]`, page);
      if (other && !part.isEqualNode(other)) part.replaceChildren(...document.adoptNode(other).childNodes);
    }
    redraw(page);
    moved();
  }
  // The chart takes its new numbers where it stands.
  function redraw(page) {
    const mine = $("figure.chart"), other = $("figure.chart", page);
    if (!mine || !other || mine.dataset.chart === other.dataset.chart) return;
    mine.dataset.chart = other.dataset.chart;
    const plot = $(".plot", mine), next = $(".plot", other);
    plot.setAttribute("aria-label", next.getAttribute("aria-label"));
    for (const name of ["for-wide", "for-narrow"]) $(`svg.${name}`, plot).replaceWith(document.adoptNode($(`svg.${name}`, next)));
    mine.dispatchEvent(new CustomEvent("redraw"));
  }

  document.addEventListener("click", (e) => {
    const a = e.target.closest("#notes a[data-row]"), row = a && document.getElementById(`r-${a.dataset.row}`);
    if (!row) return;
    e.preventDefault();
    const i = [...table.tHead.rows[0].cells].findIndex((c) => c.dataset.col === a.dataset.col);
    grid.go(row.cells[Math.max(i, 1)]);
  });

  // What a cell sets: a value of its own, or a month among those of its row.
  function set(cell, text) {
    const name = cell.dataset.set, month = cell.dataset.m;
    if (!month) return put(name, text);
    const given = new Map((form.elements[name]?.value || "").split("_").filter(Boolean).map((part) => part.split("~")));
    if (text) given.set(month, text.replace(/[_~\s]/g, "")); else given.delete(month);
    put(name, [...given].sort((a, b) => a[0] - b[0]).map((part) => part.join("~")).join("_"));
  }
  const grid = sheet(table, {
    write(list) {
      for (const { cell, text } of list) set(cell, text);
      changed();
    },
    lock, undo, redo, moved,
  });
  // Locks are put on at the value that stands, or taken off where all are on.
  function lock(list) {
    const free = list.every((c) => c.classList.contains("fix"));
    for (const cell of list) {
      const text = cell.textContent.replace(/[\u202f ]/g, "").replace(/−/g, "-");
      set(cell, free || text === "—" ? "" : text);
    }
    changed();
  }
  // The cell with the keyboard tells all that is known of it.
  function moved() {
    const list = grid?.chosen() ?? [], b = $("[data-act=lock]");
    b.setAttribute("aria-pressed", String(list.length > 0 && list.every((c) => c.classList.contains("fix"))));
    b.disabled = !list.length;
    const text = table.contains(document.activeElement) ? grid?.at?.title ?? "" : says.textContent;
    if (says.textContent !== text) says.textContent = text;
  }

  const acts = { undo, redo, lock: () => lock(grid.chosen()) };
  for (const b of document.querySelectorAll("[data-act]")) {
    b.addEventListener("pointerdown", (e) => e.preventDefault()); // the cell keeps the keyboard
    b.addEventListener("click", () => acts[b.dataset.act]());
  }
  $(".tools-in").hidden = false;
  for (const el of document.querySelectorAll(".keys")) el.hidden = false;
  for (const control of form.elements) {
    if (control.dataset.go === undefined && control.type !== "hidden") control.addEventListener("change", changed);
  }
  form.addEventListener("submit", (e) => { e.preventDefault(); changed(); });
  document.addEventListener("keydown", (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.altKey || e.defaultPrevented || e.target.closest("input,textarea,dialog")) return;
    const key = e.key.toLowerCase();
    if (key === "z" || key === "y") { e.preventDefault(); (key === "y" || e.shiftKey ? redo : undo)(); }
  });
  remember();
  moved();
}
