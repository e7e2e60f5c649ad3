// The catch-up plan: the server answers with the page of the try-out's address, and what
// differs is written into this one.
import { $, desk, plans } from "./grid.js";

const form = $("#try"), table = $("#sheet");
plans("/catchup");
if (form && table) plan();

function plan() {
  const says = $("#cellsay");
  const at = desk(form, table, {
    path: "/catchup", store: "catchup", ask, patch, moved,
    trim(s) { if (s.get("weigh") === "spread") s.delete("weigh"); },
    blank: (control) => (control.name === "weigh" ? "spread" : ""),
    tried: () => $("b.tried") !== null,
  });
  let wrong = [];
  lead();
  at.again();

  // ask gets the page of an address. The browser reads it as it comes: to parse text is
  // what the page's policy refuses.
  function ask(s) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open("GET", `/catchup?${new URLSearchParams([...s])}`);
      request.responseType = "document";
      request.onload = () => {
        const page = request.response, good = request.status === 200 && page && $("#sheet", page);
        done({ answer: good ? page : null, trouble: page && $("h1", page)?.textContent });
      };
      request.onerror = () => done({ answer: null });
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
        at.paint(td, cell.textContent, cell.className);
        td.title = cell.title;
        for (const name of ["data-e", "aria-describedby"]) {
          const value = cell.getAttribute(name);
          if (value) td.setAttribute(name, value); else td.removeAttribute(name);
        }
      });
    }
    table.classList.toggle("stale", there.classList.contains("stale"));
    for (const part of document.querySelectorAll("[data-part]")) {
      const other = $(`[data-part=${part.dataset.part}]`, page);
      if (other && !part.isEqualNode(other)) part.replaceChildren(...document.adoptNode(other).childNodes);
    }
    form.elements.total.placeholder = $("#try [name=total]", page).placeholder;
    at.faults(Object.fromEntries([...page.querySelectorAll("#try .err")].map((err) => [$("input", err.parentElement).name, err.textContent])));
    redraw(page);
    lead();
  }
  // lead puts the keyboard on the first that is newly wrong, unless it is in use.
  function lead() {
    const was = wrong, all = [...form.querySelectorAll("[aria-invalid]"), ...table.querySelectorAll("[aria-invalid]")];
    const name = (el) => el.name ?? `${el.dataset.set} ${el.dataset.m ?? ""}`;
    wrong = all.map(name);
    const first = all.find((el) => !was.includes(name(el)));
    if (!first || at.pending()) return;
    if (first.tagName === "TD") at.grid.go(first); else first.focus();
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
  // What is wrong is taken out as a step like others.
  document.addEventListener("click", (e) => {
    const a = e.target.closest("#notes a.drop");
    if (!a || e.button || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    at.set(a.dataset.name, a.dataset.m, "");
    at.changed();
  });
  // The cell with the keyboard tells all that is known of it.
  function moved(cell) {
    const text = table.contains(document.activeElement) ? cell?.title ?? "" : says.textContent;
    if (says.textContent !== text) says.textContent = text;
  }
}
