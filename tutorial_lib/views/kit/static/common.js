// What all views share. A view is a module with `export default { render }`; kit/view.py joins it with the files that
// it imports, in one scope: no two of them may give the same name to different things.

const SVG = "http://www.w3.org/2000/svg";

/** Attributes of an element: "on…" listens, "class" and the rest are attributes, null and false leave one out. */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value != null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  // Children are nodes or text, never markup: a learner's data cannot become part of the page's structure.
  element.append(...children.flat().filter((each) => each != null && each !== false));
  return element;
}

/** An HTML element: h("button", { class: "tt-button", onclick: go }, "Go"). */
export const h = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);

/** An SVG element, the same way. */
export const s = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

/** Change attributes of an element that is there; null and false remove one. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? "" : value);
  }
  return element;
}

/** A sentence with `code` in it, as nodes; `inside` makes nodes of plain text. */
export const prose = (words, inside = (part) => [part]) =>
  words.split("`").flatMap((part, k) => (k % 2 ? [h("code", {}, inside(part))] : inside(part)));

/** A button of the tool bar. `label` is read out and shown as a tip; `face` is what it shows. */
export const button = (label, face, onclick) =>
  h("button", { type: "button", class: "tt-button", "aria-label": label, title: label, onclick }, face);

/** A model without a kernel, for pages of their own: what is set stays on the page. */
export function stillModel(state) {
  const listeners = new Map();
  return {
    get: (name) => state[name],
    set(name, value) {
      if (state[name] === value) return;
      state[name] = value;
      for (const each of [...(listeners.get(`change:${name}`) ?? [])]) each();
    },
    save_changes() {},
    send() {},
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    off(name, listener) {
      listeners.set(name, (listeners.get(name) ?? []).filter((each) => listener && each !== listener));
    },
  };
}

/** Listen to a model: listen(model, { "change:rows": draw, "msg:custom": take }). Returns what stops it. */
export function listen(model, listeners) {
  for (const [name, listener] of Object.entries(listeners)) model.on(name, listener);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) model.off(name, listener);
  };
}

/** Call `draw` at most once a frame, however often it is asked for; at once after a while in a hidden tab. */
export function everyFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}

/** Call `change(width)` whenever an element's width changes or it is shown again. Returns what stops it. */
export function watchWidth(element, change) {
  let last = -1;
  const observer = new ResizeObserver(() => {
    const width = element.clientWidth; // 0 while it is hidden, e.g. in a tab behind another
    if (width === last) return;
    last = width;
    if (width) change(width);
  });
  observer.observe(element);
  return () => observer.disconnect();
}

/** Whether motion is unwelcome. */
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * A line that says what changed. Screen readers hear it at most every two seconds; eyes see it at once.
 * say(words) shows them.
 */
export function statusLine() {
  const shown = h("div", { class: "tt-status", "aria-hidden": "true" });
  const heard = h("div", { class: "tt-hidden", role: "status" });
  let timer = null;
  return {
    element: h("div", {}, shown, heard),
    say(words) {
      if (shown.textContent === words) return;
      shown.textContent = words;
      timer ??= setTimeout(() => {
        timer = null;
        heard.textContent = shown.textContent;
      }, heard.textContent ? 2000 : 0);
    },
  };
}

/**
 * One tab stop for many things: arrow keys move the focus among the elements that match.
 * `keys` maps further keys to functions of the focused element. Returns { focus(element) }.
 */
export function roving(container, selector, { keys = {}, vertical = true, horizontal = true } = {}) {
  const all = () => [...container.querySelectorAll(selector)];
  const focus = (element) => {
    if (!element) return;
    for (const each of all()) each.tabIndex = each === element ? 0 : -1;
    element.focus();
  };
  container.addEventListener("keydown", (event) => {
    const here = event.target.closest(selector);
    if (!here || isNotebooks(event)) return;
    const list = all();
    const at = list.indexOf(here);
    const to = {
      ArrowDown: vertical && at + 1,
      ArrowRight: horizontal && at + 1,
      ArrowUp: vertical && at - 1,
      ArrowLeft: horizontal && at - 1,
      Home: 0,
      End: list.length - 1,
    }[event.key];
    const act = keys[event.key];
    if (act) act(here, event);
    else if (typeof to === "number") focus(list[Math.max(0, Math.min(list.length - 1, to))]);
    else return;
    event.preventDefault();
    event.stopPropagation(); // JupyterLab moves between cells with the same keys
  });
  container.addEventListener("focusin", (event) => {
    const here = event.target.closest(selector);
    if (here) for (const each of all()) each.tabIndex = each === here ? 0 : -1;
  });
  return { focus };
}

