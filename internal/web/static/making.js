// While outlooks are made in the background the page says how far they are. When they
// are there it offers itself anew: nothing moves under the reader's eyes.
import { fill, follow } from "./follow.js";

const going = document.querySelector("#making");
if (going) {
  const bar = going.querySelector("progress");
  const says = going.querySelector("p");
  const over = await follow(going.dataset.state, (state) => {
    fill(bar, state);
    if (state.running) says.textContent = state.says;
  });
  bar.remove();
  if (over) {
    going.querySelector("[role=status]").append(going.querySelector("template").content);
    says.remove();
  }
}
