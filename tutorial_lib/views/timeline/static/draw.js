// How one lane of the timeline looks: plain functions from a lane and a window of time to SVG elements.
import { s, duration } from "../../kit/static/common.js";

export const ROW = 26; // pixels
const MIDDLE = ROW / 2;
const THICK = 12; // of a bar

// Strokes in a square of 16.
const GLYPHS = {
  workflow: "M8 2.5a5.5 5.5 0 1 0 .01 0M8 6.5a1.5 1.5 0 1 0 .01 0",
  task: "M3.5 3v10M6.5 6v7M9.5 3v10M12.5 6v7",
  activity: "M3 3h10v10h-10zM6.5 5.5l4 2.5l-4 2.5z",
  local: "M3 5.5v-2.5h2.5M10.5 3h2.5v2.5M13 10.5v2.5h-2.5M5.5 13h-2.5v-2.5M6.5 5.5l4 2.5l-4 2.5z",
  timer: "M8 2.5a5.5 5.5 0 1 0 .01 0M8 5v3l2.2 1.5",
  child: "M2.5 2.5h7v7h-7zM6.5 9.5v4h7v-7h-4",
  signal: "M9 2l-5 7h4l-1 5l5-7h-4z",
  update: "M5 13v-10M5 3l-2.3 2.6M5 3l2.3 2.6M11 3v10M11 13l-2.3-2.6M11 13l2.3-2.6",
  nexus: "M8 2l5.2 3v6l-5.2 3l-5.2-3v-6z",
  external: "M9 3h4v4M13 3l-6 6M11 9v4h-8v-8h4",
  marker: "M4 14v-11h8l-2.5 3l2.5 3h-8",
  properties: "M3 3h5l5.5 5.5l-5 5l-5.5-5.5zM5.7 5.7v.01",
  other: "M8 6a2 2 0 1 0 .01 0",
};

export const KINDS = {
  workflow: "workflow execution", task: "workflow tasks", activity: "activity", local: "local activity",
  timer: "timer", child: "child workflow", signal: "signal", update: "update", nexus: "Nexus operation",
  external: "to another workflow", marker: "marker", properties: "properties", other: "event",
};

export const SYMBOLS = { good: "✓", bad: "✗", off: "⊘", open: "▸", none: "" };

