import { duration, foot, h, keyboard, listen, statusLine } from "../../kit/static/common.js";
import { liveChip, serverClock } from "../../kit/static/following.js";

// Task queues: who polls each, what waits. The queue that nobody polls stands first, with the likely typo.

const NOBODY = "nobody polls";
const COLUMNS = ["Task queue", "State", "Workflow tasks", "Activity tasks", "What it means"];
const CLASSES = { [NOBODY]: "queues-nobody", "no worker": "tt-warning", "work waits": "tt-warning", polled: "tt-done" };

/** "3 × worker-1, this kernel": names with how often each occurs. */
function counted(names) {
  const times = new Map();
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
  return [...times].map(([name, number]) => (number > 1 ? `${number} × ${name}` : name)).join(", ");
}

function side({ pollers, identities, backlog, since, stuck }) {
  const who = pollers.length
    ? h("div", { title: identities.join("\n") }, h("span", { "aria-hidden": "true" }, "● "), counted(pollers))
    : h("div", { class: stuck ? "queues-nobody" : "tt-muted" }, stuck ? `▲ ${NOBODY}` : "—");
  const waits = backlog
    ? h("div", { class: stuck ? "queues-nobody" : "tt-warning" }, `${backlog} waiting `, h("span", { "data-since": since }))
    : null;
  return h("td", { role: "cell" }, who, waits);
}

function render({ model, el }) {
  const body = h("tbody", { role: "rowgroup" });
  const line = statusLine();
  const chip = liveChip(model), clock = serverClock(model);
  // Roles are said aloud: where there is little room a row is a grid, and browsers then forget that it is a row.
  const titles = COLUMNS.map((name) => h("th", { scope: "col", role: "columnheader" }, name));
  const heading = h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...titles));
  const table = h("table", { class: "tt-table", role: "table", "aria-label": "Task queues of this namespace" }, heading, body);
  const empty = h("div", { class: "tt-empty" }, "No task queue is in use.");
  const scroll = h("div", { class: "queues-scroll", tabindex: 0, role: "group", "aria-label": "Queues and who polls them" }, table, empty);
  const root = h("div", { class: "tt tt-panel queues", role: "group", "aria-label": "Task queues" },
    h("div", { class: "tt-bar queues-bar" }, h("span", { class: "tt-title" }, "Task queues"), chip.element),
    scroll);
  root.append(h("div", { class: "queues-line" }, foot(line, keyboard(root, () => scroll, []))));
  el.append(root);

  const ages = () => {
    for (const each of body.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.round(clock.now() - each.dataset.since));
      const words = `for ${duration(seconds, 1)}`;
      if (each.textContent !== words) each.textContent = words;
    }
  };

  const draw = () => {
    const rows = model.get("rows");
    body.replaceChildren(...rows.map((row) =>
      h("tr", { role: "row", class: row.verdict === NOBODY ? "queues-alarm" : null },
        h("th", { scope: "row", role: "rowheader", class: "tt-mono" }, row.name),
        h("td", { role: "cell" }, h("span", { class: `queues-verdict ${CLASSES[row.verdict] ?? "tt-muted"}` }, `${row.symbol} ${row.verdict}`)),
        side(row.workflow), side(row.activity), h("td", { role: "cell", class: "queues-advice" }, row.advice))));
    table.hidden = !rows.length;
    empty.hidden = Boolean(rows.length);
    ages();
    const alarms = rows.filter((row) => row.verdict === NOBODY);
    line.say(model.get("note") || (alarms.length
      ? alarms.map((row) => `${row.name}: ${NOBODY}, and work waits.`).join(" ")
      : rows.length ? "Every queue where work waits has workers." : ""));
  };

  draw();
  const tick = setInterval(() => model.get("live") && ages(), 1000);
  const deaf = listen(model, { "change:rows": draw, "change:note": draw });
  return () => {
    clearInterval(tick);
    deaf();
    chip.stop();
    clock.stop();
  };
}

export default { render };
