import { duration, foot, h, keyboard, listen, prose, statusLine } from "../../kit/static/common.js";

// Who hears of it, and when: a row for each event by which somebody did, or was passed over.

const TITLE = "Who hears of it, and when";
const LISTENERS = { code: "The workflow's code", activities: "Its activities", caller: "Who awaits the result" };
const COLUMNS = ["Event", "When", "What happened"];
const HEARD = { "●": ["tt-done", "hears"], "○": ["tt-warning", "will hear"], "✗": ["tt-failed", "does not hear"] };
const STEP = 0.001;

function told({ mark, words }) {
  const [tone, meaning] = HEARD[mark] ?? ["tt-muted", ""];
  const sign = mark && [h("span", { "aria-hidden": "true" }, `${mark} `), h("span", { class: "tt-hidden" }, `${meaning}: `)];
  return h("td", { class: tone }, sign || null, prose(words));
}

/** The listeners of whom there is something to say. */
const listeners = (stories) =>
  Object.keys(LISTENERS).filter((name) => stories.some((story) => story.rows.some((row) => row[name].words)));

function heading(story, columns) {
  const name = `${story.id}: ${story.title}, ${story.state}`;
  return h("tr", { class: "heard-story" },
    h("th", { scope: "colgroup", colspan: columns }, name, story.note && h("span", { class: "tt-muted" }, ` ${story.note}`)));
}

const line = (row, names) => h("tr", {},
  h("td", { class: "tt-muted" }, row.event),
  h("td", { class: "tt-muted heard-when" }, row.time ? `+${duration(row.time, STEP)}` : "0 s"),
  h("td", {}, prose(row.what)),
  ...names.map((name) => told(row[name])));

function render({ model, el }) {
  const body = h("tbody", {});
  const titles = h("tr", {});
  const table = h("table", { class: "tt-table", "aria-label": TITLE }, h("thead", {}, titles), body);
  const scroll = h("div", { class: "heard-scroll", tabindex: 0, role: "group", "aria-label": TITLE }, table);
  const root = h("div", { class: "tt tt-panel heard", role: "group", "aria-label": TITLE },
    h("div", { class: "tt-bar heard-bar" }, h("span", { class: "tt-title" }, TITLE)), scroll);
  const status = statusLine();
  status.say(Object.entries(HEARD).map(([mark, [, meaning]]) => `${mark} ${meaning}`).join(" · "));
  root.append(h("div", { class: "heard-line" }, foot(status, keyboard(root, () => scroll, []))));
  el.append(root);

  const draw = () => {
    const stories = model.get("stories"), names = listeners(stories);
    const columns = [...COLUMNS, ...names.map((name) => LISTENERS[name])];
    titles.replaceChildren(...columns.map((name) => h("th", { scope: "col" }, name)));
    body.replaceChildren(...stories.flatMap((story) => [heading(story, columns.length), ...story.rows.map((row) => line(row, names))]));
  };
  draw();
  return listen(model, { "change:stories": draw });
}

export default { render };
