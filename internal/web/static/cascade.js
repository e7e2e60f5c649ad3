// The year's plan: the server works a try-out out, and only the cells that differ are
// written again.
import { $, desk, plans } from "./grid.js";

const form = $("#try"), table = $("#sheet");
plans(location.pathname);
if (form && table) plan();

function plan() {
  const tried = $(".tried"), count = $(".trystate .count"), notes = $("#notes");
  // What nobody chose is not part of a try-out.
  const chosen = new Set(["units", "time"].filter((name) => new URL(location.href).searchParams.has(name)));
  const at = desk(form, table, {
    path: "/cascade", store: "plan", links, ask, patch,
    trim(s) {
      for (const name of ["units", "time"]) if (!chosen.has(name)) s.delete(name);
      if (s.get("time") !== "shape") s.delete("years");
      if (s.get("time") !== "smooth") s.delete("along");
    },
    blank: (control) => (control.tagName === "SELECT" && !control.name.startsWith("way.") ? undefined : ""),
    restored(s) {
      chosen.clear();
      for (const name of ["units", "time"]) if (s.has(name)) chosen.add(name);
    },
    picked(control) { if (control.name === "units" || control.name === "time") chosen.add(control.name); },
    tried: () => $(".trybar").dataset.tried !== "false",
  });

  // links lead on with the try-out as it is now.
  function links(s, address) {
    const force = $("#force"), book = $("#book");
    if (force) force.href = address(s, "/cascade/force") ?? force.href;
    if (book) book.href = address(s, "/cascade/workbook") ?? book.href;
    for (const a of document.querySelectorAll("a.unf, a.sub-try")) {
      const to = new URL(a.href), mine = new Map(s);
      for (const name of ["open", "split"]) {
        const v = to.searchParams.get(name);
        if (v) mine.set(name, v); else mine.delete(name);
      }
      a.href = address(mine) ?? a.href;
    }
    offered();
  }
  // offered shows what the way over the year asks for.
  function offered() {
    for (const el of document.querySelectorAll("[data-when]")) el.hidden = at.fieldOf("time") !== el.dataset.when;
  }
  async function ask(s) {
    try {
      const reply = await fetch(table.dataset.url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ...Object.fromEntries(s), lang: document.documentElement.lang }) });
      const read = await reply.json();
      return reply.ok ? { answer: read } : { answer: null, trouble: read.error };
    } catch { return { answer: null }; }
  }

  // patch writes what differs, cell by cell.
  function patch(reply) {
    for (const [id, cells] of Object.entries(reply.rows)) {
      const row = document.getElementById(`r-${id}`);
      if (!row) continue;
      const into = [...row.cells].filter((c) => c.tagName === "TD" && !c.classList.contains("way"));
      cells.forEach((cell, i) => { if (into[i]) at.paint(into[i], cell.t, cell.c); });
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
    at.faults(reply.faults);
    offered();
    say(reply.notes);
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

  // Which comparisons are shown is a choice of this browser.
  const cols = (which) => {
    table.dataset.cols = which;
    for (const b of document.querySelectorAll("[data-cols]")) if (b !== table) b.setAttribute("aria-pressed", String(b.dataset.cols === which));
  };
  for (const b of document.querySelectorAll("button[data-cols]")) b.addEventListener("click", () => { cols(b.dataset.cols); try { localStorage.setItem("plan:cols", b.dataset.cols); } catch { /* not kept */ } });
  try { cols(localStorage.getItem("plan:cols") || "both"); } catch { cols("both"); }

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
  } catch { /* not kept */ }
  at.again();
  if (location.pathname !== "/cascade") at.links(); // an uploaded workbook: its try-out goes into the address
}
