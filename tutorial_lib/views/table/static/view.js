// The event history as a table with a search. Python makes the rows; here they are searched and drawn.
import { h, set, listen, everyFrame, watchWidth, statusLine, prose, duration, keyboard, isNotebooks, foot } from "../../kit/static/common.js";

const HEIGHT = 28; // of a row of one line, in pixels; of the head, too
const LINE = 20; // of each further line
const MOST = 6; // lines of a row; what is longer is whole below the table
const NARROW = 1000; // pixels: with less room, what happened stands below number, time and type
const AROUND = 24; // characters of what is found before and behind it
const ruler = document.createElement("canvas").getContext("2d");
const KIND_WORDS = [
  ["", "all events"], ["!task", "without workflow tasks"], ["!bad", "failures only"], ["workflow", "workflow execution"],
  ["task", "workflow tasks"], ["activity", "activities"], ["timer", "timers"], ["child", "child workflows"], ["signal", "signals"],
  ["update", "updates"], ["marker", "markers"], ["nexus", "Nexus operations"], ["external", "other workflows"],
  ["properties", "memo and search attributes"], ["other", "other"],
];
const VALUES = 120; // characters of an event's values that its row shows
/** What a row shows of an event's values. */
const valuesOf = (row) => {
  const all = Object.entries(row.values).map(([name, text]) => `${name}: ${text}`).join("  ");
  return all.length > VALUES ? `${all.slice(0, VALUES - 1)}\u2026` : all;
};