/** Whether a key, with what is held down beside it, is always the notebook's: Shift+Enter, Ctrl+S ... */
export const isNotebooks = (event) => event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");

// Keys that a control uses itself: the notebook must not act on them as well.
const OWN_KEYS = [
  ["input:not([type=radio], [type=range], [type=checkbox]), textarea, select", () => true],
  ["input[type=range]", (key) => /^(Arrow|Page|Home|End)/.test(key)],
  ["input[type=radio]", (key) => key === " " || key.startsWith("Arrow")],
  ["button, summary, a[href], input[type=checkbox]", (key) => key === "Enter" || key === " "],
];

/**
 * One behaviour of all views at the keyboard. A click anywhere focuses the view: what `home(event)` gives. Escape
 * leaves it for its cell. What the view does not know goes on to the notebook, so that Shift+Enter, Ctrl+S and all
 * the others do what they always do. Returns a line that says which keys it knows, to stand beside the status.
 */
export function keyboard(root, home, keys) {
  root.tabIndex = -1;
  root.addEventListener("click", (event) => {
    const now = root.getRootNode().activeElement;
    if (now !== root && root.contains(now)) return;
    (home(event) ?? root).focus({ preventScroll: true });
  });
  root.addEventListener("keydown", (event) => {
    if (isNotebooks(event)) return;
    if (event.key === "Escape") {
      if (event.target.matches("input[type=search]") && event.target.value) event.stopPropagation(); // empties it
      else (root.closest(".jp-Cell") ?? { focus: () => event.target.blur() }).focus({ preventScroll: true });
    } else if (OWN_KEYS.some(([controls, uses]) => event.target.closest(controls) && uses(event.key))) event.stopPropagation();
  });
  const parts = [...keys, ["Esc", "back to the cell"]];
  return h("div", { class: "tt-keys" }, parts.map(([names, words]) =>
    h("span", {}, names.split(" ").map((name) => h("kbd", {}, name)), ` ${words}`)));
}

/** The line below a view: what changed, and which keys it knows. */
export const foot = (status, keys) => h("div", { class: "tt-foot" }, status.element, keys);

/** Round steps of 1, 2 or 5: where to write seconds on an axis from `low` to `high` that has room for `count`. */
export function ticks(low, high, count) {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0)) return [low];
  const steps = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999);
  if (step > 30) step = steps.find((each) => each >= rough) ?? Math.ceil(rough / 86400) * 86400;
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k * step);
  return found;
}

/** Seconds as people write them, with no more digits than `step` needs: "0.25 s", "1 min 30 s", "2 h 5 min". */
export function duration(seconds, step = Math.abs(seconds) / 100) {
  if (seconds < 0) return `−${duration(-seconds, step)}`;
  if (seconds < 59.995) {
    const digits = step >= 1 || seconds === 0 ? 0 : Math.min(3, Math.ceil(-Math.log10(step || 1) - 1e-9));
    return seconds < 0.9995 && digits >= 3 ? `${Math.round(seconds * 1000)} ms` : `${+seconds.toFixed(digits)} s`;
  }
  const whole = Math.round(seconds);
  let parts = inUnits(whole);
  if (parts.length > 2) parts = inUnits(Math.round(whole / parts[1].size) * parts[1].size);
  return parts.map(({ many, name }) => `${many} ${name}`).join(" ");
}

/** Seconds that somebody asked for, in full: "12.345 s", "1 d 5 s"; "about 14 d 7 h" where that takes more units. */
export function inFull(seconds) {
  const value = Math.round(seconds * 1000) / 1000;
  const isExact = value < 60 || (Number.isInteger(value) && inUnits(value).length <= 2);
  return (isExact ? "" : "about ") + duration(value, 0.001);
}

function inUnits(seconds) {
  const found = [];
  for (const [size, name] of [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]]) {
    const many = Math.floor(seconds / size);
    seconds -= many * size;
    if (many) found.push({ many, size, name });
  }
  return found;
}
