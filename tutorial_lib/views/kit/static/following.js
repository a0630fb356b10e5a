import { h } from "./common.js";

// Whether a view that follows the server still does. Its kernel may have gone without a word: it sends a beat
// every two seconds, also while a cell blocks it, and a page that hears none says so.

const SILENCE = 9000; // milliseconds

/** The server's clock, in seconds since the epoch: the kernel tells it, as this machine may have another time. */
export function serverClock(model) {
  let ahead = 0; // seconds between performance.now() and the server's clock
  const set = (now) => { ahead = now - performance.now() / 1000; };
  const told = () => set(model.get("now"));
  const hear = (message) => message.now && set(message.now);
  told();
  model.on("change:now", told);
  model.on("msg:custom", hear);
  return {
    now: () => performance.now() / 1000 + ahead,
    stop() {
      model.off("change:now", told);
      model.off("msg:custom", hear);
    },
  };
}

/** A chip "live"; `done()` is the word for a view that has nothing more to follow. Returns { element, stop }. */
export function liveChip(model, done = () => null) {
  const element = h("span", { class: "tt-chip" });
  let heard = performance.now(), silent = false;
  const draw = () => {
    const live = model.get("live"), word = done();
    element.textContent = live ? (silent ? "○ the kernel does not answer" : "● live") : word?.[0] ?? "○ not live";
    element.className = `tt-chip ${live ? (silent ? "tt-warning" : "tt-done") : word?.[1] ?? "tt-muted"}`;
  };
  const hear = () => {
    heard = performance.now();
    if (silent) silent = false;
    draw();
  };
  const timer = setInterval(() => {
    const now = performance.now() - heard > SILENCE;
    if (now !== silent) {
      silent = now;
      draw();
    }
  }, 1000);
  model.on("msg:custom", hear);
  model.on("change", hear);
  draw();
  return {
    element,
    draw,
    stop() {
      clearInterval(timer);
      model.off("msg:custom", hear);
      model.off("change", hear);
    },
  };
}
