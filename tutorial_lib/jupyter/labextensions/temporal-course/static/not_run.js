// A cell that uses a name which nothing has defined: which cell would have, and that it has not run. The arrow keys pass
// over a folded cell, and whoever opens a lesson in the middle has run none; Python says only that the name is not there.

import { CatchUp } from "./catch_up.js";
import { marksOf } from "./run_marks.js";

const SAID = /name '(\w+)' is not defined/;
const STAYS = 20_000; // milliseconds: there is something to read, and to press

const COMMENT_OR_TEXT = /#[^\n]*|("""|''')[\s\S]*?\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
const BODY = /^( *)(?:async +)?(?:def|class)\b/;

/** The statements that a cell itself executes, a line each: without texts, and without what is inside functions and classes. */
export function statements(source) {
  let depth = 0;
  const oneEach = [...source.replace(COMMENT_OR_TEXT, (found) => (found.startsWith("#") ? "" : '""'))].map((each) => {
    if ("([{".includes(each)) depth += 1;
    if (")]}".includes(each)) depth -= 1;
    return each === "\n" && depth > 0 ? " " : each;
  });
  let hidden = -1; // how far the function or class is indented whose body this is
  return oneEach.join("").split("\n").filter((line) => {
    if (!line.trim()) return false;
    const indent = line.search(/\S/);
    if (hidden >= 0 && indent > hidden) return false;
    hidden = BODY.test(line) ? indent : -1;
    return true;
  }).map((line) => line.trim());
}

/** Whether a cell binds a name: once it has run, the name is there. */
export function defines(source, name) {
  const ways = [
    `^(?:async +)?def +${name}\\b`,
    `^class +${name}\\b`,
    `^(?:[\\w.*[\\]]+ *(?:,|=(?!=)) *)*[([]? *(?:[\\w.*]+ *, *)*\\*?${name} *(?:,[^=]*|[)\\]] *|:[^=]+)?=(?!=)`,
    `^(?:from +\\S+ +)?import +[( ]*(?:.*[ ,])?${name}(?:\\.\\w+)* *(?:,|[)]|$)`,
    `^(?:from +\\S+ +)?import\\b.*\\bas +${name}\\b`,
    `^(?:async +)?for +.*\\b${name}\\b.* in `,
    `^(?:async +)?with +.* as +[(]?${name}\\b`,
    `^except\\b.* as +${name}\\b`,
    `\\b${name} *:=`,
  ];
  return statements(source).some((line) => ways.some((each) => new RegExp(each).test(line)));
}

/**
 * The cell that would define a name and has not run; the nearest one above, or else the first one below.
 *
 * @param cells The notebook's.
 * @param at Index of the cell that uses it.
 * @param stateOf As the marks tell.
 * @returns {number} Its index; -1 if there is none, or one that defines it has run: then it is not as simple.
 */
export function notRun(cells, at, name, stateOf) {
  const found = cells.flatMap(({ model }, index) =>
    index !== at && model.type === "code" && defines(model.sharedModel.getSource(), name) ? [index] : []);
  if (found.some((index) => ["ok", "edited"].includes(stateOf(cells[index].model)))) return -1;
  const above = found.filter((index) => index < at);
  return above.at(-1) ?? found[0] ?? -1;
}

/** Where a cell is: "a cell under “Two guests”". */
function whereIs(cells, index) {
  const title = cells
    .slice(0, index)
    .map(({ model }) => (model.type === "markdown" ? model.sharedModel.getSource().match(/^#{1,3}\s+(.+)$/m)?.[1] : null))
    .findLast(Boolean);
  return title ? `a cell under “${title.replaceAll(/[`*]/g, "")}”` : "a cell";
}

export async function plugin(load) {
  const { INotebookTracker, NotebookActions } = await load("@jupyterlab/notebook");
  const apputils = await load("@jupyterlab/apputils");
  const catchUp = new CatchUp(NotebookActions, apputils);

  const tell = (panel, cell, name) => {
    const { widgets } = panel.content;
    const at = widgets.indexOf(cell);
    const marks = marksOf(panel.content);
    const found = notRun(widgets, at, name, (model) => marks.stateOf(model));
    if (found < 0) return;
    const has = marks.stateOf(widgets[found].model) === "failed" ? "has failed" : "has not run in this kernel";
    const show = () => {
      panel.content.activeCellIndex = found;
      widgets[found].node.scrollIntoView({ block: "center" });
    };
    const actions = [{ label: "Show it", callback: show }];
    if (found < at) {
      const bring = async () => {
        await catchUp.to(panel, at, marks);
        panel.content.activeCellIndex = at;
      };
      actions.push({ label: "Run what was left out above", callback: bring, displayType: "accent" });
    }
    const where = found < at ? "above" : "further down";
    apputils.Notification.info(`${name} is defined ${where}, in ${whereIs(widgets, found)} that ${has}.`, {
      autoClose: STAYS,
      actions,
    });
  };

  return {
    id: "temporal-course:not-run",
    description: "Tells which cell would have defined a name that is not there.",
    autoStart: true,
    requires: [INotebookTracker],
    activate(_, tracker) {
      NotebookActions.executed.connect((__, { notebook, cell, error }) => {
        const [, name] = error?.errorName === "NameError" ? (error.errorValue.match(SAID) ?? []) : [];
        if (!name || (cell.model.getMetadata("tags") ?? []).includes("raises-exception")) return;
        const panel = tracker.find((each) => each.content === notebook);
        if (panel && marksOf(notebook)) tell(panel, cell, name);
      });
    },
  };
}
