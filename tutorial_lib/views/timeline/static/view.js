// The timeline: what a workflow execution did when. Python groups events into lanes; here they are only drawn.
import { h, s, set, button, listen, everyFrame, watchWidth, statusLine, calm, ticks, duration, keyboard, isNotebooks, foot } from "../../kit/static/common.js";
import { ROW, glyph, drawLane, drawOverview } from "./draw.js";
import { told, laneDetails, hint } from "./details.js";

const LINGER = 250; // milliseconds: on its way down to what is told, the pointer passes over other lanes
const PINNED = 2; // the execution itself and its workflow tasks stay in sight
let serial = 0;

function render({ model, el }) {
  const id = `tl-${++serial}`;
  const hatch = `${id}-hatch`;
  const data = { lanes: [], tasks: [], n: 0 };
  const view = { from: 0, to: 1, width: 400, now: 0, mode: "all", hatch, tasks: data.tasks };
  view.x = (time) => ((time - view.from) / (view.to - view.from)) * view.width;
  let chosen = -1; // pinned by a click or the keyboard
  let pointed = -1; // under the pointer
  let pointer = null; // where it is on the page, from the left
  let later = null; // timer of a lane that the pointer may only pass over
  let clock = null; // seconds between performance.now() and the run's clock
  const rows = new Map();

  // ---- the page ----------------------------------------------------------------------------------------

  const title = h("span", { class: "tt-title" });
  const chip = h("span", { class: "tl-state" });
  const link = h("a", { target: "_blank", rel: "noopener" }, "Web UI");
  // The window of time: "all" of it, what the "rows" in sight need (also while one scrolls), or "free".
  const fitAll = button("Fit the whole time (0)", "Fit all", () => showAll());
  const fitRows = button("Fit the time to the lanes in sight, also while you scroll (f)", "Fit lanes", () => showRows());
  const bar = h("div", { class: "tt-bar" }, title, chip, h("span", { class: "tt-grow" }), link,
    button("Earlier (left arrow)", "◂", () => pan(-0.4)), button("Later (right arrow)", "▸", () => pan(0.4)),
    button("Zoom out (minus)", "−", () => zoom(1.6)), button("Zoom in (plus)", "+", () => zoom(1 / 1.6)), fitAll, fitRows);
  const strip = s("svg", { height: 39, "aria-hidden": "true" });
  const count = h("div");
  const overview = h("div", { class: "tl-overview", hidden: true }, count, strip);
  const axis = s("svg", { height: 26 });
  const pinned = h("div", { class: "tl-pinned", role: "presentation", style: `height:${PINNED * ROW}px` });
  const sheet = h("div", { class: "tl-sheet", role: "presentation" });
  const range = h("div", { class: "tl-range", hidden: true }); // which part of the whole time is shown
  const plot = h("div", { class: "tl-plot" }, axis, range);
  const axisRow = h("div", { class: "tl-axis", "aria-hidden": "true" }, h("div", {}, "time since the start"), plot);
  const head = h("div", { class: "tl-head", role: "presentation" }, axisRow, pinned);
  const scroller = h("div", { class: "tl-scroll", role: "listbox", "aria-label": "Lanes of the timeline" }, head, sheet);
  const pill = h("span");
  const cross = h("div", { class: "tl-cross", hidden: true, "aria-hidden": "true" }, pill);
  const frame = h("div", { style: "position:relative" }, scroller, cross);
  const details = h("div", { class: "tt-details tl-details", "aria-live": "off" });
  const status = statusLine();
  const defs = s("svg", { width: 0, height: 0, style: "position:absolute", "aria-hidden": "true" },
    s("defs", {}, s("pattern", { id: hatch, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      s("path", { d: "M0 0v5", class: "tl-hatch" }))));
  const root = h("div", { class: "tt tl", role: "group", "aria-label": "Timeline" },
    bar, h("div", { class: "tt-panel tl-panel" }, overview, frame, details), defs);
  root.append(foot(status, keyboard(root, () => rows.get(tabStop())?.root, [
    ["↑ ↓", "lane"], ["← →", "move"], ["+ −", "zoom"], ["0 f", "fit all, fit lanes"], ["Enter", "fit a lane"],
  ])));
  el.append(root);

  // ---- data --------------------------------------------------------------------------------------------

  function take(records) {
    for (const record of records) {
      if ("lane" in record) data.lanes[record.lane] = record;
      else data.tasks[record.task] = record;
    }
  }

  function hear(now) {
    clock = now ? now - performance.now() / 1000 : null;
  }

  function restart() {
    const content = model.get("content");
    if (content.n < data.n) return; // older than what messages brought
    data.lanes.length = data.tasks.length = 0;
    take(content.records);
    hear(content.now);
    data.n = content.n;
    draw();
  }

  function onMessage(message) {
    if (message.type !== "grow") return;
    if (message.n > data.n) {
      model.send({ type: "behind" }); // something was sent before this view listened: ask for everything
      return;
    }
    hear(message.now);
    take(message.records.slice(data.n - message.n));
    data.n = Math.max(data.n, message.n + message.records.length);
    draw();
  }

  const live = () => model.get("head").live;

  function end() {
    const known = Math.max(...data.lanes.slice(0, 1).map((lane) => lane.end ?? 0), model.get("head").end, 0.001);
    if (!live()) return known;
    return Math.max(known, clock === null ? 0 : performance.now() / 1000 + clock);
  }

  // ---- window of time ----------------------------------------------------------------------------------

  const total = () => end() * 1.03;

  function look(from, to) {
    const span = Math.min(Math.max(to - from, 1e-4), total());
    view.from = Math.max(0, Math.min(from, total() - span));
    view.to = view.from + span;
    view.mode = span >= total() * 0.999 ? "all" : "free";
    draw();
  }

  const showAll = () => look(0, total());

  function showRows() {
    view.mode = view.mode === "rows" ? "all" : "rows";
    draw();
  }

  /** The window for a mode that chooses it itself. */
  function aim() {
    if (view.mode === "all") Object.assign(view, { from: 0, to: total() });
    if (view.mode !== "rows") return;
    const first = PINNED + Math.round(scroller.scrollTop / ROW);
    const many = Math.max(1, Math.floor((scroller.clientHeight - head.offsetHeight) / ROW));
    const seen = data.lanes.slice(first, first + many);
    const from = Math.min(...seen.map((lane) => lane.start));
    const to = Math.max(...seen.map((lane) => lane.end ?? (lane.mood === "open" ? view.now : lane.start)));
    const margin = Math.max((to - from) * 0.04, 5e-4);
    if (seen.length) Object.assign(view, { from: Math.max(0, from - margin), to: to + margin * 4 });
  }
  const pan = (share) => look(view.from + share * (view.to - view.from), view.to + share * (view.to - view.from));

  function zoom(factor, at = (view.from + view.to) / 2) {
    look(at - (at - view.from) * factor, at + (view.to - at) * factor);
  }

  function showLane(lane) {
    const last = lane.end ?? view.now;
    const margin = Math.max((last - lane.start) * 0.25, 0.005);
    look(lane.start - margin, last + margin);
  }

  // ---- drawing -----------------------------------------------------------------------------------------

  const draw = everyFrame(paint);

  function paint() {
    if (!root.clientWidth) return; // hidden: it is painted when it is shown
    const { lanes } = data;
    const bottom = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - ROW;
    view.now = end();
    view.running = model.get("head").running;
    root.classList.toggle("tl-narrow", root.clientWidth < 620);
    paintBar();
    sheet.style.height = `${Math.max(0, lanes.length - PINNED) * ROW}px`;
    const gutter = axisRow.firstChild.offsetWidth;
    view.width = Math.max(60, scroller.clientWidth - gutter);
    if (live() && bottom) scroller.scrollTop = scroller.scrollHeight;
    aim();
    const lines = paintAxis();
    paintCross();
    paintRows(lines);
    paintOverview();
    paintDetails();
  }

  function paintBar() {
    const { title: name, id: workflowId, link: url, state, mood, waits, trouble } = model.get("head");
    title.textContent = name;
    title.title = workflowId;
    chip.textContent = state;
    chip.className = `tl-state ${{ good: "tt-done", bad: "tt-failed" }[mood] ?? "tt-muted"}`;
    set(link, { href: url || null, hidden: !url });
    set(fitAll, { "aria-pressed": String(view.mode === "all") });
    set(fitRows, { "aria-pressed": String(view.mode === "rows") });
    const events = data.lanes.reduce((sum, lane) => sum + lane.events.length, 0)
      + data.tasks.reduce((sum, task) => sum + task.events.length, 0);
    const lanes = data.lanes.length;
    status.say(trouble ? trouble : lanes
      ? `${events} events, ${lanes} ${lanes === 1 ? "lane" : "lanes"}, ${duration(view.now, 0.01)}${waits && `; ${waits}`}${live() ? "; live" : ""}`
      : "Waits for the first event.");
  }

  function paintAxis() {
    const at = ticks(view.from, view.to, view.width / 90);
    const step = at.length > 1 ? at[1] - at[0] : view.to - view.from;
    const runs = model.get("head").runs ?? [];
    const labels = at.map((time) => {
      const x = view.x(time);
      return s("text", { x: x + (x < 12 ? 3 : 0), y: 17, "text-anchor": x < 12 ? "start" : x > view.width - 16 ? "end" : "middle" },
        duration(time, step));
    });
    const starts = runs.map((time, run) => [view.x(time), run]).filter(([x, run]) => run && x >= 0 && x <= view.width);
    axis.replaceChildren(...labels);
    const line = (xs) => xs.map((x) => `M${Math.round(x) + 0.5} 0v${ROW}`).join("");
    return {
      grid: line(at.map(view.x)),
      breaks: line(starts.map(([x]) => x)),
      now: live() ? line([view.x(view.now)]) : "",
    };
  }

  function paintRows(lines) {
    const { lanes } = data;
    const first = Math.max(0, Math.floor(scroller.scrollTop / ROW) - 3);
    const many = Math.ceil((scroller.clientHeight || 400) / ROW) + 6;
    const wanted = new Set([0, 1]);
    for (let k = PINNED + first; k < Math.min(lanes.length, PINNED + first + many); k++) wanted.add(k);
    const focused = [...rows].find(([, row]) => row.root === root.getRootNode().activeElement)?.[0];
    if (focused !== undefined) wanted.add(focused); // a row that is scrolled away keeps the focus
    for (const [k, row] of rows) {
      if (wanted.has(k) && lanes[k]) continue;
      row.root.remove();
      rows.delete(k);
    }
    for (const k of [...wanted].sort((a, b) => a - b)) {
      if (!lanes[k]) continue;
      const row = rows.get(k) ?? makeRow(k);
      const lane = lanes[k];
      if (row.lane !== lane) {
        row.lane = lane;
        row.name.textContent = lane.name;
        row.summary.textContent = lane.summary;
        set(row.label, { title: lane.summary ? `${lane.name}: ${lane.summary}` : lane.name });
        set(row.root, { "aria-label": told(lane, data.tasks), "aria-setsize": lanes.length });
      }
      set(row.root, { "aria-selected": String(k === chosen), tabindex: k === tabStop() ? 0 : -1 });
      row.track.replaceChildren(
        s("path", { class: "tl-grid", d: lines.grid }), s("path", { class: "tl-break", d: lines.breaks }),
        ...drawLane(lane, view), lines.now ? s("path", { class: "tl-now", d: lines.now }) : "");
    }
  }

  const tabStop = () => (chosen >= 0 ? chosen : 0);

  function makeRow(k) {
    const lane = data.lanes[k];
    const name = h("span", { class: "tl-name" });
    const summary = h("span", { class: "tl-summary" });
    const label = h("div", { class: "tl-label" }, glyph(lane.kind), name, summary);
    const track = s("svg", { class: "tl-track", height: ROW, "aria-hidden": "true" });
    const element = h("div", {
      class: `tl-row tl-${lane.kind}`, role: "option", "data-lane": k, "aria-posinset": k + 1,
      style: `top:${(k < PINNED ? k : k - PINNED) * ROW}px`,
    }, label, track);
    const row = { root: element, label, name, summary, track, lane: null };
    rows.set(k, row);
    (k < PINNED ? pinned : sheet).append(element);
    return row;
  }

  function paintCross() {
    const time = pointer === null ? NaN : timeAt(pointer);
    cross.hidden = !(time >= view.from && time <= view.to);
    if (cross.hidden) return;
    cross.style.left = `${pointer - frame.getBoundingClientRect().left}px`;
    pill.textContent = duration(time, (view.to - view.from) / view.width);
  }

  function paintOverview() {
    range.hidden = view.mode === "all";
    range.style.left = `${(view.from / total()) * 100}%`;
    range.style.width = `${((view.to - view.from) / total()) * 100}%`;
    const needed = data.lanes.length > 18;
    overview.hidden = !needed;
    if (!needed) return;
    const width = view.width;
    const height = 39;
    const x = (time) => (time / total()) * width;
    const lanes = data.lanes.length - PINNED; // the others stand still above
    count.textContent = `${data.lanes.length} lanes`;
    const key = `${data.n} ${width} ${live() ? Math.round(view.now * 2) : ""}`;
    if (strip.dataset.key !== key) {
      strip.dataset.key = key;
      strip.replaceChildren(...drawOverview(data.lanes, { x, now: view.now, height: height - 8 }), s("rect", { class: "tl-window", rx: 2 }));
      for (const path of strip.querySelectorAll(".tl-strip")) path.setAttribute("transform", "translate(0 4)");
    }
    const visible = Math.max(1, lanes) * ROW;
    const top = Math.min(1, scroller.scrollTop / visible);
    const share = Math.min(1, (scroller.clientHeight - head.offsetHeight) / visible);
    set(strip.lastChild, {
      x: x(view.from) + 0.5, width: Math.max(3, x(view.to - view.from) - 1), y: 2 + top * (height - 8), height: Math.max(4, share * (height - 4)),
    });
  }

  function paintDetails() {
    const k = pointed >= 0 ? pointed : chosen;
    const lane = data.lanes[k];
    const task = lane?.kind === "task" ? taskAt(pointed >= 0 && pointer !== null ? timeAt(pointer) : null) : null;
    const key = lane ? `${k} ${task?.task} ${(task ?? lane).events.length} ${lane.state} ${lane.attempt} ${lane.bars.length}` : "";
    if (details.dataset.key === key) return;
    details.dataset.key = key;
    details.replaceChildren(...(lane ? laneDetails(lane, task, data.tasks) : hint(hatch)));
    details.scrollTop = 0;
    // It grows to what is said, and does not shrink again: what is below would move while one points.
    details.style.minHeight = `${Math.max(details.offsetHeight, parseFloat(details.style.minHeight) || 0)}px`;
  }

  function taskAt(time) {
    if (!data.tasks.length) return null;
    if (time === null) return data.tasks[data.tasks.length - 1];
    const far = (task) => Math.abs((task.started ?? task.scheduled) - time);
    return data.tasks.reduce((best, task) => (far(task) < far(best) ? task : best));
  }

  // ---- what people do ----------------------------------------------------------------------------------

  function choose(k, { focus = false } = {}) {
    chosen = Math.max(-1, Math.min(data.lanes.length - 1, k));
    if (focus && chosen >= 0) {
      if (chosen >= PINNED) {
        const top = (chosen - PINNED) * ROW;
        const room = scroller.clientHeight - head.offsetHeight;
        if (top < scroller.scrollTop) scroller.scrollTop = top;
        else if (top + ROW > scroller.scrollTop + room) scroller.scrollTop = top + ROW - room;
      }
      paint();
      rows.get(chosen)?.root.focus({ preventScroll: true });
    }
    draw();
  }

  scroller.addEventListener("keydown", (event) => {
    if (event.key === "Escape") choose(-1); // and the view is left
    if (isNotebooks(event)) return;
    const here = Number(event.target.closest("[data-lane]")?.dataset.lane ?? tabStop());
    const page = Math.max(1, Math.floor((scroller.clientHeight - head.offsetHeight) / ROW) - 1);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + page, PageUp: here - page, Home: 0, End: data.lanes.length - 1 }[event.key];
    const act = {
      ArrowLeft: () => pan(-0.2), ArrowRight: () => pan(0.2), "+": () => zoom(1 / 1.6), "=": () => zoom(1 / 1.6), "-": () => zoom(1.6),
      0: showAll, f: showRows, Enter: () => showLane(data.lanes[here]),
    }[event.key];
    if (to !== undefined) choose(Math.max(0, to), { focus: true });
    else if (act) act();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  scroller.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-lane]");
    if (row && row.matches(":focus-visible")) choose(Number(row.dataset.lane));
  });
  scroller.addEventListener("scroll", draw, { passive: true });

  const timeAt = (x) => view.from + ((x - axis.getBoundingClientRect().left) / view.width) * (view.to - view.from);

  function onWheel(event) {
    const scale = event.deltaMode === 1 ? 16 : 1;
    if (event.ctrlKey || event.metaKey || event.currentTarget !== scroller || event.target.closest(".tl-axis")) {
      zoom(1.0025 ** Math.max(-200, Math.min(200, event.deltaY * scale)), event.currentTarget === strip ? undefined : timeAt(event.clientX));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      if (view.mode === "all") return;
      pan(((event.deltaX || event.deltaY) * scale) / view.width);
    } else return;
    event.preventDefault();
  }
  scroller.addEventListener("wheel", onWheel, { passive: false });
  strip.addEventListener("wheel", onWheel, { passive: false });

  let drag = null;
  scroller.addEventListener("pointerdown", (event) => {
    if (event.button || !event.target.closest(".tl-row, .tl-axis")) return;
    drag = { x: event.clientX, from: view.from, to: view.to, lane: event.target.closest("[data-lane]"), moved: false };
  });
  const onMove = (event) => {
    if (!drag) return;
    const by = event.clientX - drag.x;
    if (!drag.moved && Math.abs(by) < 5) return;
    drag.moved = true;
    const seconds = (by / view.width) * (drag.to - drag.from);
    if (view.mode !== "all") look(drag.from - seconds, drag.to - seconds);
  };
  const onUp = () => {
    if (drag && !drag.moved && drag.lane) {
      const k = Number(drag.lane.dataset.lane);
      choose(k === chosen ? -1 : k);
    }
    drag = null;
  };
  window.addEventListener("pointermove", onMove);
  window.addEventListener("pointerup", onUp);

  scroller.addEventListener("pointermove", (event) => {
    const row = event.target.closest("[data-lane]");
    const to = row ? Number(row.dataset.lane) : -1;
    const point = () => {
      pointed = to;
      draw();
    };
    clearTimeout(later);
    if (pointed >= 0 && to > pointed && event.movementY > Math.abs(event.movementX)) later = setTimeout(point, LINGER);
    else point();
    pointer = event.clientX;
    draw();
  });
  const pointAway = () => {
    clearTimeout(later);
    pointed = -1;
    pointer = null;
    draw();
  };
  scroller.addEventListener("pointerleave", (event) => {
    clearTimeout(later);
    if (chosen >= 0 || !details.contains(event.relatedTarget)) pointAway(); // else it is read, or scrolled
  });
  details.addEventListener("pointerleave", pointAway);

  const moveWindow = (event) => {
    const box = strip.getBoundingClientRect();
    const span = view.to - view.from;
    const middle = ((event.clientX - box.left) / box.width) * total();
    const lanes = Math.max(0, data.lanes.length - PINNED) * ROW;
    const room = scroller.clientHeight - head.offsetHeight;
    scroller.scrollTop = ((event.clientY - box.top) / box.height) * lanes - room / 2;
    look(middle - span / 2, middle + span / 2);
  };
  strip.addEventListener("pointerdown", (event) => {
    strip.setPointerCapture(event.pointerId);
    moveWindow(event);
  });
  strip.addEventListener("pointermove", (event) => strip.hasPointerCapture(event.pointerId) && moveWindow(event));

  // ---- life --------------------------------------------------------------------------------------------

  const stops = [
    listen(model, { "change:content": restart, "change:head": draw, "msg:custom": onMessage }),
    watchWidth(root, draw),
  ];
  const timer = setInterval(() => live() && draw(), calm() ? 1000 : 100);
  restart();
  return () => {
    clearInterval(timer);
    window.removeEventListener("pointermove", onMove);
    window.removeEventListener("pointerup", onUp);
    for (const stop of stops) stop();
  };
}

export default { render };
