import { duration, everyFrame, foot, h, keyboard, listen, roving, s, set, statusLine, ticks, watchWidth } from "../../kit/static/common.js";
import { liveChip, serverClock } from "../../kit/static/following.js";

// The attempts of an activity, and below them a lane for each of its four timeouts: what it lasted (solid) within
// what it may last (dashed).

const LEFT = 200, RIGHT = 24, ROW = 40, TOP = 26, PAD = 12, THINNEST = 4;
const HINT = "Arrow keys walk through the timeouts.";

function render({ model, el }) {
  const clock = serverClock(model);
  const svg = s("svg", { class: "timeouts-svg", role: "list", "aria-label": "Attempts and timeouts" });
  const title = h("span", { class: "tt-title" });
  const chip = liveChip(model, () => {
    const { closed } = model.get("chart");
    return closed ? [closed, closed === "completed" ? "tt-done" : "tt-failed"] : null;
  });
  const words = h("div", { class: "timeouts-words" });
  const line = statusLine();
  const place = h("div", { class: "timeouts-place" }, svg);
  const root = h("div", { class: "tt tt-panel timeouts", role: "group", "aria-label": "Timeouts" },
    h("div", { class: "tt-bar timeouts-bar" }, title, chip.element),
    h("div", { class: "tt-muted timeouts-legend" }, "solid: what it lasted · dashed: how long it may last · | heartbeat · ✕ fired"),
    place, words);
  const home = (event) => event.target.closest(".timeouts-row") ?? svg.querySelectorAll(".timeouts-row")[at];
  root.append(h("div", { class: "timeouts-line" }, foot(line, keyboard(root, home, [["↑ ↓", "timeout"]]))));
  el.append(root);
  roving(svg, ".timeouts-row", { horizontal: false });
  let at = 0; // row that has, or had, the focus

  const now = () => {
    const chart = model.get("chart");
    return model.get("live") && chart.zero ? Math.max(0, clock.now() - chart.zero) : null;
  };

  const toldSpan = (span) => {
    const end = span.to == null ? "" : `, for ${duration(span.to - span.from)}`;
    return `${span.label} from ${duration(span.from)}${end}: ${span.state}`;
  };

  const told = (row) => [`${row.name}: ${row.words}`, ...row.spans.map(toldSpan)].join("; ") + ".";

  function drawSpan(span, x, end, time) {
    const from = x(span.from), to = x(span.to ?? time ?? end), wide = Math.max(THINNEST, to - from), middle = ROW / 2;
    const whole = span.deadline == null, parts = [];
    if (!whole) parts.push(s("rect", { class: `timeouts-may timeouts-${span.state}`, x: from, y: middle - 8, width: Math.max(wide, x(span.deadline) - from), height: 16, rx: 2 }));
    parts.push(s("rect", { class: `timeouts-did timeouts-${span.state}`, x: from, y: middle - (whole ? 8 : 4), width: wide, height: whole ? 16 : 8, rx: 2 }));
    for (const beat of span.beats) parts.push(s("line", { class: "timeouts-beat", x1: x(beat), x2: x(beat), y1: middle - 8, y2: middle + 8 }));
    if (span.state === "fired") parts.push(s("text", { class: "timeouts-cross", x: from + wide + 3, y: middle + 4 }, "✕"));
    if (whole && span.label.length * 6.5 <= wide - 6) parts.push(s("text", { class: "timeouts-inside", x: from + 4, y: middle + 4 }, span.label));
    return parts;
  }

  function drawRow(row, index, x, width, end, time) {
    const middle = ROW / 2, unset = row.state.startsWith("not ");
    const group = s("g", { class: "timeouts-row", role: "listitem", tabindex: index === at ? 0 : -1, "aria-label": told(row), transform: `translate(0 ${TOP + index * ROW})`,
      onfocus: () => { at = index; line.say(told(row)); } });
    const length = row.length == null ? "" : ` ${duration(row.length)}`;
    group.append(
      s("title", {}, told(row)),
      s("rect", { class: "timeouts-back", x: 0, y: 0, width, height: ROW }),
      s("text", { x: PAD, y: middle - 2, class: unset ? "timeouts-muted" : null }, `${row.name}${length}`));
    if (row.name !== "attempts") group.append(s("text", { x: PAD, y: middle + 12, class: `timeouts-small ${unset ? "timeouts-muted" : `timeouts-text-${row.state}`}` }, `${row.symbol} ${row.state}`));
    group.append(...row.spans.flatMap((span) => drawSpan(span, x, end, time)));
    return group;
  }

  function draw() {
    const chart = model.get("chart");
    if (!chart.rows) return;
    const width = Math.max(520, place.clientWidth || 860), time = now();
    const end = Math.max(chart.end, (time ?? 0) * 1.02), x = (seconds) => LEFT + (Math.min(seconds, end) / end) * (width - LEFT - RIGHT);
    const bottom = TOP + chart.rows.length * ROW;
    const held = svg.contains(document.activeElement);
    const marks = ticks(0, end, Math.max(2, (width - LEFT - RIGHT) / 80));
    const axis = s("g", { "aria-hidden": "true" }, ...marks.map((mark) => s("g", {},
      s("line", { class: "timeouts-grid", x1: x(mark), x2: x(mark), y1: TOP - 6, y2: bottom }),
      s("text", { class: "timeouts-muted timeouts-small", x: x(mark), y: TOP - 10, "text-anchor": "middle" }, duration(mark, marks[1])))));
    const over = s("g", { "aria-hidden": "true" });
    if (time != null) over.append(s("line", { class: "timeouts-now", x1: x(time), x2: x(time), y1: TOP - 6, y2: bottom }));
    set(svg, { width, height: bottom + 4, viewBox: `0 0 ${width} ${bottom + 4}` });
    svg.replaceChildren(axis, ...chart.rows.map((row, index) => drawRow(row, index, x, width, end, time)), over);
    if (held) svg.querySelectorAll(".timeouts-row")[at]?.focus();
    title.textContent = chart.activity ? `Timeouts of ${chart.activity}` : "Timeouts";
    chip.element.style.display = chart.activity ? "" : "none";
    const lines = [[chart.options, ""], [chart.warning, "tt-warning"], ...chart.lines.map((text) => [text, text.includes("Not retried") ? "tt-failed" : ""])].filter(([text]) => text);
    if (words.dataset.shown !== String(lines)) words.replaceChildren(...lines.map(([text, style]) => h("div", { class: style || null }, text)));
    words.dataset.shown = String(lines);
  }

  // What changes by itself is said; what the learner walks through with the arrow keys is said on focus.
  let said = "";
  const tell = () => {
    const chart = model.get("chart");
    const text = model.get("note") || chart.real || (chart.activity && chart.lines?.at(-1)) || HINT;
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
