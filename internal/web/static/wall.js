// A board that hangs in a hall asks every half minute whether it is still what the
// server would show, and loads itself anew when it is not. It says when that was
// last confirmed, and plainly when the server cannot be reached.
const every = 30_000, patience = 15_000;
const board = document.documentElement;
const fresh = document.getElementById("fresh"), lost = document.getElementById("lost");
let tag = "", confirmed = new Date(), waiting = 0;

const clock = (at) => at.toLocaleTimeString(board.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

function say(place, at) {
  place.textContent = place.dataset.say.replace("{time}", clock(at));
}

// current reports whether the board is what the server would show.
async function current() {
  const answer = await fetch(location.href, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {}, signal: AbortSignal.timeout(patience) });
  if (answer.status === 304) return true;
  const version = answer.ok && /<html[^>]* data-version="([^"]+)"/.exec(await answer.text());
  if (!version) throw new Error(`the server answers ${answer.status}`);
  if (version[1] !== board.dataset.version) return false;
  tag = answer.headers.get("ETag") ?? "";
  return true;
}

async function ask() {
  clearTimeout(waiting);
  try {
    if (!await current()) return location.reload();
    confirmed = new Date();
    say(fresh, confirmed);
    lost.hidden = true;
  } catch {
    say(lost, confirmed);
    lost.hidden = false;
    fresh.textContent = "";
  }
  waiting = setTimeout(ask, every);
}

addEventListener("online", ask);
document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
ask();
