// While the history is walked along, its page shows how far that is, and itself anew
// when it ends.
const going = document.querySelector("#walking");
if (going) follow(going);

async function follow(going) {
  const bar = going.querySelector("progress");
  for (let wait = 300; ; wait = Math.min(wait * 1.5, 2000)) {
    await new Promise((done) => setTimeout(done, wait));
    let state;
    try {
      const answer = await fetch(going.dataset.state, { headers: { Accept: "application/json" } });
      if (!answer.ok) break;
      state = await answer.json();
    } catch {
      continue; // the line may come back
    }
    if (!state.running) {
      location.reload();
      return;
    }
    if (state.total > 0) {
      bar.max = state.total;
      bar.value = state.done;
    }
  }
}
