// What the timeline says in words, below its lanes.
import { h, s, prose, duration } from "../../kit/static/common.js";
import { KINDS, SYMBOLS, glyph, drawLane } from "./draw.js";

const MOST_EVENTS = 100; // of a lane

/** What a lane is, in a few words for those who hear it. */
export function told(lane, tasks) {
  const events = lane.kind === "task" ? tasks.length : lane.events.length;
  const what = lane.kind === "task" ? `${events} workflow tasks` : `${KINDS[lane.kind] ?? "event"} ${lane.name}`;
  return [what, lane.summary, lane.state, lane.attempt > 1 && `attempt ${lane.attempt}`, lane.note].filter(Boolean).join(", ");
}

/** All that is known of a lane, or of one workflow task in it. */
export function laneDetails(lane, task, tasks) {
  const what = task ?? lane;
  const name = task ? `workflow task ${task.task + 1} of ${tasks.length}` : lane.name;
  const from = task ? task.scheduled : lane.start;
  const to = task ? task.ended : lane.end;
  const tone = { good: "tt-done", bad: "tt-failed" }[what.mood] ?? "tt-muted";
  const heading = h("h4", {}, glyph(lane.kind), h("b", {}, name),
    task || lane.kind === "workflow" ? null : h("span", { class: "tt-muted" }, KINDS[lane.kind]),
    !task && lane.summary && h("span", {}, lane.summary),
    what.state && h("span", { class: tone }, `${SYMBOLS[what.mood]} ${what.state}`),
    lane.attempt > 1 && h("span", { class: "tt-muted" }, `attempt ${lane.attempt}`),
    what.mood !== "none" && h("span", { class: "tt-muted" }, `from ${duration(from, 0.001)}${to === null ? "" : `, ${duration(to - from)}`}`),
    lane.note && h("span", { class: lane.mood === "bad" ? "tt-failed" : "tt-muted" }, lane.note.split("\n")[0]));
  const unkept = lane.bars.some(([, , style]) => style === "unseen" || style === "unknown");
  const stretches = !task && (lane.attempt > 1 || unkept) ? [h("div", { class: "tl-attempts" }, attempts(lane))] : [];
  const events = what.events.slice(-MOST_EVENTS);
  const left = what.events.length - events.length;
  const list = h("ol", {}, events.map(([time, event, sentence]) =>
    h("li", {}, h("span", {}, duration(time, 0.001)), h("span", {}, event),
      h("span", {}, prose(sentence)))));
  return [heading, ...stretches, left ? h("div", { class: "tt-muted" }, `the last ${events.length} of ${what.events.length}:`) : "", list];
}

/** The attempts of an activity and the pauses between them, as one line. */
function attempts(lane) {
  const bars = lane.bars.filter(([from, to]) => to === null || to - from >= 0.0005);
  const parts = bars.map(([from, to, style, words]) =>
    to === null ? words : `${words}, ${style === "reckoned" ? "≈ " : ""}${duration(to - from)}`);
  const reckoned = bars.some(([, , style]) => style === "reckoned");
  return parts.join(" → ") + (reckoned ? " (≈ reckoned from the retry policy: the history keeps the last attempt only)" : "");
}

/** What is there when nothing is pointed at: how to use it, and what the marks mean. */
export function hint(hatch) {
  const sample = (kind, lane, bars) => s("svg", { width: 40, height: 16, class: `tl-${kind}`, viewBox: `0 5 40 16`, "aria-hidden": "true" },
    ...drawLane({ kind, mood: "none", attempt: 1, events: [[20]], bars, ...lane },
      { x: (time) => time, width: 40, now: 40, hatch, tasks: [{ started: 6, ended: 8 }, { started: 14, ended: 20 }, { started: 30, ended: 32 }] }));
  const entry = (words, ...rest) => h("span", {}, sample(...rest), words);
  return [
    h("div", {}, "Point at a lane, or click and use the arrow keys, to read what happened there."),
    h("div", { class: "tl-legend" },
      entry("waits for a worker, then runs", "activity", {}, [[1, 14, "wait", ""], [14, 39, "run", ""]]),
      entry("✗ failed", "activity", { mood: "bad", state: "" }, [[4, 36, "run", ""]]),
      entry("failed attempt, pause before the next", "activity", {}, [[1, 17, "failed", ""], [17, 39, "backoff", ""]]),
      entry("goes on", "timer", { mood: "open" }, [[4, null, "run", ""]]),
      entry("⊘ canceled", "timer", { mood: "off", state: "" }, [[4, 36, "run", ""]]),
      entry("with a worker or not: no history keeps which", "activity", {}, [[4, 36, "unknown", ""]]),
      entry("single event", "signal", {}, []),
      entry("workflow tasks", "task", {}, [])),
    h("div", { class: "tl-legend" }, h("span", {}, "With the wheel: Ctrl zooms, Shift moves. Or drag.")),
  ];
}
