// A table that is typed into like a spreadsheet. It knows cells, not what they mean:
// whoever uses it says which cells take text and hears what was typed.
//
//   sheet(table, { write(changes), lock(cells), undo(), redo(), moved(cell) })
//
// A cell with data-set takes text. changes are [{cell, text}], text "" frees the cell.
const digits = /^[-+.,−＋－．，0-9０-９]$/;

export function sheet(table, on) {
  let at = null, from = null, typing = null, dragging = false;
  table.setAttribute("role", "grid");
  const rows = () => [...table.tBodies].flatMap((body) => [...body.rows]);
  const cells = (row) => [...row.cells].filter((c) => c.tagName === "TD" && !c.classList.contains("way") && c.checkVisibility());
  const grid = () => rows().map(cells).filter((line) => line.length);
  const takes = (cell) => cell.dataset.set !== undefined;
  const plain = (text) => (text === "—" ? "" : text.replace(/[\u202f\u00a0 ]/g, "").replace(/−/g, "-"));
  const textOf = (cell) => (typing && typing.cell === cell ? typing.before : cell.textContent);
  const spot = (lines, cell) => {
    for (let r = 0; r < lines.length; r++) {
      const c = lines[r].indexOf(cell);
      if (c >= 0) return { r, c };
    }
    return null;
  };

  // The cell that has the keyboard; with Shift the block from where it began.
  function go(cell, extend, quiet) {
    if (!cell) return;
    if (typing) close(true);
    if (at) at.tabIndex = -1;
    at = cell;
    if (!extend) from = cell;
    cell.tabIndex = 0;
    mark();
    if (!quiet) {
      cell.focus({ preventScroll: true });
      show(cell);
    }
    on.moved?.(cell);
  }
  // The head and the first column cover what lies under them.
  function show(cell) {
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    const frame = cell.closest(".scroll"), head = table.tHead?.getBoundingClientRect(), first = cell.parentElement.cells[0].getBoundingClientRect();
    if (!frame) return;
    const box = cell.getBoundingClientRect(), sticky = getComputedStyle(cell.parentElement.cells[0]).position === "sticky";
    if (sticky && box.left < first.right) frame.scrollLeft -= first.right - box.left;
    if (head && box.top < head.bottom && box.bottom > head.top) frame.scrollTop -= head.bottom - box.top;
  }
  function block() {
    const lines = grid(), a = spot(lines, from), b = spot(lines, at);
    if (!a || !b) return at ? [[at]] : [];
    return lines.slice(Math.min(a.r, b.r), Math.max(a.r, b.r) + 1).map((line) => line.slice(Math.min(a.c, b.c), Math.max(a.c, b.c) + 1));
  }
  function mark() {
    for (const c of table.querySelectorAll("td.sel, td.on")) c.classList.remove("sel", "on");
    const chosen = block();
    if (chosen.flat().length > 1) for (const c of chosen.flat()) c.classList.add("sel");
    at?.classList.add("on");
  }
  function step(dr, dc, extend) {
    const lines = grid(), here = spot(lines, at);
    if (!here) return go(lines[0]?.[0]);
    const r = Math.max(0, Math.min(lines.length - 1, here.r + dr)), c = Math.max(0, Math.min(lines[r].length - 1, here.c + dc));
    go(lines[r][c], extend);
  }
  // Tab runs through the cells that take text, and leaves the sheet at its ends.
  function tab(back) {
    const all = grid().flat().filter(takes), i = all.indexOf(at);
    const next = i < 0 ? null : all[i + (back ? -1 : 1)];
    if (!next) return false;
    go(next);
    return true;
  }

  function open(text) {
    if (!at || !takes(at) || typing) return;
    const input = document.createElement("input"), cell = at;
    input.className = "cell-in";
    input.inputMode = "decimal";
    input.autocomplete = "off";
    input.setAttribute("aria-label", `${cell.parentElement.cells[0].textContent.trim()} ${cell.dataset.h || ""}`);
    input.value = text ?? plain(cell.textContent);
    typing = { cell, input, before: cell.textContent, blank: text === "" };
    cell.replaceChildren(input);
    cell.classList.add("typing");
    input.focus();
    if (text === undefined) input.select();
    input.addEventListener("blur", () => close(true));
  }
  function close(keep) {
    if (!typing) return;
    const { cell, input, before, blank } = typing;
    typing = null;
    cell.classList.remove("typing");
    const text = input.value.trim();
    cell.textContent = before;
    if (keep && text !== plain(before) && (text || !blank)) {
      if (text) cell.textContent = text;
      on.write([{ cell, text }]);
    }
  }

  table.addEventListener("keydown", (e) => {
    if (e.target.closest("select, a, button")) return;
    const shift = e.shiftKey, ctrl = e.ctrlKey || e.metaKey;
    if (typing) {
      if (e.isComposing) return;
      if (e.key === "Escape") { const cell = typing.cell; close(false); go(cell); }
      else if (e.key === "Enter") { close(true); step(shift ? -1 : 1, 0); }
      else if (e.key === "Tab") { close(true); if (!tab(shift)) return; }
      else if (e.key === "ArrowUp" || e.key === "ArrowDown") { close(true); step(e.key === "ArrowUp" ? -1 : 1, 0); }
      else return;
      e.preventDefault();
      e.stopPropagation();
      return;
    }
    if (!at) return;
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], PageUp: [-12, 0], PageDown: [12, 0], Home: [ctrl ? -1e6 : 0, -1e6], End: [ctrl ? 1e6 : 0, 1e6] };
    if (moves[e.key] && !e.altKey) {
      const [r, c] = moves[e.key], far = ctrl && e.key.startsWith("Arrow") ? 1e6 : 1;
      step(r * far, c * far, shift);
    } else if (e.key === "Enter") step(shift ? -1 : 1, 0);
    else if (e.key === "Tab") { if (!tab(shift)) return; }
    else if (e.key === "F2") open();
    else if (e.key === "Delete" || e.key === "Backspace") free();
    else if (e.key === "Escape") go(at);
    else if (ctrl && !e.altKey && e.key.toLowerCase() === "z") (shift ? on.redo : on.undo)?.();
    else if (ctrl && !e.altKey && e.key.toLowerCase() === "y") on.redo?.();
    else if (ctrl && !e.altKey && e.key.toLowerCase() === "d") down();
    else if (ctrl && !e.altKey && e.key.toLowerCase() === "a") { const all = grid(); from = all[0][0]; go(all.at(-1).at(-1), true); }
    else if (ctrl || e.altKey || e.metaKey) return;
    else if (e.key.toLowerCase() === "l") on.lock?.(block().flat().filter(takes));
    else if (digits.test(e.key) || e.key === "Process") { open(""); e.stopPropagation(); return; } // the key itself goes into the field
    else return;
    e.preventDefault();
    e.stopPropagation();
  });

  function free() {
    const list = block().flat().filter(takes);
    if (list.length) on.write(list.map((cell) => ({ cell, text: "" })));
  }
  // The first line of the block is written into those below it.
  function down() {
    let chosen = block();
    if (chosen.length === 1) { // one line: take the value from above
      const lines = grid(), here = spot(lines, chosen[0][0]);
      if (!here || here.r === 0) return;
      chosen = [lines[here.r - 1].slice(here.c, here.c + chosen[0].length), chosen[0]];
    }
    const list = chosen.slice(1).flatMap((line) => line.map((cell, i) => ({ cell, text: plain(textOf(chosen[0][i])) }))).filter((one) => takes(one.cell) && one.text);
    for (const { cell, text } of list) cell.textContent = text;
    if (list.length) on.write(list);
  }

  document.addEventListener("copy", (e) => {
    if (typing || !at || document.activeElement !== at) return;
    e.clipboardData.setData("text/plain", block().map((line) => line.map((c) => plain(textOf(c))).join("\t")).join("\n"));
    e.preventDefault();
  });
  document.addEventListener("cut", (e) => {
    if (typing || !at || document.activeElement !== at) return;
    e.clipboardData.setData("text/plain", block().map((line) => line.map((c) => plain(textOf(c))).join("\t")).join("\n"));
    e.preventDefault();
    free();
  });
  document.addEventListener("paste", (e) => {
    if (typing || !at || document.activeElement !== at) return;
    const text = e.clipboardData.getData("text/plain");
    if (!text) return;
    e.preventDefault();
    paste(text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").map((line) => line.split("\t")));
  });
  // A block goes in from the upper left of what is chosen; one value fills it all.
  function paste(values) {
    const chosen = block(), lines = grid(), corner = spot(lines, chosen[0][0]), list = [];
    const single = values.length === 1 && values[0].length === 1;
    const height = single ? chosen.length : values.length, width = (r) => (single ? chosen[r].length : values[r].length);
    let last = at;
    for (let r = 0; r < height; r++) {
      for (let c = 0; c < width(r); c++) {
        const cell = lines[corner.r + r]?.[corner.c + c], text = (single ? values[0][0] : values[r][c]).trim();
        if (!cell || !takes(cell)) continue;
        if (text) cell.textContent = text;
        list.push({ cell, text });
        last = cell;
      }
    }
    if (!list.length) return;
    from = chosen[0][0];
    go(last, true);
    on.write(list);
  }

  const under = (e) => {
    const cell = e.target.closest?.("td");
    return cell && table.contains(cell) && !cell.classList.contains("way") ? cell : null;
  };
  table.addEventListener("pointerdown", (e) => {
    const cell = under(e);
    if (!cell || e.button || (typing && typing.cell === cell)) return;
    if (e.pointerType === "touch") return; // a touch may be a scroll: the click decides
    e.preventDefault();
    dragging = true;
    go(cell, e.shiftKey);
  });
  table.addEventListener("pointerover", (e) => {
    if (dragging && e.pointerType !== "touch" && under(e)) { at = under(e); mark(); }
  });
  document.addEventListener("pointerup", () => {
    if (dragging && at) go(at, from !== at);
    dragging = false;
  });
  table.addEventListener("click", (e) => {
    const cell = under(e);
    if (!cell || typing?.cell === cell) return;
    if (at !== cell && !e.shiftKey) go(cell);
    if (e.pointerType === "touch" && takes(cell)) open(); // a phone has no F2
  });
  table.addEventListener("dblclick", (e) => { if (under(e)) open(); });
  table.addEventListener("focusin", (e) => { if (e.target.tagName === "TD" && e.target !== at) go(e.target); });

  // ready gives the first cell a place in the order of the Tab key.
  const ready = () => {
    for (const line of rows()) for (const c of line.cells) { c.setAttribute("role", c.tagName === "TD" ? "gridcell" : "rowheader"); if (c.tagName === "TD") c.tabIndex = -1; }
    for (const c of table.tHead?.rows[0]?.cells ?? []) c.setAttribute("role", "columnheader");
    for (const c of table.querySelectorAll("td.way")) c.removeAttribute("tabindex");
    const first = at && table.contains(at) ? at : grid().flat().find(takes);
    if (first) { at = from = first; first.tabIndex = 0; }
  };
  ready();
  return {
    ready, go,
    get at() { return at; },
    get typing() { return typing?.cell ?? null; },
    chosen: () => block().flat().filter(takes),
    down, open,
    // keep shows a text in a cell without disturbing what is typed there.
    keep(cell, text) { if (typing?.cell === cell) typing.before = text; else if (cell.textContent !== text) cell.textContent = text; },
    restore(row, set, month) {
      const line = rows().find((r) => r.dataset.row === row);
      const cell = line && [...line.cells].find((c) => c.dataset.set === set && (c.dataset.m || "") === month);
      if (cell) go(cell);
    },
  };
}
