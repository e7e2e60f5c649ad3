// What a page can do besides being read: every way here exists without it.
const $ = (sel, root = document) => root.querySelector(sel);

// go opens this page as of another day; "" is the present.
function go(day) {
  const to = new URL(location.href);
  if (day) to.searchParams.set("asof", day); else to.searchParams.delete("asof");
  to.hash = "";
  location.assign(to);
}

// Where the sections do not all fit, the one that is shown does.
$(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });

// Menus close on a click elsewhere and on Escape.
document.addEventListener("click", (e) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(e.target)) menu.open = false;
});
for (const menu of document.querySelectorAll("details.menu")) {
  menu.addEventListener("toggle", () => {
    if (menu.open) for (const other of document.querySelectorAll("details.menu[open]")) if (other !== menu) other.open = false;
  });
  menu.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" || !menu.open) return;
    menu.open = false;
    $("summary", menu).focus();
  });
}

// Buttons that only a script can serve show themselves.
const help = $("#help");
const deeds = { print: () => print(), help: () => help.showModal() };
for (const b of document.querySelectorAll("[data-do]")) {
  b.hidden = false;
  b.addEventListener("click", deeds[b.dataset.do]);
}

// Keys: [ and ] step through the recorded days, n is the present, ? helps.
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || $("dialog[open]") || e.target.closest("input,textarea,select")) return;
  if (e.key === "?") return deeds.help();
  if (e.key === "n" && $(".asof.past")) return go("");
  const step = $(`.asof [data-key="${CSS.escape(e.key)}"]`);
  if (step) step.click();
});

// A proof opens over the page; with a modifier key, as a page of its own.
const proof = $("#proof");
document.addEventListener("click", (e) => {
  const link = e.target.closest("a.open");
  if (!link || !proof || e.defaultPrevented || e.button || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
  e.preventDefault();
  const ask = new XMLHttpRequest(); // fetch cannot hand over a parsed document
  ask.open("GET", link.href);
  ask.responseType = "document";
  ask.onload = () => {
    const found = ask.status === 200 && ask.response.getElementById("case");
    if (!found) return location.assign(link.href);
    $(".into", proof).replaceChildren(document.adoptNode(found));
    proof.showModal();
  };
  ask.onerror = () => location.assign(link.href);
  ask.send();
});

// The scale of the year is a slider: drag it, or use the arrow keys and Enter.
const scale = $("svg.scale");
if (scale) slider(scale);

function slider(svg) {
  const year = +svg.dataset.year, first = Date.UTC(year, 0, 1), days = Math.round((Date.UTC(year + 1, 0, 1) - first) / 864e5);
  const number = (day) => Math.round((Date.parse(day + "T00:00:00Z") - first) / 864e5);
  const written = (n) => new Date(first + n * 864e5).toISOString().slice(0, 10);
  const within = (n) => Math.max(0, Math.min(days - 1, n));
  const recorded = svg.dataset.days ? svg.dataset.days.split(" ").map(number) : [];
  const grip = $(".grip", svg), gone = $(".gone", svg), knob = $(".asof .knob");
  const start = within(number(svg.dataset.day));
  let at = start;
  knob.style.minWidth = `${knob.offsetWidth}px`; // the scale must not move under the hand when the words get shorter
  svg.setAttribute("role", "slider");
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("aria-label", svg.dataset.name);
  svg.setAttribute("aria-valuemin", 0);
  svg.setAttribute("aria-valuemax", days - 1);
  svg.classList.add("live");
  const set = (n) => {
    at = within(n);
    const x = (6 + (588 * (at + 1)) / days).toFixed(1);
    grip.setAttribute("transform", `translate(${x} 0)`);
    gone.setAttribute("d", `M6 20.5H${x}`);
    svg.setAttribute("aria-valuenow", at);
    svg.setAttribute("aria-valuetext", written(at));
    if (at !== start) knob.textContent = svg.dataset.say.replace("{instant}", written(at));
  };
  svg.setAttribute("aria-valuenow", at);
  svg.setAttribute("aria-valuetext", written(at));
  const commit = () => { if (at !== start) go(written(at)); };
  svg.addEventListener("keydown", (e) => {
    const move = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -30, PageUp: 30, Home: -days, End: days }[e.key];
    if (e.key === "Enter") commit();
    else if (e.key === "Escape") set(start);
    else if (move) set(at + move);
    else return;
    e.preventDefault();
  });
  const under = (e) => {
    const box = svg.getBoundingClientRect();
    const n = Math.floor((((e.clientX - box.left) / box.width) * 600 - 6) / 588 * days);
    const near = recorded.find((r) => Math.abs(r - n) <= 2);
    return near ?? n;
  };
  svg.addEventListener("pointerdown", (e) => {
    svg.setPointerCapture(e.pointerId);
    set(under(e));
    svg.onpointermove = (m) => set(under(m));
  });
  svg.addEventListener("pointerup", () => { svg.onpointermove = null; commit(); });
  svg.addEventListener("pointercancel", () => { svg.onpointermove = null; set(start); });
}
