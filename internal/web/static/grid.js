// The desk at which a plan is tried: what is typed into the sheet and the form beside it
// is the state of a try-out, which lives in the address. Whoever opens the desk asks the
// server for an answer and writes it into the page; the steps back are kept here.
//
//	desk(form, table, {
//	  path,                          of the page
//	  store,                         name under which this browser keeps steps
//	  trim(state),                   takes out what is no part of it
//	  blank(control),                what a control holds that the state does not; undefined: as it is
//	  picked(control), restored(state)
//	  links(state, address),         addresses that lead on with the state; address(state, path) is null where it is too long
//	  ask(state),                    the answer as { answer, trouble }
//	  patch(answer), moved(cell), untried()
//	})
import { sheet } from "./sheet.js";

export const $ = (sel, root = document) => root.querySelector(sel);
const places = ["asof", "unit", "year", "boundaries", "lang", "theme"];
const longest = 12000; // an address beyond this is kept in the browser instead

// Another indicator is another plan.
export function plans(path) {
  for (const select of document.querySelectorAll("select[data-go]")) {
    select.addEventListener("change", () => {
      const to = new URL(path, location.href), here = new URL(location.href).searchParams;
      for (const name of places) if (here.get(name)) to.searchParams.set(name, here.get(name));
      to.searchParams.set("code", select.value);
      location.assign(to);
    });
  }
  for (const el of document.querySelectorAll(".noscript")) el.hidden = true;
}