function render({ model, el }) {
  const data = { rows: [], n: 0 };
  let found = []; // the rows that match
  let terms = [];
  let chosen = null; // a row
  const drawn = new Map();

  // ---- the page ----------------------------------------------------------------------------------------

  const title = h("span", { class: "tt-title" });
  const chip = h("span", { class: "ht-state" });
  const link = h("a", { target: "_blank", rel: "noopener" }, "Web UI");
  const search = h("input", { class: "tt-input", type: "search", placeholder: "Search events", "aria-label": "Search events", spellcheck: "false", oninput: filter });
  const kind = h("select", { class: "tt-input", "aria-label": "Which events", onchange: filter });
  const bar = h("div", { class: "tt-bar" }, title, chip, h("span", { class: "tt-grow" }), search, kind, link);
  const head = h("div", { class: "ht-head", role: "row", "aria-rowindex": 1 },
    ["event", "time", "type", "what happened"].map((word) => h("span", { role: "columnheader" }, word)));
  const sheet = h("div", { class: "ht-sheet", role: "rowgroup" });
  const scroller = h("div", { class: "ht-scroll", role: "grid", "aria-label": "Event history" }, head, sheet);
  const details = h("div", { class: "tt-details ht-details" });
  const status = statusLine();
  const root = h("div", { class: "tt ht", role: "group", "aria-label": "Event history" },
    bar, h("div", { class: "tt-panel" }, scroller, details));
  const home = () => drawn.get((found.includes(chosen) ? chosen : found[0])?.event)?.root ?? search;
  root.append(foot(status, keyboard(root, home, [["↑ ↓", "event"], ["Home End", "first, last"]])));
  el.append(root);

  // ---- data --------------------------------------------------------------------------------------------

  function take(records) {
    for (const record of records) {
      record.shown = `${record.label} ${record.type} ${record.says.replaceAll("`", "")} ${valuesOf(record)}`;
      record.text = `${record.shown} ${Object.entries(record.values).flat().join(" ")} ${record.failure}`.toLowerCase();
      data.rows[record.event] = record;
    }
  }

  function restart() {
    const content = model.get("content");
    if (content.n < data.n) return; // older than what messages brought
    data.rows.length = 0;
    measured = "";
    take(content.records);
    data.n = content.n;
    filter();
  }

  function onMessage(message) {
    if (message.type !== "grow") return;
    if (message.n > data.n) {
      model.send({ type: "behind" }); // something was sent before this view listened: ask for everything
      return;
    }
    take(message.records.slice(data.n - message.n));
    data.n = Math.max(data.n, message.n + message.records.length);
    filter();
  }

  const live = () => model.get("head").live;

  function matches(row) {
    const which = kind.value;
    if (which === "!task" ? row.kind === "task" && !row.bad : which === "!bad" ? !row.bad : which && row.kind !== which) return false;
    return terms.every((term) => row.text.includes(term));
  }

  function filter() {
    terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = terms.length || kind.value ? data.rows.filter(matches) : data.rows;
    if (chosen) chosen = data.rows[chosen.event] ?? null;
    draw();
  }

  // ---- places of the rows: each is as high as its text needs ---------------------------------------------

  let tops = [0]; // of the found rows, and the end of the last one
  let measured = "";

  function measure() {
    const width = sheet.clientWidth;
    const key = `${width} ${found === data.rows ? "all" : `${data.n} ${kind.value} ${terms.join(" ")}`}`;
    if (key === measured && tops.length === found.length + 1) return;
    if (key !== measured || found !== data.rows || tops.length > found.length) tops = [0]; // else rows were added
    measured = key;
    const narrow = width < NARROW;
    root.classList.toggle("ht-narrow", narrow);
    const room = narrow ? width - 64 : width - 60 - 84 - 260 - 60;
    // "Each word has some way to the end of its line": what is left free there is not counted otherwise.
    ruler.font = `13px ${getComputedStyle(root).fontFamily}`;
    const letter = ruler.measureText("the server gave the workflow task to a worker").width / 45;
    for (const row of found.slice(tops.length - 1)) {
      const wide = (row.says.length + 2 * (row.says.split("`").length - 1)) * letter + (valuesOf(row).length + seen(row).length + 2) * 7.4;
      const lines = Math.min(MOST, Math.max(1, Math.ceil((wide * 1.06) / room)));
      tops.push(tops.at(-1) + (narrow ? HEIGHT + lines * LINE : HEIGHT + (lines - 1) * LINE));
    }
    // A search changes nothing of what stands below.
    if (found === data.rows || !scroller.style.height) scroller.style.height = `min(396px, ${tops.at(-1) + HEIGHT}px)`;
  }

  /** The place of the row at a height. */
  function placeAt(height) {
    let [low, high] = [0, found.length];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (tops[middle] <= height) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** What was found in a part of an event that its row does not show, with what stands around it. */
  function seen(row) {
    if (!terms.length) return "";
    const shown = row.shown.toLowerCase();
    const hidden = terms.filter((term) => !shown.includes(term));
    const rest = `${Object.entries(row.values).map((pair) => pair.join(": ")).join(" ")} ${row.failure}`;
    return hidden.map((term) => {
      const at = rest.toLowerCase().indexOf(term);
      return at < 0 ? "" : ` \u2026${rest.slice(Math.max(0, at - AROUND), at + term.length + AROUND).replace(/\s+/g, " ")}\u2026`;
    }).join("");
  }

  // ---- drawing -----------------------------------------------------------------------------------------

  const draw = everyFrame(paint);

  function paint() {
    if (!root.clientWidth) return; // hidden: it is painted when it is shown
    const bottom = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - HEIGHT;
    paintBar();
    measure();
    sheet.style.height = `${tops.at(-1)}px`;
    set(scroller, { "aria-rowcount": found.length + 1 });
    if (live() && bottom) scroller.scrollTop = scroller.scrollHeight;
    paintRows();
    paintDetails();
  }

  function paintBar() {
    const { title: name, id, link: url, state, mood, trouble } = model.get("head");
    title.textContent = name;
    title.title = id;
    chip.textContent = state;
    chip.className = `ht-state ${{ good: "tt-done", bad: "tt-failed" }[mood] ?? "tt-muted"}`;
    set(link, { href: url || null, hidden: !url });
    const there = new Set(data.rows.map((row) => row.kind));
    const options = KIND_WORDS.filter(([value]) => !value || value.startsWith("!") || there.has(value));
    if (kind.options.length !== options.length) {
      const now = kind.value;
      kind.replaceChildren(...options.map(([value, words]) => h("option", { value }, words)));
      kind.value = now;
    }
    const many = `${data.rows.length} ${data.rows.length === 1 ? "event" : "events"}`;
    const words = found.length === data.rows.length ? many : `${found.length} of ${many}`;
    status.say(trouble || (data.rows.length ? words + (live() ? "; live" : "") : "Waits for the first event."));
  }

  function paintRows() {
    const first = Math.max(0, placeAt(scroller.scrollTop) - 4);
    const end = Math.min(found.length, placeAt(scroller.scrollTop + (scroller.clientHeight || 400)) + 5);
    const wanted = new Map(); // event -> place
    for (let k = first; k < end; k++) wanted.set(found[k].event, k);
    const focused = [...drawn].find(([, each]) => each.root === root.getRootNode().activeElement)?.[0];
    if (focused !== undefined && !wanted.has(focused)) {
      const place = found.indexOf(data.rows[focused]);
      if (place >= 0) wanted.set(focused, place); // a row that is scrolled away keeps the focus
    }
    for (const [event, each] of drawn) {
      if (wanted.has(event)) continue;
      each.root.remove();
      drawn.delete(event);
    }
    const stop = chosen && found.includes(chosen) ? chosen.event : found[0]?.event;
    const key = terms.join(" ");
    for (const [event, place] of wanted) {
      const row = data.rows[event];
      let each = drawn.get(event);
      if (!each || each.row !== row || each.key !== key) {
        each?.root.remove();
        each = { root: makeRow(row), row, key };
        drawn.set(event, each);
        sheet.append(each.root);
      }
      Object.assign(each.root.style, { top: `${tops[place]}px`, height: `${tops[place + 1] - tops[place]}px` });
      set(each.root, { "aria-rowindex": place + 2, "aria-selected": String(row === chosen), tabindex: event === stop ? 0 : -1 });
    }
  }

  function makeRow(row) {
    const values = valuesOf(row) + seen(row);
    const cells = [[row.label], [duration(row.time, 0.001)], marked(`${row.bad ? "✗ " : ""}${row.type}`),
      [...prose(row.says, marked), values && h("span", { class: "tt-mono tt-muted" }, "  ", ...marked(values))]];
    return h("div", { class: `ht-row ht-${row.kind}${row.bad ? " ht-bad" : ""}`, role: "row", "data-event": row.event },
      cells.map((content) => h("span", { role: "gridcell" }, content)));
  }

  /** Text with what was searched for marked. */
  function marked(text) {
    if (!terms.length) return [text];
    const pattern = new RegExp(`(${terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "gi");
    return text.split(pattern).map((part, k) => (k % 2 ? h("mark", {}, part) : part));
  }

  function paintDetails() {
    const key = chosen ? `${chosen.event}` : "";
    if (details.dataset.key === key) return;
    details.dataset.key = key;
    details.scrollTop = 0;
    if (!chosen) {
      details.replaceChildren(h("div", { class: "tt-muted" }, "Choose an event, with a click or the arrow keys, to read all that it says."));
      return;
    }
    const { events } = model.get("head");
    const at = chosen;
    const list = (entries) => Object.entries(entries).flatMap(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]);
    details.replaceChildren(
      h("h4", {}, h("b", {}, `${at.label} ${at.type}`), h("span", { class: "tt-muted" }, `at ${duration(at.time, 0.001)}`),
        events[at.run] && h("a", { href: events[at.run].replace("{id}", at.id), target: "_blank", rel: "noopener" }, "in the Web UI")),
      h("div", {}, prose(at.says)),
      h("dl", {}, list(at.values), list(at.facts)),
      at.failure ? h("pre", { tabindex: 0, "aria-label": "failure" }, at.failure) : "",
    );
  }

  // ---- what people do ----------------------------------------------------------------------------------

  function choose(row, focus) {
    chosen = row ?? null;
    const place = found.indexOf(row);
    if (focus && place >= 0) {
      measure();
      const [top, end, room] = [tops[place], tops[place + 1], scroller.clientHeight - HEIGHT];
      if (top < scroller.scrollTop) scroller.scrollTop = top;
      else if (end > scroller.scrollTop + room) scroller.scrollTop = end - room;
      paint();
      drawn.get(row.event)?.root.focus({ preventScroll: true });
    }
    draw();
  }

  scroller.addEventListener("click", (event) => {
    const row = event.target.closest("[data-event]");
    if (row) choose(data.rows[row.dataset.event], true);
  });
  scroller.addEventListener("keydown", (event) => {
    if (event.key === "Escape") choose(null); // and the view is left
    if (isNotebooks(event) || !found.length) return;
    const focused = event.target.closest("[data-event]");
    const here = focused ? found.indexOf(data.rows[focused.dataset.event]) : 0;
    const page = Math.max(1, Math.floor(scroller.clientHeight / HEIGHT) - 2);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + page, PageUp: here - page, Home: 0, End: found.length - 1, Enter: here, " ": here }[event.key];
    if (to !== undefined) choose(found[Math.max(0, Math.min(found.length - 1, to))], true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && found.length) choose(found[0], true);
    else return;
    event.preventDefault();
  });
  scroller.addEventListener("scroll", draw, { passive: true });

  const stops = [
    listen(model, { "change:content": restart, "change:head": draw, "msg:custom": onMessage }),
    watchWidth(root, draw),
  ];
  restart();
  return () => {
    for (const stop of stops) stop();
  };
}

export default { render };
