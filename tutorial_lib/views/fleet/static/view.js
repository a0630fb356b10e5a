import { button, foot, h, keyboard, listen, roving, set, statusLine } from "../../kit/static/common.js";
import { liveChip } from "../../kit/static/following.js";

// The fleet: a table of workers that is patched cell by cell, so that the focus stays on its button.

const ACTIONS = [["start", "Start"], ["stop", "Stop"], ["kill", "Kill"]];
const COLUMNS = ["Worker", "Task queue", "Runs", "State", "Load", "Has in its cache", "Do"];
const SHOWN = 5; // cached or homeless executions that are shown before "more"

/** A list that folds what is beyond the first few. */
function folded(items, draw) {
  const rest = items.length - SHOWN;
  const first = items.slice(0, rest > 1 ? SHOWN : undefined).map(draw);
  if (rest <= 1) return first;
  return [...first, h("details", {}, h("summary", {}, `${rest} more`), ...items.slice(SHOWN).map(draw))];
}

/** What each cell shows of a worker, by column; a cell is drawn again only when its entry here changes. */
const CELLS = {
  worker: ({ name, kind, pid, alive }) => [
    h("strong", {}, name),
    h("div", { class: "tt-muted" }, kind === "process" ? `process ${alive ? "" : "was "}${pid}` : `thread of process ${pid}`),
  ],
  queue: ({ queue }) => [h("span", { class: "tt-mono" }, queue)],
  runs: ({ runs }) =>
    runs.map(([kind, name]) =>
      h("div", { class: "fleet-type" }, h("span", { class: `fleet-${kind}`, title: kind }, kind === "workflow" ? "W" : "A"),
        h("span", { class: "tt-hidden" }, kind), h("span", { class: "tt-mono" }, name))),
  state: ({ state, symbol }) => [h("span", { class: `fleet-state fleet-${state.split(" ")[0]}` }, `${symbol} ${state}`)],
  load: ({ load, tasks, activities }) => {
    if (!load) return [h("span", { class: "tt-muted" }, "nothing")];
    const dots = "◆".repeat(Math.min(10, tasks)) + "■".repeat(Math.min(10, activities.length));
    return [h("span", { class: "fleet-dots", "aria-hidden": "true" }, dots), " ", load];
  },
  cached: ({ cached }) =>
    cached.length ? folded(cached, (id) => h("div", { class: "tt-mono" }, id)) : [h("span", { class: "tt-muted" }, "nothing")],
};

/** A row that lives as long as its worker is in the fleet. */
function workerRow(act) {
  const shown = {};
  // Roles are said aloud: where there is little room a row is a grid, and browsers then forget that it is a row.
  const cells = Object.fromEntries(Object.keys(CELLS).map((name, place) => [name, name === "worker"
    ? h("th", { scope: "row", role: "rowheader", class: "fleet-cell-worker" })
    : h("td", { role: "cell", class: `fleet-cell-${name}`, "data-label": COLUMNS[place] })]));
  let row = null;
  const buttons = ACTIONS.map(([action, face]) => {
    const made = button(face, face, () => act(action, row));
    made.classList.add("fleet-do");
    made.classList.toggle("tt-danger", action === "kill");
    made.dataset.action = action;
    return made;
  });
  const actions = h("td", { role: "cell", class: "fleet-cell-do" }, h("div", { class: "fleet-actions" }, ...buttons));
  const element = h("tr", { role: "row" }, ...Object.values(cells), actions);
  return {
    element,
    show(next) {
      row = next;
      for (const [name, draw] of Object.entries(CELLS)) {
        const nodes = draw(row);
        const key = nodes.map((each) => each.outerHTML ?? each).join("");
        if (shown[name] !== key) cells[name].replaceChildren(...nodes);
        shown[name] = key;
      }
      for (const each of buttons) {
        const refusal = row.refusals[each.dataset.action];
        const label = `${each.textContent} ${row.name} on ${row.queue}`;
        // Not `disabled`: a button that cannot be reached cannot say why it does nothing.
        set(each, { "aria-disabled": refusal ? "true" : null, title: refusal || label, "aria-label": label });
      }
    },
  };
}

