import { activityRows } from "../../kit/static/activity_rows.js";
import { duration, inFull, s } from "../../kit/static/common.js";

// The attempts of an activity, and below them a lane for each of its four timeouts: what it lasted (solid) within
// what it may last (dashed).

const ROW = 40, PAD = 12, THINNEST = 4, LETTER = 6.5;

const toldSpan = (span) => {
  const end = span.to == null ? "" : `, for ${duration(span.to - span.from)}`;
  return `${span.label} from ${duration(span.from)}${end}: ${span.state}`;
};

const told = (row) => `${[`${row.name}: ${row.words}`, ...row.spans.map(toldSpan)].join("; ")}.`;

function drawSpan(span, { x, end, time }) {
  const from = x(span.from), to = x(span.to ?? time ?? end), wide = Math.max(THINNEST, to - from), middle = ROW / 2;
  const whole = span.deadline == null, parts = [];
  if (!whole) parts.push(s("rect", { class: `timeouts-may timeouts-${span.state}`, x: from, y: middle - 8, width: Math.max(wide, x(span.deadline) - from), height: 16, rx: 2 }));
  parts.push(s("rect", { class: `timeouts-did timeouts-${span.state}`, x: from, y: middle - (whole ? 8 : 4), width: wide, height: whole ? 16 : 8, rx: 2 }));
  for (const beat of span.beats) parts.push(s("line", { class: "timeouts-beat", x1: x(beat), x2: x(beat), y1: middle - 8, y2: middle + 8 }));
  if (span.state === "fired") parts.push(s("text", { class: "timeouts-cross", x: from + wide + 3, y: middle + 4 }, "✕"));
  if (whole && span.label.length * LETTER <= wide - 6) parts.push(s("text", { class: "timeouts-inside", x: from + 4, y: middle + 4 }, span.label));
  return parts;
}

function drawRow(row, scale) {
  const middle = ROW / 2, muted = row.state.startsWith("not ") ? "rows-muted" : null;
  const length = row.length == null ? "" : ` ${inFull(row.length)}`;
  const parts = [s("text", { x: PAD, y: middle - 2, class: muted }, `${row.name}${length}`)];
  if (row.name !== "attempts") parts.push(s("text", { x: PAD, y: middle + 12, class: `rows-note ${muted ?? `timeouts-text-${row.state}`}` }, `${row.symbol} ${row.state}`));
  return [...parts, ...row.spans.flatMap((span) => drawSpan(span, scale))];
}

const TIMEOUTS = {
  name: "timeouts",
  title: "Timeouts",
  list: "Attempts and timeouts",
  item: "timeout",
  legend: "solid: what it lasted · dashed: how long it may last · | heartbeat · ✕ fired",
  left: 200,
  right: 24,
  height: ROW,
  told,
  row: drawRow,
  lines: (chart) => [[chart.options, ""], [chart.warning, "tt-warning"], ...chart.lines.map((text) => [text, text.includes("Not retried") ? "tt-failed" : ""])],
  news: (chart) => chart.real || (chart.activity && chart.lines?.at(-1)),
};

export default { render: (place) => activityRows(place, TIMEOUTS) };
