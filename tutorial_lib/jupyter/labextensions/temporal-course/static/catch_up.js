// "Bring me to this scene": runs what stands above a cell and has not run in this kernel, one cell after the other.
//
// Nothing runs twice, so it is quick; and it is honest about what it cannot mend: a cell above that failed, or was
// edited since it ran, may have left a definition that the scene does not expect. Then it asks first.

import { updateUntilShown } from "./notes.js";

// Silent, so that it counts as no cell: nobody is there to do by hand what a lesson waits for.
const HURRY = "import os as _os; _kept = _os.environ.get('TUTORIAL_PATIENCE'); _os.environ['TUTORIAL_PATIENCE'] = '0'";
const AS_BEFORE = "_os.environ.pop('TUTORIAL_PATIENCE', None); "
  + "_kept is None or _os.environ.update(TUTORIAL_PATIENCE=_kept); del _kept, _os";

/** What stands in the way above a cell, and what is still to run. */
export function above(cells, until, stateOf) {
  const code = cells.slice(0, until).filter(({ model, isHidden }) => model.type === "code" && !isHidden);
  const of = (state) => code.filter(({ model }) => stateOf(model) === state);
  return { due: of(null), failed: of("failed").filter((cell) => !mayRaise(cell)), edited: of("edited") };
}

const mayRaise = ({ model }) => (model.getMetadata("tags") ?? []).includes("raises-exception");

const named = (cells) => cells.map(({ model }) => `In[${model.executionCount ?? " "}]`).join(", ");

/** What the dialog says of the cells that may have left something else behind; "" if there are none. */
export function doubts({ failed, edited }) {
  const told = [];
  if (failed.length) told.push(`${named(failed)} failed`);
  if (edited.length) told.push(`${named(edited)} ${edited.length > 1 ? "were" : "was"} edited since`);
  return told.join(", and ");
}

/** The error that a cell's outputs end with, in one line; "" if there is none. */
function errorOf({ model }) {
  const outputs = Array.from({ length: model.outputs?.length ?? 0 }, (_, k) => model.outputs.get(k));
  const error = outputs.map((each) => each.toJSON()).find((each) => each.output_type === "error");
  return error ? `${error.ename}: ${error.evalue}`.split("\n")[0] : "";
}

export class CatchUp {
  /**
   * @param actions JupyterLab's NotebookActions.
   * @param apputils Its module of dialogs and notifications.
   */
  constructor(actions, { showDialog, Dialog, Notification }) {
    Object.assign(this, { actions, showDialog, Dialog, Notification, running: false });
  }

  /**
   * Runs what has not run above a cell.
   *
   * @param panel The notebook.
   * @param until Index of the first cell that is not run.
   * @param marks What its kernel has run.
   * @param progress Is told how many of how many cells are done.
   * @returns {Promise<boolean>} Whether all of them have run, none with an error that is not meant.
   */
  async to(panel, until, marks, progress = () => null) {
    if (this.running) return false;
    await panel.sessionContext.ready;
    const found = above(panel.content.widgets, until, (model) => marks.stateOf(model));
    const doubt = doubts(found);
    if (doubt) {
      const answer = await this.ask(doubt);
      if (answer === "cancel") return false;
      if (answer === "anew") {
        await panel.sessionContext.restartKernel();
        marks.forget();
        found.due = above(panel.content.widgets, until, (model) => marks.stateOf(model)).due;
      }
    }
    this.running = true;
    try {
      return await this.run(panel, found.due, progress);
    } finally {
      this.running = false;
    }
  }

  /**
   * Asks whether to run what has not run above a cell, and runs it. For whoever has only followed a link.
   *
   * @param panel The notebook.
   * @param until Index of the first cell that is not run.
   * @param marks What its kernel has run.
   * @param scene What to call the scene.
   * @returns {Promise<boolean>} As `to` does; false if the answer was no.
   */
  async offer(panel, until, marks, scene) {
    await panel.sessionContext.ready;
    await marks.known();
    const found = above(panel.content.widgets, until, (model) => marks.stateOf(model));
    const { length } = found.due;
    if (length && !doubts(found)) {
      const { Dialog } = this;
      const { button } = await this.showDialog({
        title: scene,
        body: `${length === 1 ? "1 cell above has" : `${length} cells above have`} not run in this kernel. `
          + "Run them now, one after the other, to be where the class is?",
        buttons: [Dialog.cancelButton({ label: "Only show it" }), Dialog.okButton({ label: "Bring me there" })],
      });
      if (!button.accept) return false;
    }
    return this.to(panel, until, marks);
  }

  async ask(doubt) {
    const { Dialog } = this;
    const { button } = await this.showDialog({
      title: "Bring me to this scene",
      body: `Above, ${doubt}: what those cells define may not be what this scene expects. `
        + "A fresh kernel is sure; what you have defined is then gone from it, your text stays.",
      buttons: [
        Dialog.cancelButton(),
        Dialog.okButton({ label: "Run what is left" }),
        Dialog.warnButton({ label: "Fresh kernel, and run all above" }),
      ],
    });
    if (!button.accept) return "cancel";
    return button.displayType === "warn" ? "anew" : "left";
  }

  async run(panel, due, progress) {
    const { Notification } = this;
    const kernel = panel.sessionContext.session?.kernel;
    const tell = (code) => kernel?.requestExecute({ code, silent: true, store_history: false }).done.catch(() => null);
    const note = Notification.emit(`Catching up: 0 of ${due.length} cells`, "in-progress", { autoClose: false });
    const wrong = [];
    await tell(HURRY);
    try {
      for (const [done, cell] of due.entries()) {
        progress(done, due.length);
        Notification.update({ id: note, message: `Catching up: ${done} of ${due.length} cells` });
        // eslint-disable-next-line no-await-in-loop -- one after the other is the point
        await this.actions.runCells(panel.content, [cell], panel.sessionContext);
        const error = mayRaise(cell) ? "" : errorOf(cell);
        if (error) wrong.push(`${named([cell])} ended with ${error}`);
        if (panel.isDisposed || panel.sessionContext.kernelDisplayStatus === "dead") break;
      }
    } finally {
      await tell(AS_BEFORE);
    }
    progress(due.length, due.length);
    const counted = due.length === 1 ? "1 cell has" : `${due.length} cells have`;
    const done = due.length ? `Caught up: ${counted} run` : "Nothing above was left to run";
    const message = wrong.length ? `${done}, but ${wrong[0]}` : done;
    updateUntilShown(Notification, { id: note, message, type: wrong.length ? "warning" : "success", autoClose: 5000 });
    return wrong.length === 0;
  }
}
