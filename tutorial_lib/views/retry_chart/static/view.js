import { activityRows } from "../../kit/static/activity_rows.js";
import { duration, inFull, s } from "../../kit/static/common.js";

// A retry policy as attempts (hatched waits, hollow circles) and the real attempts over it (solid bars).

const LEFT = 150, ROW = 30, PAD = 12, THINNEST = 5, LETTER = 6;
const CLASSES = { failed: "failed", "timed out": "failed", completed: "done", running: "activity" };
let charts = 0; // patterns have names that are the page's

function told(row) {
  if (row.state === "skipped") return row.words;
  const parts = [`Attempt ${row.number}, ${row.words}`];
  if (row.wait) parts.push(`waits ${duration(row.wait)}, due at ${duration(row.due)}`);
  if (row.start != null) parts.push(`began at ${duration(row.start)}`);
  if (row.end != null && row.start != null) parts.push(`took ${duration(row.end - row.start)}`);
  if (row.failure) parts.push(row.failure);
  return `${parts.join("; ")}.`;
}

function drawRow(row, { x, time, width }, pattern) {
  const middle = ROW / 2;
  if (row.state === "skipped") return [s("text", { x: PAD, y: middle + 4, class: "rows-muted" }, `${row.symbol} ${row.words}`)];
  const kind = CLASSES[row.state] ?? "muted";
  const parts = [s("text", { x: PAD, y: middle + 4, class: `retry-${kind}` }, `${row.symbol} ${row.number}  ${row.words}`)];
  const from = x(row.from), due = x(row.due);
  if (row.wait) parts.push(s("rect", { class: "retry-wait", x: from, y: middle - 5, width: Math.max(0, due - from), height: 10, fill: `url(#${pattern})` }));
  let edge = due + 10;
  if (row.start == null) parts.push(s("circle", { class: "retry-planned", cx: due, cy: middle, r: 5 }));
  else {
    const start = x(row.start), wide = Math.max(THINNEST, x(row.end ?? time ?? row.start) - start);
    parts.push(s("rect", { class: `retry-real retry-fill-${kind}`, x: start, y: middle - 9, width: wide, height: 18, rx: 2 }));
    edge = Math.max(due, start + wide) + 6;
  }
  const note = [row.wait ? `after ${duration(row.wait)}` : "", row.failure].filter(Boolean).join(" · ");
  const room = width - PAD - edge, space = from - LEFT, isLeft = note.length * LETTER > room && space > room;
  const cut = note.slice(0, Math.max(3, Math.floor((isLeft ? space : room) / LETTER)));
  parts.push(s("text", { class: "rows-note retry-note", x: isLeft ? from - 6 : edge, y: middle + 4, "text-anchor": isLeft ? "end" : "start" },
    cut === note ? note : `${cut.slice(0, -1)}…`));
  return parts;
}

const isLimited = ({ limit }, end) => limit != null && limit <= end;

function over(chart, { x, end, top, bottom }) {
  if (!isLimited(chart, end)) return [];
  return [s("line", { class: "retry-limit", x1: x(chart.limit), x2: x(chart.limit), y1: top, y2: bottom })];
}

function news(chart, seconds) {
  if (chart.closed) return chart.real;
  const last = (chart.rows ?? []).findLast((row) => !["planned", "skipped"].includes(row.state));
  if (!last) return "";
  const wait = chart.next != null && seconds != null ? Math.max(0, chart.next - seconds) : null;
  const next = wait == null ? "" : ` Attempt ${last.number + 1} ${wait > 0.05 ? `in ${duration(Math.ceil(wait), 1)}` : "now"}.`;
  return `Attempt ${last.number} ${last.words}.${next}`;
}

function render(place) {
  const pattern = `retry-wait-${Date.now()}-${++charts}`;
  return activityRows(place, {
    name: "retry",
    title: "Retries",
    list: "Attempts",
    item: "attempt",
    legend: "hatched: the wait before an attempt, by the policy · ○ planned · solid: really made",
    left: LEFT,
    right: 190,
    height: ROW,
    told,
    row: (row, scale) => drawRow(row, scale, pattern),
    defs: () => [s("defs", {}, s("pattern", { id: pattern, width: 6, height: 6, patternUnits: "userSpaceOnUse" },
      s("path", { class: "retry-hatch", d: "M-1 7 7 -1M5 13 13 5" })))],
    over,
    lines: (chart, end) => [
      [chart.policy, ""],
      [isLimited(chart, end) ? `Red line: schedule-to-close timeout, ${inFull(chart.limit)}.` : "", "tt-failed"],
      [chart.other, "tt-warning"],
    ],
    news,
  });
}

export default { render };