/** The sign of a kind. */
export const glyph = (kind) =>
  s("svg", { class: `tl-glyph tl-${kind}`, viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
    s("path", { d: GLYPHS[kind] ?? GLYPHS.other }));

const ruler = document.createElement("canvas").getContext("2d");
const widths = new Map();
function wide(words) {
  if (!widths.has(words)) {
    if (widths.size > 2000) widths.clear();
    ruler.font = "12px system-ui, sans-serif";
    widths.set(words, ruler.measureText(words).width);
  }
  return widths.get(words);
}

const cut = (words, most) => (words.length > most ? `${words.slice(0, most - 1)}…` : words);

/** What stands beside a bar: symbol and word, never a colour alone. */
export function verdict(lane, now) {
  const tries = lane.attempt > 1 ? ` · attempt ${lane.attempt}` : "";
  if (lane.mood === "open") return `▸ ${lane.state}${tries}`;
  if (lane.mood === "none") return "";
  const took = duration((lane.end ?? now) - lane.start);
  if (lane.mood === "good") {
    const word = lane.kind === "workflow" ? `✓ ${lane.state} · ` : lane.attempt > 1 ? "✓ " : "";
    return `${word}${took}${tries}`;
  }
  const why = lane.note ? `: ${cut(lane.note.split("\n")[0], 60)}` : "";
  return `${SYMBOLS[lane.mood]} ${lane.state}${why}${tries}`;
}

/** The parts of a lane between view.from and view.to, on view.width pixels. */
export function drawLane(lane, view) {
  if (lane.kind === "task") return drawTasks(view);
  if (!lane.bars.length) return drawPoints(lane, view);
  const parts = lane.bars.flatMap((bar) => drawBar(lane, bar, view));
  const first = view.x(lane.bars[0][0]);
  const last = lane.bars[lane.bars.length - 1];
  const words = verdict(lane, view.now);
  if (lane.kind === "workflow" && lane.bars.length > 1) parts.push(...drawRuns(lane, view));
  return [...parts, ...(words ? label(words, first, view.x(last[1] ?? view.now), lane, view) : [])];
}

/** Which run of a chain a bar is, on each bar that has room beside what stands at the end of the last. */
function drawRuns(lane, view) {
  return lane.bars.flatMap(([start, end, , words], k) => {
    const left = Math.max(0, view.x(start));
    const right = Math.min(view.width, view.x(end ?? view.now));
    const room = 52 + (k === lane.bars.length - 1 ? wide(verdict(lane, view.now)) + 12 : 0);
    const tone = end === null ? "tl-words tl-dark" : "tl-words tl-inside";
    return right - left < room ? [] : [s("text", { x: left + 8, y: MIDDLE + 4, class: tone }, words)];
  });
}

/** Words after the bar; before it where there is no room; on it where there is room nowhere else. */
function label(words, left, right, lane, view) {
  const room = wide(words) + 12;
  const b = Math.min(view.width, right);
  if (right < 0) return [beyond(view, false)];
  if (left > view.width) return [beyond(view, true)];
  const tone = lane.mood === "bad" ? "tl-words tl-bad" : "tl-words";
  const text = (x, anchor, extra) =>
    s("text", { x, y: MIDDLE + 4, "text-anchor": anchor, class: extra ?? tone }, words);
  if (right + room <= view.width) return [text(Math.max(right, 0) + 8, "start")];
  if (left - room >= 0) return [text(left - 8, "end")];
  const [from, , style] = lane.bars[lane.bars.length - 1];
  if (b - Math.max(0, view.x(from)) >= room && style !== "failed") {
    if (style !== "run") return [text(b - 8, "end", `${tone} tl-hollow`)]; // in the line of a pause
    return [text(b - 8, "end", { off: "tl-words tl-hollow", open: "tl-words tl-dark" }[lane.mood] ?? "tl-words tl-inside")];
  }
  return [];
}


/** What lies outside of the window is pointed at. */
const beyond = (view, later) =>
  s("path", { class: "tl-beyond", d: later ? `M${view.width - 10} ${MIDDLE - 4}l4 4l-4 4` : `M10 ${MIDDLE - 4}l-4 4l4 4` });

function drawBar(lane, [start, end, style, words], view) {
  const [x0, x1] = [view.x(start), view.x(end ?? view.now)];
  if (x1 < -2 || x0 > view.width + 2) return [];
  const [left, right] = [Math.max(-8, x0), Math.min(view.width + 8, x1)];
  const width = Math.max(style === "wait" || style === "backoff" ? 0 : 3, right - left);
  if (style === "wait" || style === "backoff") {
    if (width < 1) return [];
    return [s("path", { class: `tl-${style}`, d: `M${left} ${MIDDLE}h${width}` }, s("title", {}, words))];
  }
  const final = style === "run" && (end !== null || lane.mood !== "open");
  const look = style !== "run" ? style : !final ? "open" : { bad: "bad", off: "off" }[lane.mood] ?? "run";
  const box = { x: left, y: MIDDLE - THICK / 2, width, height: THICK, rx: Math.min(3, width / 2) };
  const parts = [s("rect", { class: `tl-bar-${look}`, ...box }, s("title", {}, words))];
  if (look === "failed" || look === "reckoned" || look === "unseen") {
    parts.push(s("rect", { ...box, fill: `url(#${view.hatch})`, class: "tl-hatched" }));
    if (look !== "unseen" && width >= 10) {
      parts.push(s("text", { class: "tl-cross-out", x: left + width / 2, y: MIDDLE + 4 }, "✗"));
    }
  }
  return parts;
}

/** Single events: a diamond each, at most one every two pixels. */
function drawPoints(lane, view) {
  const parts = [];
  let drawn = -9;
  for (const [time] of lane.events) {
    const x = view.x(time);
    if (x < -6 || x > view.width + 6 || x - drawn < 2) continue;
    drawn = x;
    const seen = x < 0 || x > view.width ? x : Math.min(Math.max(x, 8), view.width - 8); // never half of one
    parts.push(s("path", { class: "tl-point", d: `M${seen} ${MIDDLE - 6}l6 6l-6 6l-6-6z` }));
  }
  if (!parts.length && lane.events.length) return [beyond(view, view.x(lane.events[0][0]) > view.width)];
  return parts;
}

/** Workflow tasks: a tick each; where several fall on a pixel, one of them, a failed one first. */
function drawTasks(view) {
  const parts = [];
  let path = "";
  let drawn = -9;
  for (const task of view.tasks) {
    const x0 = view.x(task.started ?? task.scheduled);
    const x1 = view.x(task.ended ?? task.started ?? view.now);
    if (x1 < -4) continue;
    if (x0 > view.width + 4) break;
    if (task.mood === "bad") {
      parts.push(s("rect", { class: "tl-bar-bad", x: x0, y: MIDDLE - 7, width: Math.max(3, x1 - x0), height: 14, rx: 1 }));
      parts.push(s("text", { class: "tl-words tl-bad", x: Math.max(x1, x0 + 3) + 3, y: MIDDLE + 4 }, "✗"));
      drawn = x1 + 14;
      continue;
    }
    const width = Math.max(2, x1 - x0);
    if (x0 + width - drawn < 1.5) continue;
    if (task.started === null) {
      if (x1 - x0 > 3) parts.push(s("path", { class: "tl-wait", d: `M${x0} ${MIDDLE}H${x1}` }));
      if (view.running && task.ended === null && view.width - x0 > 130) {
        const behind = view.width - x1 >= 130;
        parts.push(s("text", { class: "tl-words tl-hollow", x: behind ? x1 + 8 : Math.min(x1, view.width) - 8, y: MIDDLE + 4,
          "text-anchor": behind ? "start" : "end" }, "waits for a worker"));
      }
    } else path += `M${x0} ${MIDDLE - 6}h${width}v12h${-width}z`;
    drawn = x0 + width;
  }
  if (path) parts.unshift(s("path", { class: "tl-task-ticks", d: path }));
  return parts;
}

/** The whole history in a strip: one path for each kind, and one for what failed. */
export function drawOverview(lanes, { x, now, height }) {
  const paths = new Map();
  const rows = Math.max(1, lanes.length - 2);
  const thick = Math.max(1, Math.min(3, height / rows - 0.5));
  for (const lane of lanes) {
    if (lane.lane < 2) continue;
    const y = ((lane.lane - 2) / rows) * (height - thick);
    const look = lane.mood === "bad" ? "failed" : lane.kind;
    const right = x(lane.end ?? (lane.mood === "open" ? now : lane.start));
    const left = x(lane.start);
    const width = Math.max(1, right - left);
    paths.set(look, `${paths.get(look) ?? ""}M${left.toFixed(1)} ${y.toFixed(1)}h${width.toFixed(1)}v${thick}h${-width.toFixed(1)}z`);
  }
  return [...paths].map(([look, d]) => s("path", { class: `tl-strip tl-${look}`, d }));
}
