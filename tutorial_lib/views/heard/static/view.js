import { duration, foot, h, keyboard, listen, prose, statusLine } from "../../kit/static/common.js";

// Who hears of it, and when: a row for each event by which somebody did, or was passed over.

const TITLE = "Who hears of it, and when";
const LISTENERS = { code: "The workflow's code", activities: "Its activities", caller: "Who awaits the result" };
const COLUMNS = ["Event", "When", "What happened", ...Object.values(LISTENERS)];
const HEARD = { "●": ["tt-done", "hears"], "○": ["tt-warning", "will hear"], "✗": ["tt-failed", "does not hear"] };
const STEP = 0.001;

function told({ mark, words }) {
  const [tone, meaning] = HEARD[mark] ?? ["tt-muted", ""];
  const sign = mark && [h("span", { "aria-hidden": "true" }, `${mark} `), h("span", { class: "tt-hidden" }, `${meaning}: `)];
  return h("td", { class: tone }, sign || null, prose(words));
}

function heading(story) {
  const name = `${story.id}: ${story.title}, ${story.state}`;
  return h("tr", { class: "heard-story" },
    h("th", { scope: "colgroup", colspan: COLUMNS.length }, name, story.note && h("span", { class: "tt-muted" }, ` ${story.note}`)));
}

const line = (row) => h("tr", {},
  h("td", { class: "tt-muted" }, row.event),
  h("td", { class: "tt-muted heard-when" }, row.time ? `+${duration(row.time, STEP)}` : "0 s"),
  h("td", {}, prose(row.what)),
  ...Object.keys(LISTENERS).map((name) => told(row[name])));

function render({ model, el }) {
  const body = h("tbody", {});
  const titles = h("thead", {}, h("tr", {}, ...COLUMNS.map((name) => h("th", { scope: "col" }, name))));
  const table = h("table", { class: "tt-table", "aria-label": TITLE }, titles, body);
  const scroll = h("div", { class: "heard-scroll", tabindex: 0, role: "group", "aria-label": TITLE }, table);
  const root = h("div", { class: "tt tt-panel heard", role: "group", "aria-label": TITLE },
    h("div", { class: "tt-bar heard-bar" }, h("span", { class: "tt-title" }, TITLE)), scroll);
  const status = statusLine();
  status.say(Object.entries(HEARD).map(([mark, [, meaning]]) => `${mark} ${meaning}`).join(" · "));
  root.append(h("div", { class: "heard-line" }, foot(status, keyboard(root, () => scroll, []))));
  el.append(root);

  const draw = () => body.replaceChildren(...model.get("stories").flatMap((story) => [heading(story), ...story.rows.map(line)]));
  draw();
  return listen(model, { "change:stories": draw });
}

export default { render };
