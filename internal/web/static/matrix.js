// The matrix by keyboard: arrow keys move one accent cell, whose proof is written
// below the table; a name typed leaves the rows that have it. Everything here
// exists as links and a form without it.
const $ = (sel, root = document) => root.querySelector(sel);

const table = $("#mx");
if (table) grid(table);
for (const form of document.querySelectorAll("main form.find")) finder(form);

// grid makes one stop of the table: the keys move within it.
function grid(table) {
  const body = table.tBodies[0], box = table.closest(".scroll");
  const codes = [...table.tHead.rows[1].cells].map((c) => c.dataset.c); // by the place in a row
  let cur = null;

  table.setAttribute("role", "grid");
  for (const a of body.querySelectorAll("a")) a.tabIndex = -1;
  const keys = $("#cell .keys");
  if (keys) keys.hidden = false;
  // what the sticky heads cover does not count as seen
  const head = table.tHead, first = $(".k", table);
  const pad = () => {
    box.style.scrollPaddingTop = `${getComputedStyle(head).position === "sticky" ? head.offsetHeight : 0}px`;
    box.style.scrollPaddingLeft = `${first.offsetWidth}px`;
  };
  pad();
  addEventListener("resize", pad);
  restore(box);

  // stop is what takes the focus in a cell: its link, or the cell itself.
  const stop = (cell) => (cell.tagName === "TH" ? $("a.to", cell) : cell.firstElementChild?.closest("a")) || cell;
  const place = (cell) => [cell.parentElement, cell.cellIndex];
  const shown = () => [...body.rows].filter((r) => !r.hidden);

  function select(cell, focus) {
    if (cur) {
      cur.classList.remove("cur");
      stop(cur).tabIndex = -1;
    }
    cur = cell;
    cell.classList.add("cur");
    stop(cell).tabIndex = 0;
    if (focus) {
      stop(cell).focus({ preventScroll: true });
      cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    const [row, k] = place(cell);
    if (!codes[k]) return;
    history.replaceState(history.state, "", `#${row.dataset.u}.${codes[k]}`);
    prove(row.dataset.u, codes[k]);
  }

  // at finds the cell of a unit and an indicator.
  function at(unit, code) {
    const row = unit && document.getElementById(`u${unit}`);
    const k = codes.indexOf(code);
    return row && k > 0 ? row.cells[k] : null;
  }

  body.addEventListener("focusin", (e) => {
    const cell = e.target.closest("td,th");
    if (cell && cell !== cur && cell.cellIndex !== 1) select(cell, false);
  });
  body.addEventListener("click", (e) => {
    const cell = e.target.closest("td,th");
    if (cell && cell.cellIndex !== 1 && !e.target.closest("a")) select(cell, true);
  });
  table.addEventListener("keydown", (e) => {
    if (e.altKey || e.metaKey || !cur || !e.target.closest("tbody")) return;
    const rows = shown(), [row, k] = place(cur);
    const i = rows.indexOf(row), last = codes.length - 1, page = Math.max(1, Math.floor((box.clientHeight - head.offsetHeight) / row.offsetHeight) - 1);
    const to = (r, c) => {
      const next = rows[Math.max(0, Math.min(rows.length - 1, r))]?.cells[c === 1 ? (k > 1 ? 0 : 2) : Math.max(0, Math.min(last, c))];
      if (next) select(next, true);
    };
    switch (e.key) {
      case "ArrowUp": to(i - 1, k); break;
      case "ArrowDown": to(i + 1, k); break;
      case "ArrowLeft": to(i, k - 1); break;
      case "ArrowRight": to(i, k + 1); break;
      case "PageUp": to(i - page, k); break;
      case "PageDown": to(i + page, k); break;
      case "Home": to(e.ctrlKey ? 0 : i, e.ctrlKey ? k : 0); break;
      case "End": to(e.ctrlKey ? rows.length - 1 : i, e.ctrlKey ? k : last); break;
      case " ": if (!fold(row, true)) return; break;
      case "Escape": if (!fold(row, false)) return; break;
      default: return;
    }
    e.preventDefault();
  });

  // fold unfolds the units below the row, or folds those around it.
  function fold(row, open) {
    if (!open) while (row && !$('.tw[aria-expanded="true"]', row)) row = row.previousElementSibling;
    const twist = row && $(".tw", row);
    if (!twist) return false;
    twist.click();
    return true;
  }

  // The proof of the selected cell follows it, not faster than one can read.
  let wait = 0, asking = null;
  const known = new Map();
  function prove(unit, code) {
    const now = $("#cell");
    if (!now || (now.dataset.u === unit && now.dataset.c === code)) return;
    clearTimeout(wait);
    asking?.abort();
    const key = `${unit}.${code}`;
    if (known.has(key)) return put(known.get(key));
    wait = setTimeout(() => {
      now.classList.add("busy");
      const to = new URL(table.dataset.cell, location.href);
      to.searchParams.set("of", unit);
      to.searchParams.set("indicator", code);
      asking = new XMLHttpRequest(); // fetch cannot hand over a parsed document
      asking.open("GET", to);
      asking.responseType = "document";
      asking.onload = () => {
        const found = asking.status === 200 && asking.response.getElementById("cell");
        if (!found) return now.classList.remove("busy");
        const part = document.adoptNode(found);
        known.set(key, part);
        put(part);
      };
      asking.onerror = () => now.classList.remove("busy");
      asking.send();
    }, 120);
  }
  function put(part) {
    const note = $(".keys", part);
    if (note) note.hidden = false;
    part.classList.remove("busy");
    $("#cell").replaceWith(part);
  }

  // where the address, or else the page, says to begin
  const named = decodeURIComponent(location.hash.slice(1)).split(".");
  const chosen = $("#cell");
  const begin = at(named[0], named[1]) || at(chosen?.dataset.u, chosen?.dataset.c) || body.rows[0]?.cells[2];
  if (begin) {
    const asked = begin === at(named[0], named[1]);
    begin.classList.add("cur");
    stop(begin).tabIndex = 0;
    cur = begin;
    if (asked) {
      begin.scrollIntoView({ block: "nearest", inline: "nearest" });
      prove(named[0], named[1]);
    }
  }
}

// remember keeps where the table was scrolled to for the page that a link of this
// one leads to; the history keeps it for the way back.
function remember(box) {
  sessionStorage.setItem("mx", JSON.stringify([location.pathname, box.scrollLeft, box.scrollTop, scrollY]));
}

function restore(box) {
  const link = JSON.parse(sessionStorage.getItem("mx") || "null");
  sessionStorage.removeItem("mx");
  const back = history.state?.mx;
  if (back) box.scrollTo(back[0], back[1]);
  else if (link && link[0] === location.pathname) {
    box.scrollTo(link[1], link[2]);
    scrollTo(0, link[3]);
  }
  addEventListener("pagehide", () => history.replaceState({ ...history.state, mx: [box.scrollLeft, box.scrollTop] }, ""));
  document.addEventListener("click", (e) => {
    const a = e.target.closest("main a[href]");
    if (a && a.getAttribute("href")[0] !== "#" && a.pathname === location.pathname && !a.classList.contains("to") && !e.ctrlKey && !e.metaKey && !e.shiftKey) {
      a.hash = ""; // which row to show is known better here
      remember(box);
    }
  });
}

// finder leaves the rows whose name or code has what is typed. A unit stays while
// one unfolded below it does, and brings its own with it. The address follows.
function finder(form) {
  const input = $("input[type=search]", form), none = $(".nofind"), asked = input.value;
  const rows = [...(table?.tBodies[0].rows || [])].slice(1);
  const depth = (r) => +(/\be(\d)/.exec(r.className)?.[1] || 0);
  input.addEventListener("input", () => {
    const text = input.value.trim().toLowerCase().normalize("NFKC");
    if (asked && !text.includes(asked.trim().toLowerCase())) return form.requestSubmit(); // those rows are not on the page
    let left = 0, above = [];
    for (const r of rows) {
      const d = depth(r);
      above = above.slice(0, d);
      const own = r.dataset.find.includes(text);
      r.hidden = !own && !above.some((a) => a.own);
      if (own) for (const a of above) a.row.hidden = false;
      above[d] = { row: r, own };
    }
    for (const r of rows) if (!r.hidden) left++;
    if (none) {
      none.hidden = left > 0;
      none.textContent = left ? "" : input.dataset.none.replace("{text}", input.value.trim());
    }
    follow(text ? input.value.trim() : "");
  });

  // follow puts what is typed into the address and into the downloads.
  function follow(text) {
    const here = new URL(location.href);
    for (const a of [null, ...document.querySelectorAll("a.book")]) {
      const to = a ? new URL(a.href) : here;
      if (text) to.searchParams.set("find", text); else to.searchParams.delete("find");
      if (a) a.href = to.href;
    }
    history.replaceState(history.state, "", here);
  }
}
