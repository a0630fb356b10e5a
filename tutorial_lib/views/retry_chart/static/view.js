import { duration, everyFrame, foot, h, keyboard, listen, roving, s, set, statusLine, ticks, watchWidth } from "../../kit/static/common.js";
import { liveChip, serverClock } from "../../kit/static/following.js";

// A retry policy as attempts (hatched waits, hollow circles) and the real attempts over it (solid bars).

const LEFT = 150, RIGHT = 190, ROW = 30, TOP = 26, PAD = 12, THINNEST = 5;
const CLASSES = { failed: "failed", "timed out": "failed", completed: "done", running: "activity" };
const HINT = "Arrow keys walk through the attempts.";
let charts = 0; // patterns have names that are the page's

function render({ model, el }) {
  const pattern = `retry-wait-${Date.now()}-${++charts}`;
  const clock = serverClock(model);
  const svg = s("svg", { class: "retry-svg", role: "list", "aria-label": "Attempts" });
  const title = h("span", { class: "tt-title" });
  const chip = liveChip(model, () => {
    const { closed } = model.get("chart");
    return closed ? [closed, closed === "completed" ? "tt-done" : "tt-failed"] : null;
  });
  const words = h("div", { class: "retry-words" });
  const line = statusLine();
  const place = h("div", { class: "retry-place" }, svg);
  const root = h("div", { class: "tt tt-panel retry", role: "group", "aria-label": "Retries" },
    h("div", { class: "tt-bar retry-bar" }, title, chip.element),
    h("div", { class: "tt-muted retry-legend" }, "hatched: the wait before an attempt, by the policy · ○ planned · solid: really made"),
    place, words);
  const home = (event) => event.target.closest(".retry-row") ?? svg.querySelectorAll(".retry-row")[at];
  root.append(h("div", { class: "retry-line" }, foot(line, keyboard(root, home, [["↑ ↓", "attempt"]]))));
  el.append(root);
  roving(svg, ".retry-row", { horizontal: false });
  let at = 0; // row that has, or had, the focus

  const now = () => {
    const chart = model.get("chart");
    return model.get("live") && chart.zero ? Math.max(0, clock.now() - chart.zero) : null;
  };

  const told = (row) => {
    const parts = [`Attempt ${row.number}, ${row.words}`];
    if (row.wait) parts.push(`waits ${duration(row.wait)}, due at ${duration(row.due)}`);
    if (row.start != null) parts.push(`began at ${duration(row.start)}`);
    if (row.end != null && row.start != null) parts.push(`took ${duration(row.end - row.start)}`);
    if (row.failure) parts.push(row.failure);
    return `${parts.join("; ")}.`;
  };

  function drawRow(row, index, x, right, time) {
    const y = TOP + index * ROW, middle = ROW / 2;
    const group = s("g", { class: "retry-row", role: "listitem", tabindex: index === at ? 0 : -1, transform: `translate(0 ${y})`,
      onfocus: () => { at = index; line.say(row.state === "skipped" ? row.words : told(row)); } });
    group.append(s("rect", { class: "retry-back", x: 0, y: 0, width: right + RIGHT, height: ROW }));
    if (row.state === "skipped") {
      set(group, { "aria-label": row.words });
      group.append(s("text", { x: PAD, y: middle + 4, class: "retry-muted" }, `${row.symbol} ${row.words}`));
      return group;
    }
    set(group, { "aria-label": told(row) });
    const kind = CLASSES[row.state] ?? "muted";
    group.append(s("title", {}, told(row)));
    group.append(s("text", { x: PAD, y: middle + 4, class: `retry-${kind}` }, `${row.symbol} ${row.number}  ${row.words}`));
    const from = x(row.from), due = x(row.due);
    if (row.wait) group.append(s("rect", { class: "retry-wait", x: from, y: middle - 5, width: Math.max(0, due - from), height: 10, fill: `url(#${pattern})` }));
    let edge = due + 10;
    if (row.start == null) group.append(s("circle", { class: "retry-planned", cx: due, cy: middle, r: 5 }));
    else {
      const start = x(row.start), end = x(row.end ?? time ?? row.start), wide = Math.max(THINNEST, end - start);
      group.append(s("rect", { class: `retry-real retry-fill-${kind}`, x: start, y: middle - 9, width: wide, height: 18, rx: 2 }));
      edge = Math.max(due, start + wide) + 6;
    }
    const note = [row.wait ? `after ${duration(row.wait)}` : "", row.failure].filter(Boolean).join(" · ");
    const room = right + RIGHT - PAD - edge, space = from - LEFT, fits = (width) => Math.max(3, Math.floor(width / 6));
    const left = note.length * 6 > room && space > room;
    const cut = note.slice(0, fits(left ? space : room));
    group.append(s("text", { class: "retry-muted retry-note", x: left ? from - 6 : edge, y: middle + 4, "text-anchor": left ? "end" : "start" },
      cut === note ? note : `${cut.slice(0, -1)}…`));
    return group;
  }

  function draw() {
    const chart = model.get("chart");
    if (!chart.rows) return;
    const width = Math.max(520, place.clientWidth || 860), right = width - RIGHT, time = now();
    const end = Math.max(chart.end, (time ?? 0) * 1.02), x = (seconds) => LEFT + (seconds / end) * (right - LEFT);
    const bottom = TOP + chart.rows.length * ROW;
    const held = svg.contains(document.activeElement);
    at = Math.min(at, chart.rows.length - 1);
    const marks = ticks(0, end, Math.max(2, (right - LEFT) / 80));
    const axis = s("g", { "aria-hidden": "true" }, ...marks.map((mark) => s("g", {},
      s("line", { class: "retry-grid", x1: x(mark), x2: x(mark), y1: TOP - 6, y2: bottom }),
      s("text", { class: "retry-muted retry-note", x: x(mark), y: TOP - 10, "text-anchor": "middle" }, duration(mark, marks[1])))));
    const over = s("g", { "aria-hidden": "true" });
    if (chart.limit != null && chart.limit <= end) over.append(s("line", { class: "retry-limit", x1: x(chart.limit), x2: x(chart.limit), y1: TOP - 6, y2: bottom }));
    if (time != null) over.append(s("line", { class: "retry-now", x1: x(time), x2: x(time), y1: TOP - 6, y2: bottom }));
    set(svg, { width, height: bottom + 4, viewBox: `0 0 ${width} ${bottom + 4}` });
    svg.replaceChildren(
      s("defs", {}, s("pattern", { id: pattern, width: 6, height: 6, patternUnits: "userSpaceOnUse" },
        s("path", { class: "retry-hatch", d: "M-1 7 7 -1M5 13 13 5" }))),
      axis, over, ...chart.rows.map((row, index) => drawRow(row, index, x, right, time)));
    if (held) svg.querySelectorAll(".retry-row")[at]?.focus();
    title.textContent = chart.activity ? `Retries of ${chart.activity}` : "Retries";
    chip.element.style.display = chart.activity ? "" : "none";
    const limit = chart.limit != null && chart.limit <= end ? `Red line: schedule-to-close timeout, ${duration(chart.limit)}.` : "";
    const lines = [[chart.policy, ""], [limit, "tt-failed"], [chart.other, "tt-warning"]].filter(([text]) => text);
    if (words.dataset.shown !== String(lines)) words.replaceChildren(...lines.map(([text, style]) => h("div", { class: style || null }, text)));
    words.dataset.shown = String(lines);
  }

  // What changes by itself is said; what the learner walks through with the arrow keys is said on focus.
  let said = "";
  const tell = () => {
    const chart = model.get("chart");
    const last = [...(chart.rows ?? [])].reverse().find((row) => !["planned", "skipped"].includes(row.state));
    const wait = chart.next != null && model.get("live") ? Math.max(0, chart.next - now()) : null;
    const next = wait == null ? "" : ` Attempt ${last.number + 1} ${wait > 0.05 ? `in ${duration(Math.ceil(wait), 1)}` : "now"}.`;
    const text = model.get("note") || (chart.closed ? chart.real : last ? `Attempt ${last.number} ${last.words}.${next}` : HINT);
    if (text !== said && !svg.contains(document.activeElement)) line.say(text);
    said = text;
  };

  const soon = everyFrame(() => { draw(); tell(); });
  soon();
  // A row that has the focus is not drawn again for time alone: screen readers would begin it anew.
  const tick = setInterval(() => model.get("live") && !svg.contains(document.activeElement) && soon(), 200);
  const narrow = watchWidth(place, soon);
  const deaf = listen(model, { "change:chart": soon, "change:live": soon, "change:note": soon });
  return () => {
    clearInterval(tick);
    narrow();
    deaf();
    chip.stop();
    clock.stop();
  };
}

export default { render };
