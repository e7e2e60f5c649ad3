// Search from anywhere: / opens a box over the page; arrows choose, Enter opens. The
// list is what the page /search shows, asked for as it is typed.
const $ = (sel, root = document) => root.querySelector(sel);

const dialog = $("#find"), form = $(".mast .find");
if (dialog && form) search();

function search() {
  const input = $("input", dialog), holder = $(".find-list", dialog), says = $("[role=status]", dialog);
  const small = $("input[type=search]", form);
  let options = [], at = -1, asked = "", ask = null, waiting = 0;

  const choose = (i) => {
    options[at]?.setAttribute("aria-selected", "false");
    at = options.length ? (i + options.length) % options.length : -1;
    const now = options[at];
    if (now) {
      now.setAttribute("aria-selected", "true");
      now.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", now.id);
    } else input.removeAttribute("aria-activedescendant");
  };
  const show = (list) => {
    holder.replaceChildren(...(list ? [document.adoptNode(list)] : []));
    if (list) input.setAttribute("aria-controls", list.id);
    else input.removeAttribute("aria-controls");
    options = [...holder.querySelectorAll("[role=option]")];
    input.setAttribute("aria-expanded", options.length > 0);
    at = -1;
    choose(options.length ? 0 : -1);
  };
  const address = (box) => {
    const to = new URL(form.action);
    for (const [name, value] of new FormData(form)) if (name !== "q") to.searchParams.set(name, value);
    to.searchParams.set("q", input.value.trim());
    if (box) to.searchParams.set("box", "1");
    return to.href;
  };
  const find = () => {
    const text = input.value.trim();
    if (text === asked) return;
    asked = text;
    ask?.abort();
    ask = null;
    if (!text) {
      says.textContent = says.dataset.idle;
      return show(null);
    }
    ask = new XMLHttpRequest(); // fetch cannot hand over a parsed document
    ask.open("GET", address(true));
    ask.responseType = "document";
    ask.onload = () => {
      const list = ask.status === 200 && ask.response?.getElementById("found-options");
      if (!list) return (says.textContent = says.dataset.broken);
      says.textContent = list.dataset.head;
      show(list);
    };
    ask.onerror = () => (says.textContent = says.dataset.broken);
    ask.send();
  };
  const open = (text = "") => {
    if (dialog.open) return;
    input.value = text;
    asked = "";
    says.textContent = says.dataset.idle;
    show(null);
    dialog.showModal();
    input.select();
    if (text) find();
  };

  input.addEventListener("beforeinput", (e) => {
    if (e.data === "/" && !input.value) e.preventDefault(); // the key that opened the box
  });
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(find, 60);
  });
  input.addEventListener("keydown", (e) => {
    if (e.isComposing) return; // an input method has its own arrows and Enter
    const move = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (move && options.length) choose(at + move);
    else if (e.key === "Enter") {
      clearTimeout(waiting);
      if (options[at] && asked === input.value.trim()) options[at].click();
      else if (input.value.trim()) location.assign(address(false));
    } else return;
    e.preventDefault();
  });
  holder.addEventListener("pointermove", (e) => {
    const i = options.indexOf(e.target.closest("[role=option]"));
    if (i >= 0 && i !== at) choose(i);
  });
  dialog.addEventListener("click", (e) => { if (e.target === dialog) dialog.close(); });
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    open(small.value);
  });
  small.addEventListener("click", () => open(small.value));
  document.addEventListener("keydown", (e) => {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || $("dialog[open]") || e.target.closest("input,textarea,select,[contenteditable]")) return;
    e.preventDefault();
    open();
  });
}