export function desk(form, table, on) {
  const kept = [...places, "code"], waits = $(".waiting"), notes = $("#notes");
  const fieldOf = (name) => form.elements[name]?.value ?? "";
  const store = `${on.store}:${fieldOf("code")}:${fieldOf("unit")}:${fieldOf("year")}`, steps = `${store}:steps`;
  let past = [], ahead = [], asked = 0, timer = 0, slow = 0;

  // The state of a try-out is what the controls of the form hold.
  function state() {
    const s = new Map();
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && value.trim() !== "" && !/^l[umv]$/.test(name)) s.set(name, value.trim());
    on.trim(s);
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
  const read = (text) => new Map(JSON.parse(text));
  function restore(text) {
    const s = read(text);
    for (const control of [...form.elements]) {
      if (!control.name || kept.includes(control.name) || control.tagName === "BUTTON") continue;
      const value = s.get(control.name) ?? on.blank(control);
      if (value !== undefined) put(control.name, value);
    }
    for (const [name, value] of s) if (!kept.includes(name)) put(name, value);
    on.restored?.(s);
  }

  // show leads on with the try-out as it is now.
  function address(s, path = on.path) {
    const text = `${path}?${new URLSearchParams([...s])}`;
    return text.length > longest ? null : text;
  }
  function show(s) {
    const here = address(s);
    try {
      if (here) sessionStorage.removeItem(store); else sessionStorage.setItem(store, shape(s));
      history.replaceState(null, "", here ?? address(new Map([...s].filter(([name]) => kept.includes(name)))));
    } catch { /* a browser that keeps nothing still tries */ }
    for (const a of document.querySelectorAll(".langs a, .tools .panel a")) {
      const to = new URL(a.href), mine = new Map(s);
      for (const name of ["lang", "theme"]) if (to.searchParams.get(name)) mine.set(name, to.searchParams.get(name));
      a.href = address(mine) ?? a.href;
    }
    on.links?.(s, address);
  }

  // The steps that lead back survive a reload of this address.
  let last = shape(state());
  try {
    const old = JSON.parse(sessionStorage.getItem(steps) || "null");
    const bare = (text) => shape(new Map([...read(text)].filter(([name]) => !["open", "lang", "theme"].includes(name))));
    if (old && bare(old.last) === bare(last)) ({ past, ahead } = old);
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
    show(read(last));
    clearTimeout(timer);
    timer = setTimeout(ask, 120);
  }
  async function ask() {
    const turn = ++asked, began = performance.now();
    clearTimeout(slow);
    slow = setTimeout(() => { table.classList.add("waits"); table.setAttribute("aria-busy", "true"); waits.hidden = false; }, 300);
    const { answer, trouble } = await on.ask(read(last));
    if (turn !== asked) return; // a newer question is under way
    clearTimeout(slow);
    table.classList.remove("waits");
    table.removeAttribute("aria-busy");
    waits.hidden = true;
    if (!answer) {
      const p = document.createElement("p");
      p.className = "e";
      p.textContent = trouble || notes.dataset.offline;
      notes.replaceChildren(p);
      return;
    }
    on.patch(answer);
    moved();
    table.dataset.took = Math.round(performance.now() - began);
    table.dataset.turn = turn;
  }

  // paint writes a cell where it differs, and leaves be what a hand is doing there.
  function paint(td, text, name) {
    grid.keep(td, text);
    const hand = ["on", "sel", "typing"].filter((word) => td.classList.contains(word)), all = [name, ...hand].join(" ");
    if (td.className !== all) td.className = all;
    if (td.classList.contains("bad")) td.setAttribute("aria-invalid", "true"); else td.removeAttribute("aria-invalid");
  }

  // faults says at the controls what is wrong with them, by name; what is typed stays.
  function faults(list) {
    for (const control of form.elements) {
      if (!control.name || control.type === "hidden" || control.tagName !== "INPUT") continue;
      const text = list[control.name] ?? "", label = control.closest("label.f");
      if (text) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid");
      if (!label) { control.title = text; continue; } // in a table
      const err = $(".err", label) ?? document.createElement("span");
      label.classList.toggle("bad", text !== "");
      err.className = "err";
      err.textContent = text;
      if (text) label.append(err); else err.remove();
    }
  }

  // A problem leads to its cell.
  document.addEventListener("click", (e) => {
    const a = e.target.closest("#notes a[data-row]"), row = a && document.getElementById(`r-${a.dataset.row}`);
    if (!row) return;
    e.preventDefault();
    const i = [...table.tHead.rows[0].cells].findIndex((c) => c.dataset.col === a.dataset.col);
    grid.go(row.cells[Math.max(i, 1)]);
  });

  // What a cell sets: a value of its own, or a month among those of its row.
  function set(name, month, text) {
    if (!month) return put(name, text);
    const given = new Map(fieldOf(name).split("_").filter(Boolean).map((part) => part.split("~")));
    if (text) given.set(month, text.replace(/\s/g, "").replace(/_/g, "＿").replace(/~/g, "～")); else given.delete(month);
    put(name, [...given].sort((a, b) => a[0] - b[0]).map((part) => part.join("~")).join("_"));
  }
  const grid = sheet(table, {
    write(list) {
      for (const { cell, text } of list) set(cell.dataset.set, cell.dataset.m, text);
      changed();
    },
    lock, undo, redo, moved,
  });
  // Locks are put on at the value that stands, or taken off where all are on.
  function lock(list) {
    const free = list.every((c) => c.classList.contains("fix"));
    for (const cell of list) {
      const text = cell.textContent.replace(/[\u202f ]/g, "").replace(/−/g, "-");
      set(cell.dataset.set, cell.dataset.m, free || text === "—" ? "" : text);
    }
    changed();
  }
  function moved() {
    const list = grid?.chosen() ?? [], b = $("[data-act=lock]");
    b.setAttribute("aria-pressed", String(list.length > 0 && list.every((c) => c.classList.contains("fix"))));
    b.disabled = !list.length;
    on.moved?.(grid?.at);
  }

  const acts = { undo, redo, lock: () => lock(grid.chosen()), down: () => grid.down() };
  for (const b of document.querySelectorAll("[data-act]")) {
    b.addEventListener("pointerdown", (e) => e.preventDefault()); // the cell keeps the keyboard
    b.addEventListener("click", () => acts[b.dataset.act]());
  }
  for (const el of document.querySelectorAll(".tools-in, .keys, .cols-in")) el.hidden = false;
  for (const control of form.elements) { // those outside the form's place in the page too
    if (control.dataset.go === undefined && control.type !== "hidden") control.addEventListener("change", () => { on.picked?.(control); changed(); });
  }
  form.addEventListener("submit", (e) => { e.preventDefault(); changed(); });
  document.addEventListener("keydown", (e) => {
    if (!(e.ctrlKey || e.metaKey) || e.altKey || e.defaultPrevented || e.target.closest("input,textarea,dialog")) return;
    const key = e.key.toLowerCase();
    if (key === "z" || key === "y") { e.preventDefault(); (key === "y" || e.shiftKey ? redo : undo)(); }
  });
  remember();
  moved();

  return {
    grid, paint, faults, set, changed, fieldOf,
    // again goes on with a try-out that was too long for an address.
    again() {
      try {
        const saved = sessionStorage.getItem(store);
        if (!saved || past.length || on.tried()) return;
        restore(saved);
        last = saved;
        attempt();
      } catch { /* not kept */ }
    },
    // pending reports whether something is typed that was not asked for yet.
    pending: () => grid.typing !== null || shape(state()) !== last,
    links: () => show(state()),
  };
}
