// follow asks the server how far something is until it has ended: tell gets each
// answer, with running, done and total. It is false where there is no answer to be had.
export async function follow(url, tell) {
  for (let wait = 300; ; wait = Math.min(wait * 1.5, 1000)) {
    await new Promise((done) => setTimeout(done, wait));
    let state;
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (!answer.ok) return false;
      state = await answer.json();
    } catch {
      continue; // the line may come back
    }
    tell(state);
    if (!state.running) return true;
  }
}

// fill sets a progress bar to a state.
export function fill(bar, state) {
  if (state.total > 0) {
    bar.max = state.total;
    bar.value = state.done;
  }
}
