// The year's plan: what is typed becomes a try-out that lives in the address; the
// server works it out, and only the cells that differ are written again.
import { sheet } from "./sheet.js";

const $ = (sel, root = document) => root.querySelector(sel);
const form = $("#try"), table = $("#sheet");
for (const select of document.querySelectorAll("select[data-go]")) {
  select.addEventListener("change", () => { // another indicator is another plan
    const to = new URL(location.pathname, location.href);
    for (const name of ["asof", "unit", "year", "boundaries", "lang", "theme"]) {
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
  const kept = ["asof", "unit", "year", "boundaries", "lang", "theme", "code"];
  const longest = 12000; // an address beyond this is kept in the browser instead
  const store = `plan:${fieldOf("code")}:${fieldOf("unit") || ""}:${fieldOf("year") || ""}`;
  const waits = $(".waiting"), tried = $(".tried"), count = $(".trystate .count"), notes = $("#notes"), waitWord = waits.textContent;
  let past = [], ahead = [], asked = 0, timer = 0, slow = 0;

  function fieldOf(name) { return form.elements[name]?.value; }

  // The state of a try-out is what the controls of the form hold.
  function state() {
    const s = new Map();
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && value.trim() !== "" && !/^l[umv]$/.test(name)) s.set(name, value.trim());
    for (const name of ["units", "time"]) if (!chosen.has(name)) s.delete(name); // what nobody chose is not part of it
    if (s.get("time") !== "shape") s.delete("years");
    if (s.get("time") !== "smooth") s.delete("along");
    return s;
  }
  const chosen = new Set(["units", "time"].filter((name) => new URL(location.href).searchParams.has(name)));
  function put(name, value) {
    let control = form.elements[name];
    if (!control) {
      if (!value) return;
      control = document.createElement("input");
      control.type = "hidden";
      control.name = name;
      form.append(control);
    }
    control.value = value;
  }
  const shape = (s) => JSON.stringify([...s].sort());
  function restore(text) {
    const s = new Map(JSON.parse(text));
    chosen.clear();
    for (const name of ["units", "time"]) if (s.has(name)) chosen.add(name);
    for (const control of [...form.elements]) {
      if (!control.name || kept.includes(control.name) || control.tagName === "BUTTON") continue;
      if (control.tagName === "SELECT" && !s.has(control.name)) {
        if (!control.name.startsWith("way.")) continue;
      }
      control.value = s.get(control.name) ?? "";
    }
    for (const [name, value] of s) put(name, value);
  }

  function address(s, path = "/cascade") {
    const q = new URLSearchParams();
    for (const [name, value] of s) q.set(name, value);
    const text = `${path}?${q}`;
    return text.length > longest ? null : text;
  }
  // links lead on with the try-out as it is now.
  function links(s) {
    const here = address(s);
    try {
      if (here) { history.replaceState(null, "", here); sessionStorage.removeItem(store); }
      else {
        const bare = new Map([...s].filter(([name]) => kept.includes(name)));
        history.replaceState(null, "", address(bare));
        sessionStorage.setItem(store, shape(s));
      }
    } catch { /* a browser that keeps nothing still tries */ }
    const force = $("#force"), book = $("#book");
    if (force && here) force.href = address(s, "/cascade/force");
    if (book && here) book.href = address(s, "/cascade/workbook");
    for (const a of document.querySelectorAll("a.unf, a.sub-try")) {
      const to = new URL(a.href), mine = new Map(s);
      for (const name of ["open", "split"]) {
        const v = to.searchParams.get(name);
        if (v) mine.set(name, v); else mine.delete(name);
      }
      a.href = address(mine) ?? a.href;
    }
    for (const a of document.querySelectorAll(".langs a, .tools .panel a")) {
      const to = new URL(a.href), mine = new Map(s);
      for (const name of ["lang", "theme"]) if (to.searchParams.get(name)) mine.set(name, to.searchParams.get(name));
      if (here) a.href = address(mine) ?? a.href;
    }
  }

  // The steps that lead back survive a reload of this address.
  const steps = `${store}:steps`;
  function remember() {
    try { sessionStorage.setItem(steps, JSON.stringify({ last, past: past.slice(-60), ahead })); } catch { /* not kept */ }
  }
  let last = shape(state());
  try {
    const old = JSON.parse(sessionStorage.getItem(steps) || "null");
    const bare = (text) => shape(new Map(JSON.parse(text).filter(([name]) => name !== "open" && name !== "lang" && name !== "theme")));
    if (old && bare(old.last) === bare(last)) ({ past, ahead } = old);
  } catch { /* begin anew */ }
  function changed() {
    const now = shape(state());
    if (now === last) return;
    past.push(last);
    ahead = [];
    last = now;
    buttons();
    attempt();
  }
  function undo() {
    if (!past.length) return;
    ahead.push(last);
    last = past.pop();
    restore(last);
    buttons();
    attempt();
  }
  function redo() {
    if (!ahead.length) return;
    past.push(last);
    last = ahead.pop();
    restore(last);
    buttons();
    attempt();
  }
  function buttons() {
    remember();
    for (const [name, list] of [["undo", past], ["redo", ahead]]) $(`[data-act=${name}]`).disabled = !list.length;
  }

  // attempt asks the server a moment after the last change.
  function attempt() {
    links(new Map(JSON.parse(last)));
    for (const el of document.querySelectorAll("[data-when]")) el.hidden = fieldOf("time") !== el.dataset.when;
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  }
  async function ask() {
    const turn = ++asked, began = performance.now();
    clearTimeout(slow);
    slow = setTimeout(() => { table.classList.add("waits"); table.setAttribute("aria-busy", "true"); waits.textContent = waitWord; waits.hidden = false; }, 300);
    const body = Object.fromEntries(JSON.parse(last));
    body.lang = document.documentElement.lang;
    let reply = null, trouble = "";
    try {
      const answer = await fetch(table.dataset.url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      const read = await answer.json();
      if (answer.ok) reply = read; else trouble = read.error;
    } catch { trouble = notes.dataset.offline; }
    if (turn !== asked) return; // a newer question is under way
    clearTimeout(slow);
    table.classList.remove("waits");
    table.removeAttribute("aria-busy");
    waits.hidden = true;
    if (!reply) return say([{ place: "", text: trouble, bad: true }]);
    patch(reply);
    table.dataset.took = Math.round(performance.now() - began);
    table.dataset.turn = turn;
  }

  // patch writes what differs, cell by cell.
  function patch(reply) {
    for (const [id, cells] of Object.entries(reply.rows)) {
      const row = document.getElementById(`r-${id}`);
      if (!row) continue;
      const into = [...row.cells].filter((c) => c.tagName === "TD" && !c.classList.contains("way"));
      cells.forEach((cell, i) => {
        const td = into[i];
        if (!td) return;
        grid.keep(td, cell.t);
        const hand = ["on", "sel", "typing"].filter((name) => td.classList.contains(name));
        const name = [cell.c, ...hand].join(" ");
        if (td.className !== name) td.className = name;
      });
    }
    table.classList.toggle("stale", reply.blocked);
    table.classList.toggle("norev", reply.norev);
    for (const [key, text] of Object.entries(reply.heads)) {
      const head = [...table.tHead.rows[0].cells].find((c) => c.dataset.col === key)?.firstElementChild;
      if (head && head.textContent !== text) head.textContent = text;
    }
    $("#says").textContent = reply.head;
    $("#lead").replaceChildren(...reply.lead.flatMap((text) => { const s = document.createElement("span"); s.textContent = text; return [s, " "]; }));
    tried.hidden = !reply.tried;
    $("#discard").hidden = !reply.tried;
    count.textContent = reply.tried && !reply.blocked ? reply.counted : "";
    const force = $("#force");
    if (force) force.hidden = !reply.tried || reply.blocked || reply.changes === 0;
    for (const name of ["units", "time"]) if (form.elements[name] && reply[name]) form.elements[name].value = reply[name];
    for (const el of document.querySelectorAll("[data-when]")) el.hidden = fieldOf("time") !== el.dataset.when;
    say(reply.notes);
    pressed();
  }
  function say(list) {
    notes.replaceChildren(...(list ?? []).map((n) => {
      const p = document.createElement("p");
      p.className = n.bad ? "e" : "w";
      if (n.place) {
        const a = document.createElement("a");
        a.href = `#r-${n.row}`;
        a.dataset.row = n.row;
        a.dataset.col = n.col;
        a.textContent = n.place;
        p.append(a, " ");
      }
      p.append(n.text);
      return p;
    }));
  }
  notes.addEventListener("click", (e) => {
    const a = e.target.closest("a[data-row]"), row = a && document.getElementById(`r-${a.dataset.row}`);
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
    // Locks are put on at the value that stands, or taken off where all are on.
    lock, undo, redo, moved: pressed,
  });
  function lock(list) {
    const free = list.every((c) => c.classList.contains("fix"));
    for (const cell of list) {
      const text = cell.textContent.replace(/[\u202f ]/g, "").replace(/−/g, "-");
      set(cell, free || text === "—" ? "" : text);
    }
    changed();
  }
  function pressed() {
    const list = grid?.chosen() ?? [], b = $("[data-act=lock]");
    b.setAttribute("aria-pressed", String(list.length > 0 && list.every((c) => c.classList.contains("fix"))));
    b.disabled = !list.length;
  }

  const acts = { undo, redo, lock: () => lock(grid.chosen()), down: () => grid.down() };
  for (const b of document.querySelectorAll("[data-act]")) {
    b.addEventListener("pointerdown", (e) => e.preventDefault()); // the cell keeps the keyboard
    b.addEventListener("click", () => acts[b.dataset.act]());
  }
  $(".tools-in").hidden = false;
  for (const el of document.querySelectorAll(".keys, .cols-in")) el.hidden = false;

  // Which comparisons are shown is a choice of this browser.
  const cols = (which) => {
    table.dataset.cols = which;
    for (const b of document.querySelectorAll("[data-cols]")) if (b !== table) b.setAttribute("aria-pressed", String(b.dataset.cols === which));
  };
  for (const b of document.querySelectorAll("button[data-cols]")) b.addEventListener("click", () => { cols(b.dataset.cols); try { localStorage.setItem("plan:cols", b.dataset.cols); } catch { /* not kept */ } });
  try { cols(localStorage.getItem("plan:cols") || "both"); } catch { cols("both"); }

  // Controls outside the sheet, wherever they stand.
  for (const control of form.elements) watch(control);
  function watch(control) {
    if (control.dataset.go !== undefined || control.type === "hidden") return;
    control.addEventListener("change", () => {
      if (control.name === "units" || control.name === "time") chosen.add(control.name);
      changed();
    });
  }
  form.addEventListener("submit", (e) => { e.preventDefault(); changed(); });
  document.addEventListener("keydown", (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.altKey || e.defaultPrevented || e.target.closest("input,textarea,dialog")) return;
    const key = e.key.toLowerCase();
    if (key === "z" || key === "y") { e.preventDefault(); (key === "y" || e.shiftKey ? redo : undo)(); }
  });

  // On a phone a row opens to its months.
  table.classList.add("js");
  for (const b of table.querySelectorAll(".mths")) {
    b.hidden = false;
    b.addEventListener("click", () => b.setAttribute("aria-expanded", String(b.closest("tr").classList.toggle("show"))));
  }

  // What opens and closes leads to the same place of the page.
  document.addEventListener("click", (e) => {
    const a = e.target.closest("a.unf, a.sub-try");
    if (!a || !table.contains(a)) return;
    try {
      sessionStorage.setItem("plan:row", a.closest("tr").dataset.row);
      sessionStorage.setItem("plan:scroll", `${$("#scroll").scrollTop} ${scrollY}`);
    } catch { /* not kept */ }
  });
  try {
    const row = sessionStorage.getItem("plan:row"), line = row && document.getElementById(`r-${row}`);
    if (line) {
      const [inner, outer] = (sessionStorage.getItem("plan:scroll") || "0 0").split(" ");
      scrollTo(0, +outer);
      $("#scroll").scrollTop = +inner;
      $("a.unf", line)?.focus({ preventScroll: true });
    }
    sessionStorage.removeItem("plan:row");
    const saved = sessionStorage.getItem(store);
    if (saved && !past.length && $(".trybar").dataset.tried === "false") { // a try-out too long for an address
      restore(saved);
      last = saved;
      attempt();
    }
  } catch { /* not kept */ }
  if (location.pathname !== "/cascade") links(state()); // an uploaded workbook: its try-out goes into the address
  buttons();
  pressed();
}
