import { duration, everyFrame, foot, h, keyboard, listen, roving, s, set, statusLine, ticks, watchWidth } from "./common.js";
import { liveChip, serverClock } from "./following.js";

// One activity as rows over an axis of time, as it goes on: what a chart of retries and one of timeouts have in common.
// The arrow keys walk through the rows. What changes by itself is said; what one walks through is said on focus.

const TOP = 26, LEAST = 520, USUAL = 860, EACH_MARK = 80; // pixels

/**
 * @param chart.name Begins the classes of what is the chart's own.
 * @param chart.title What it is called; with the activity once there is one.
 * @param chart.list What its rows are called, for those who hear them.
 * @param chart.item What the arrow keys walk through, in a word.
 * @param chart.legend One line above the rows.
 * @param chart.left,chart.right Pixels beside the time that words need.
 * @param chart.height Pixels of a row.
 * @param chart.told A row as a sentence.
 * @param chart.row What a row shows: of `(row, { x, end, time, width })`, its nodes.
 * @param chart.over What lies over the rows: of `(chart, { x, end, bottom, top })`, its nodes.
 * @param chart.lines Below the rows: of `(chart, end)`, pairs of text and class.
 * @param chart.news What is said when it changes: of `(chart, seconds)`.
 */
export function activityRows({ model, el }, chart) {
  const clock = serverClock(model);
  const svg = s("svg", { class: `rows-svg ${chart.name}-svg`, role: "list", "aria-label": chart.list });
  const title = h("span", { class: "tt-title" });
  const chip = liveChip(model, () => {
    const { closed } = model.get("chart");
    return closed ? [closed, closed === "completed" ? "tt-done" : "tt-failed"] : null;
  });
  const words = h("div", { class: "rows-words" });
  const line = statusLine();
  const place = h("div", { class: "rows-place" }, svg);
  const root = h("div", { class: `tt tt-panel ${chart.name}`, role: "group", "aria-label": chart.title },
    h("div", { class: "tt-bar rows-bar" }, title, chip.element),
    h("div", { class: "tt-muted rows-legend" }, chart.legend),
    place, words);
  const home = (event) => event.target.closest(".rows-row") ?? svg.querySelectorAll(".rows-row")[at];
  root.append(h("div", { class: "rows-line" }, foot(line, keyboard(root, home, [["↑ ↓", chart.item]]))));
  el.append(root);
  roving(svg, ".rows-row", { horizontal: false });
  let at = 0; // row that has, or had, the focus

  const now = () => {
    const { zero } = model.get("chart");
    return model.get("live") && zero ? Math.max(0, clock.now() - zero) : null;
  };

  function drawRow(row, index, scale) {
    const told = chart.told(row);
    return s("g", { class: `rows-row ${chart.name}-row`, role: "listitem", tabindex: index === at ? 0 : -1, "aria-label": told,
      transform: `translate(0 ${TOP + index * chart.height})`, onfocus: () => { at = index; line.say(told); } },
    s("title", {}, told),
    s("rect", { class: "rows-back", x: 0, y: 0, width: scale.width, height: chart.height }),
    ...chart.row(row, scale));
  }

  function draw() {
    const shown = model.get("chart");
    if (!shown.rows) return;
    const width = Math.max(LEAST, place.clientWidth || USUAL), wide = width - chart.left - chart.right, time = now();
    const end = Math.max(shown.end, (time ?? 0) * 1.02), x = (seconds) => chart.left + (Math.min(seconds, end) / end) * wide;
    const bottom = TOP + shown.rows.length * chart.height, top = TOP - 6;
    const held = svg.contains(document.activeElement);
    at = Math.min(at, shown.rows.length - 1);
    const marks = ticks(0, end, Math.max(2, wide / EACH_MARK));
    const axis = s("g", { "aria-hidden": "true" }, ...marks.map((mark) => s("g", {},
      s("line", { class: "rows-grid", x1: x(mark), x2: x(mark), y1: top, y2: bottom }),
      s("text", { class: "rows-muted rows-note", x: x(mark), y: TOP - 10, "text-anchor": "middle" }, duration(mark, marks[1])))));
    const over = s("g", { "aria-hidden": "true" }, ...(chart.over?.(shown, { x, end, top, bottom }) ?? []));
    if (time != null) over.append(s("line", { class: "rows-now", x1: x(time), x2: x(time), y1: top, y2: bottom }));
    set(svg, { width, height: bottom + 4, viewBox: `0 0 ${width} ${bottom + 4}` });
    svg.replaceChildren(...(chart.defs?.() ?? []), axis, over, ...shown.rows.map((row, index) => drawRow(row, index, { x, end, time, width })));
    if (held) svg.querySelectorAll(".rows-row")[at]?.focus();
    title.textContent = shown.activity ? `${chart.title} of ${shown.activity}` : chart.title;
    chip.element.style.display = shown.activity ? "" : "none";
    const lines = chart.lines(shown, end).filter(([text]) => text);
    if (words.dataset.shown !== String(lines)) words.replaceChildren(...lines.map(([text, style]) => h("div", { class: style || null }, text)));
    words.dataset.shown = String(lines);
  }

  let said = "";
  const tell = () => {
    const text = model.get("note") || chart.news(model.get("chart"), now()) || `Arrow keys walk through the ${chart.item}s.`;
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