function render({ model, el }) {
  const rows = new Map();
  const body = h("tbody", { role: "rowgroup" });
  const line = statusLine();
  const homeless = h("div", { class: "tt-details" });
  const chip = liveChip(model);
  const titles = COLUMNS.map((name) => h("th", { scope: "col", role: "columnheader" }, name));
  const heading = h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ...titles));
  const table = h("table", { class: "tt-table", role: "table", "aria-label": "Workers of this lab" }, heading, body);
  const empty = h("div", { class: "tt-empty" }, "No workers yet: lab.start_worker(...) makes one.");
  const bar = h("div", { class: "tt-bar fleet-bar" }, h("span", { class: "tt-title" }, "Fleet"), chip.element);
  const root = h("div", { class: "tt tt-panel fleet", role: "group", "aria-label": "Fleet" }, bar,
    h("div", { class: "fleet-scroll" }, table, empty), homeless);
  const home = (event) => event.target.closest("tr")?.querySelector(".fleet-do") ?? body.querySelector('.fleet-do[tabindex="0"]');
  root.append(h("div", { class: "fleet-line" }, foot(line, keyboard(root, home, [["↑ ↓", "worker"], ["← →", "button"], ["Enter", "press it"]]))));
  el.append(root);
  // Up and down go from worker to worker, to the same button.
  const beside = (by) => (here) => {
    const row = here.closest("tr");
    (by > 0 ? row.nextElementSibling : row.previousElementSibling)?.querySelector(`[data-action="${here.dataset.action}"]`).focus();
  };
  roving(body, ".fleet-do", { vertical: false, keys: { ArrowDown: beside(1), ArrowUp: beside(-1) } });

  const act = (action, row) => {
    const refusal = row.refusals[action] || (model.get("live") ? "" : "This view is not live any more: show lab.fleet() again.");
    if (refusal) return line.say(`${row.name}: ${refusal}`);
    line.say(`${row.name}: asked to ${action} ...`); // until the kernel answers
    model.send({ type: "do", action, key: row.key, identity: row.identity });
  };

  const drawRows = () => {
    const wanted = model.get("rows");
    const keys = new Set(wanted.map((row) => row.key));
    for (const [key, row] of rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      rows.delete(key);
    }
    wanted.forEach((row, place) => {
      if (!rows.has(row.key)) rows.set(row.key, workerRow(act));
      const { element, show } = rows.get(row.key);
      show(row);
      if (body.children[place] !== element) body.insertBefore(element, body.children[place] ?? null);
    });
    const all = [...body.querySelectorAll(".fleet-do")]; // one tab stop for all buttons
    const stop = all.find((each) => each.tabIndex === 0 && each === document.activeElement) ?? all[0];
    for (const each of all) each.tabIndex = each === stop ? 0 : -1;
    table.hidden = !wanted.length;
    empty.hidden = Boolean(wanted.length);
  };

  const drawHomeless = () => {
    const list = model.get("homeless");
    homeless.hidden = !list.length && model.get("complete");
    const items = folded(list, ({ id, why }) => h("div", {}, h("span", { class: "tt-mono" }, id), ` is in no cache: ${why}.`));
    if (!model.get("complete")) items.push(h("div", { class: "tt-muted" }, "Only the newest executions are looked at."));
    homeless.replaceChildren(...items);
  };

  const drawNote = () => line.say(model.get("note"));
  for (const draw of [drawRows, drawHomeless, drawNote]) draw();
  const deaf = listen(model, {
    "change:rows": drawRows,
    "change:homeless": drawHomeless,
    "change:complete": drawHomeless,
    "change:note": drawNote,
  });
  return () => {
    deaf();
    chip.stop();
  };
}

export default { render };
