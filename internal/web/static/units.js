// The tree of units: branches fold, and a word finds units with all above them.
for (const tools of document.querySelectorAll(".treetools")) tree(tools, document.getElementById(tools.dataset.tree));

function tree(tools, table) {
  const rows = [...table.tBodies[0].rows];
  const found = tools.querySelector(".found"), input = tools.querySelector("input");
  const depth = (row) => +row.dataset.depth;
  const closed = new Set();
  tools.hidden = false;

  // show hides what lies below a folded branch, or what a search does not name.
  function show() {
    const word = input.value.trim().toLowerCase();
    table.classList.toggle("finding", word !== "");
    let hits = 0, hideBelow = Infinity;
    const keep = new Set();
    if (word) {
      const path = [];
      for (const row of rows) {
        path.length = depth(row);
        path[depth(row)] = row;
        if (!row.dataset.words.toLowerCase().includes(word)) continue;
        hits++;
        for (const above of path) if (above) keep.add(above);
      }
    }
    for (const row of rows) {
      if (depth(row) <= hideBelow) hideBelow = Infinity;
      row.classList.toggle("folded", word ? !keep.has(row) : depth(row) > hideBelow);
      if (hideBelow === Infinity && closed.has(row)) hideBelow = depth(row);
    }
    found.textContent = word ? (hits ? found.dataset.some.replace("{n}", hits) : found.dataset.none) : "";
  }

  for (const row of rows) {
    if (!("kids" in row.dataset)) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "twist";
    button.addEventListener("click", () => set(row, !closed.has(row)));
    row.cells[0].prepend(button);
    label(row);
  }
  function label(row) {
    const button = row.querySelector(".twist"), shut = closed.has(row);
    button.setAttribute("aria-expanded", String(!shut));
    button.setAttribute("aria-label", `${shut ? table.dataset.closed : table.dataset.open} ${row.cells[0].querySelector("a").textContent}`);
  }
  function set(row, shut) {
    if (shut) closed.add(row); else closed.delete(row);
    label(row);
    show();
  }
  function foldAll(shut) {
    for (const row of rows) {
      if (!("kids" in row.dataset)) continue;
      if (shut && depth(row) > 0) closed.add(row); else closed.delete(row);
      label(row);
    }
    show();
  }
  for (const b of tools.querySelectorAll("[data-fold]")) b.addEventListener("click", () => foldAll(b.dataset.fold === "all"));
  input.addEventListener("input", show);
  input.addEventListener("keydown", (e) => { if (e.key === "Escape") { input.value = ""; show(); } });
  foldAll(table.classList.contains("long")); // begins with its upper branches, as the stylesheet drew it
  table.classList.add("ready");
}
