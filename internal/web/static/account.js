// Forms about an account, made shorter: a password can be looked at, what is shown
// once can be copied, and a wait counts itself down.
for (const b of document.querySelectorAll("[data-show]")) {
  const field = document.getElementById(b.dataset.show), words = [b.textContent, b.dataset.hide];
  b.hidden = false;
  b.addEventListener("click", () => {
    const open = field.type === "password";
    field.type = open ? "text" : "password";
    b.setAttribute("aria-label", b.getAttribute("aria-label").replace(words[+!open], words[+open]));
    b.textContent = words[+open];
    field.focus();
  });
  field.form.addEventListener("submit", () => { field.type = "password"; }); // or a browser would keep it as a word typed before
}

for (const b of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue; // an address without TLS
  const from = document.getElementById(b.dataset.copy);
  b.hidden = false;
  b.addEventListener("click", async () => {
    await navigator.clipboard.writeText((from.value ?? from.innerText).trim());
    b.textContent = b.dataset.done;
  });
}

const wait = document.querySelector("[data-wait]"), left = wait?.querySelector("b");
if (wait && left && +left.textContent === +wait.dataset.wait) {
  const ends = Date.now() + 1000 * wait.dataset.wait, button = document.querySelector("form.one button.pri");
  wait.setAttribute("role", "status");
  wait.setAttribute("aria-live", "off"); // the end is told, not each second
  const tick = () => {
    const seconds = Math.ceil((ends - Date.now()) / 1000);
    if (seconds > 0) {
      left.textContent = seconds;
      return setTimeout(tick, 250);
    }
    wait.setAttribute("aria-live", "polite");
    wait.classList.remove("y");
    wait.replaceChildren(Object.assign(document.createElement("p"), { textContent: wait.dataset.over }));
    button?.removeAttribute("aria-disabled");
  };
  tick();
}
