// Which code cells the kernel has run since it started: a mark beside the prompt. What a notebook was saved with, numbers
// and outputs, has none: it is of another kernel.
//
// "The kernel" is its process, known by the session that it writes into its messages: a restart keeps the kernel's id.
// Marks are kept in sessionStorage, so a reload of the page keeps them for the process that they are of. Cells that another
// page runs, or that end while this page is reloaded, are not heard of.

const STYLE = `
.jp-CodeCell .jp-InputArea { position: relative; }
.course-ran { position: absolute; left: 2px; top: 0; padding: var(--jp-code-padding, 5px) 0; width: 14px; text-align: center;
  font: 12px/var(--jp-code-line-height, 1.3) var(--jp-ui-font-family); cursor: default; }
.course-ran[data-ran="ok"] { color: #17702f; }
.course-ran[data-ran="failed"] { color: #c62a1f; }
.course-ran[data-ran="edited"] { color: #865a00; }
[data-jp-theme-light="false"] .course-ran[data-ran="ok"] { color: #5bd27a; }
[data-jp-theme-light="false"] .course-ran[data-ran="failed"] { color: #ff8a80; }
[data-jp-theme-light="false"] .course-ran[data-ran="edited"] { color: #e3b341; }
`;

/** Of each state: what is shown, and what it says. */
export const STATES = {
  ok: ["✓", "Run since this kernel started"],
  failed: ["✗", "Run since this kernel started, and it failed"],
  edited: ["✎", "Edited since it was run"],
};

const GONE = new Set(["restarting", "autorestarting", "terminating", "dead", "unknown"]);
const FROM_THE_KERNEL = new Set(["kernel_info_reply", "execute_reply"]); // the server writes some of the others

/** A text's hash: enough to see that it was edited. */
const hashOf = (text) => [...text].reduce((sum, each) => (Math.imul(sum, 31) + each.codePointAt(0)) | 0, text.length);

const stored = (kernel) => `temporal-course:ran:${kernel.id}`;

/** The marks of one notebook. */
export class RunMarks {
  constructor({ content, sessionContext }) {
    this.notebook = content;
    this.kernel = null;
    this.process = null; // whose marks these are; null until the kernel has spoken
    this.ran = new Map(); // cell id -> { ended, hash }
    this.asked = false;
    this.listeners = new Set(); // called when marks have changed
    this.heard = (_, { msg, direction }) => {
      if (direction === "recv" && FROM_THE_KERNEL.has(msg.header.msg_type)) this.know(msg.header.session);
    };
    sessionContext.kernelChanged.connect((_, { newValue }) => this.follow(newValue));
    sessionContext.statusChanged.connect((_, status) => this.moved(status));
    content.modelContentChanged.connect(() => this.paintSoon());
    content.modelChanged.connect(() => this.paintSoon());
    this.follow(sessionContext.session?.kernel ?? null);
  }

  follow(kernel) {
    this.kernel?.anyMessage.disconnect(this.heard);
    this.kernel = kernel;
    this.forget();
    if (!kernel) return;
    kernel.anyMessage.connect(this.heard);
    kernel.requestKernelInfo().catch(() => null); // its answer is heard
  }

  moved(status) {
    if (GONE.has(status)) this.forget();
    else if (this.kernel && this.process === null && status === "idle") this.kernel.requestKernelInfo().catch(() => null);
  }

  forget() {
    this.process = null;
    this.ran.clear();
    this.paintSoon();
  }

  /** The kernel has spoken: keep the marks of this very process, or begin anew. */
  know(process) {
    if (process === this.process) return;
    this.process = process;
    const kept = JSON.parse(sessionStorage.getItem(stored(this.kernel)) ?? "null");
    this.ran = new Map(kept?.process === process ? kept.ran : []);
    this.paintSoon();
  }

  /** When the kernel has spoken. */
  async known() {
    while (this.process === null && !this.notebook.isDisposed) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one piece of news after another
      await new Promise((heard) => {
        const listener = () => {
          this.listeners.delete(listener);
          heard();
        };
        this.listeners.add(listener);
      });
    }
  }

  begins(cell) {
    this.ran.delete(cell.model.id);
    this.paintSoon();
  }

  /** A cell has ended; one that the kernel has passed over, since another failed before, has not run. */
  ended(cell, success, error) {
    if (success || error?.errorName) {
      this.ran.set(cell.model.id, { ended: success ? "ok" : "failed", hash: hashOf(cell.model.sharedModel.getSource()) });
    }
    this.keep();
    this.paintSoon();
  }

  keep() {
    if (!this.kernel || this.process === null) return;
    try {
      sessionStorage.setItem(stored(this.kernel), JSON.stringify({ process: this.process, ran: [...this.ran] }));
    } catch {
      // a full storage: the marks last as long as the page
    }
  }

  stateOf(model) {
    const ran = this.ran.get(model.id);
    if (!ran) return null;
    return ran.hash === hashOf(model.sharedModel.getSource()) ? ran.ended : "edited";
  }

  paintSoon() {
    if (this.asked) return;
    this.asked = true;
    setTimeout(() => {
      this.asked = false;
      if (this.notebook.isDisposed) return;
      for (const cell of this.notebook.widgets) if (cell.model?.type === "code") paint(cell, this.stateOf(cell.model));
      for (const listener of this.listeners) listener();
    });
  }
}

function paint(cell, state) {
  const area = cell.node.querySelector(".jp-InputArea");
  let mark = area?.querySelector(":scope > .course-ran");
  if (!state || !area) {
    mark?.remove();
    return;
  }
  if (!mark) {
    mark = document.createElement("span");
    mark.className = "course-ran";
    mark.setAttribute("role", "img");
    area.append(mark);
  }
  if (mark.dataset.ran === state) return;
  const [symbol, words] = STATES[state];
  mark.dataset.ran = state;
  mark.textContent = symbol;
  mark.title = words;
  mark.setAttribute("aria-label", words);
}

const known = new WeakMap(); // notebook -> its marks

/** The marks of a notebook that is open. */
export const marksOf = (notebook) => known.get(notebook);

export async function plugin(load) {
  const { INotebookTracker, NotebookActions } = await load("@jupyterlab/notebook");
  const activate = (app, tracker) => {
    const style = document.createElement("style");
    style.textContent = STYLE;
    document.head.append(style);
    tracker.forEach((panel) => known.set(panel.content, new RunMarks(panel)));
    tracker.widgetAdded.connect((_, panel) => {
      if (!known.has(panel.content)) known.set(panel.content, new RunMarks(panel));
    });
    NotebookActions.executionScheduled.connect((_, { notebook, cell }) => known.get(notebook)?.begins(cell));
    NotebookActions.executed.connect((_, { notebook, cell, success, error }) => {
      if (cell.model?.type === "code") known.get(notebook)?.ended(cell, success, error);
    });
  };
  return {
    id: "temporal-course:run-marks",
    description: "Code cells that this kernel has run are marked.",
    autoStart: true,
    requires: [INotebookTracker],
    activate,
  };
}
