// While the history is walked along, its page shows how far that is, and itself anew
// when it ends.
import { fill, follow } from "./follow.js";

const going = document.querySelector("#walking");
if (going) {
  const bar = going.querySelector("progress");
  if (await follow(going.dataset.state, (state) => fill(bar, state))) location.reload();
}
