// Uploads: files dropped, chosen or pasted go to the server with their progress
// shown; a page of something under way asks how far it is and shows itself anew
// when that ends. Without this the form posts and the page asks by itself.
import { fill, follow } from "./follow.js";

const $ = (sel, root = document) => root.querySelector(sel);

const form = $("#bring");
if (form) bring(form);
const going = $("#going");
if (going) {
  const says = $("[role=status]", going), bar = $("progress", going);
  await follow(going.dataset.state, (state) => {
    if (state.running && says.textContent !== state.says) says.textContent = state.says;
    if (!(state.total > 0)) bar.removeAttribute("value");
    fill(bar, state);
  });
  location.reload();
}

function bring(form) {
  for (const e of form.querySelectorAll(".js-only")) e.hidden = false;
  const idle = $(".dz-idle", form), over = $(".dz-over", form), busy = $(".dz-going", form), error = $(".dz-error", form);
  const says = $("[role=status]", busy), bar = $("progress", busy), input = $("input[type=file]", form);
  let ask = null;

  const fail = (text) => {
    ask = null;
    busy.hidden = true;
    form.classList.remove("is-busy");
    error.textContent = text;
    error.hidden = false;
  };
  const send = (body) => {
    if (ask) return;
    error.hidden = true;
    busy.hidden = false;
    form.classList.add("is-busy");
    ask = new XMLHttpRequest(); // fetch does not tell how far an upload is
    ask.open("POST", form.action);
    ask.setRequestHeader("Accept", "application/json");
    ask.responseType = "json";
    const show = (percent) => {
      bar.value = percent;
      says.textContent = percent < 100 ? form.dataset.sending.replace("{percent}", percent) : form.dataset.sent;
    };
    show(0);
    ask.upload.onprogress = (e) => { if (e.lengthComputable) show(Math.floor((e.loaded / e.total) * 100)); };
    ask.upload.onload = () => show(100);
    ask.onload = () => {
      if (ask.status === 200 && ask.response?.go) location.assign(ask.response.go);
      else fail(ask.response?.error ?? form.dataset.broken);
    };
    ask.onerror = ask.ontimeout = () => fail(form.dataset.broken);
    ask.onabort = () => fail(form.dataset.stopped);
    ask.send(body);
  };
  const sendFiles = (files) => {
    const body = new FormData();
    let size = 0;
    for (const f of files) {
      size += f.size;
      body.append("file", f, f.name);
    }
    if (size > +form.dataset.limit) return fail(form.dataset.large);
    send(body);
  };

  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const cells = $("textarea", form).value;
    if (input.files.length) sendFiles(input.files);
    else if (cells.trim()) sendFiles([new File([cells], form.dataset.pasted, { type: "text/tab-separated-values" })]);
    else input.focus();
  });
  $("[data-stop]", form).addEventListener("click", () => ask?.abort());

  // The whole window takes what is dropped: nobody aims at a box.
  let depth = 0;
  const carries = (e) => [...(e.dataTransfer?.types ?? [])].includes("Files");
  const hover = (on) => {
    form.classList.toggle("is-over", on);
    idle.hidden = on;
    over.hidden = !on;
  };
  addEventListener("dragenter", (e) => { if (carries(e) && ++depth) hover(true); });
  addEventListener("dragleave", (e) => { if (carries(e) && --depth <= 0) hover((depth = 0) > 0); });
  addEventListener("dragover", (e) => { if (carries(e)) e.preventDefault(); });
  addEventListener("drop", (e) => {
    if (!carries(e)) return;
    e.preventDefault();
    depth = 0;
    hover(false);
    if (e.dataTransfer.files.length) sendFiles(e.dataTransfer.files);
  });
  addEventListener("paste", (e) => {
    if (e.target.closest?.("textarea,input")) return;
    const files = e.clipboardData?.files ?? [], text = e.clipboardData?.getData("text/plain") ?? "";
    if (text.includes("\t") || text.includes("\n")) sendFiles([new File([text], form.dataset.pasted, { type: "text/tab-separated-values" })]);
    else if (files.length) sendFiles(files);
    else fail(form.dataset.empty);
  });
}
