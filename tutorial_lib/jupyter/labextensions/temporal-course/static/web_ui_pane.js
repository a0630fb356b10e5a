// The Web UI beside the notebook follows: it shows the namespace of the lesson whose cell ran last, or the execution
// that this cell links to (`lab.ui(handle)`); it is refreshed when a run starts or ends, and links into the Web UI
// open in it. Idle until a lesson's cell has run.

const ID = "server-proxy:temporal-ui"; // the tab that jupyter-server-proxy opens
const OPEN = "server-proxy:open";
const TITLE = "Temporal Web UI";
const PAGE = /\/temporal-ui\/namespaces\/([^/"?#]+)\/workflows/;
const SOON = 1000; // milliseconds between looks for a while after a cell has run
const LATER = 4000;
const A_WHILE = 60_000;
const LOADING = 5000; // until a page of the Web UI has certainly taken the keyboard, if it means to

/** The namespace whose list of workflows an output links to, as the lab's card does; null if it does not. */
export function namespaceIn(html) {
  const found = [...html.matchAll(/href="[^"]*\/temporal-ui\/namespaces\/([^/"]+)\/workflows"/g)].at(-1);
  return found ? decodeURIComponent(found[1]) : null;
}

/** The page of the one execution that an output is a link to, as that of `lab.ui(handle)`; null if it is none. */
export function executionIn(html) {
  return html.match(/^Web UI: <a href="([^"]*\/temporal-ui\/namespaces\/[^/"]+\/workflows\/[^/"]+\/[^"]+)"/)?.[1] ?? null;
}

/** The namespace that code opens, as far as its text says; null if it does not. */
export function namespaceOpened(source) {
  return source.match(/\bopen_lab\(\s*["']([\w.-]+)["']/)?.[1] ?? null;
}

const textOf = (data) => [data ?? ""].flat().join("");

/** What `read` finds in the outputs of a cell, the last one first; null for nothing. */
function inOutputs({ model }, read) {
  const outputs = Array.from({ length: model.outputs.length }, (_, k) => model.outputs.get(k));
  return outputs.map((output) => read(textOf(output.data["text/html"]))).findLast(Boolean) ?? null;
}

const namespaceOfCell = (cell) => inOutputs(cell, namespaceIn);

class Pane {
  constructor(app) {
    this.app = app;
    this.ran = 0; // when a cell ran last
    this.seen = ""; // what the server said about the list that is shown
    this.timer = null;
    window.addEventListener("blur", () => this.keepFocus());
  }

  /** The tab, if it is open. */
  get widget() {
    return [...this.app.shell.widgets("main")].find((each) => each.content?.id === ID) ?? null;
  }

  get frame() {
    return this.widget?.content.node.querySelector("iframe") ?? null;
  }

  /** Path of the page that is shown; the reader may have gone on from the one that was opened. */
  get path() {
    try {
      return this.frame?.contentWindow.location.pathname ?? "";
    } catch {
      return ""; // a page of another origin
    }
  }

  /** Show a namespace, if the tab is open and shows another. */
  follow(namespace) {
    this.ran = Date.now();
    const shown = this.path.match(PAGE)?.[1];
    if (this.widget && shown !== encodeURIComponent(namespace)) {
      const url = new URL(this.widget.content.url, location.href);
      this.go(url.pathname.replace(/(\/temporal-ui\/).*/, `$1namespaces/${encodeURIComponent(namespace)}/workflows`));
    }
    this.look();
  }

  /** Show the page of an execution, if the tab is open; it may be closed for a reason. */
  show(href) {
    const { pathname, search, hash } = new URL(href, location.href);
    if (this.widget && pathname !== this.path) this.go(pathname + search + hash);
    this.ran = Date.now();
  }

  go(url) {
    this.seen = "";
    this.moved = Date.now();
    this.before = document.activeElement;
    this.widget.content.url = url;
  }

  /** Open a page of the Web UI, in the tab that is there or in a new one on the right. */
  async open(url) {
    const { shell, commands } = this.app;
    const notebook = shell.currentWidget;
    const focused = document.activeElement;
    if (this.widget) this.go(url);
    else {
      const made = await commands.execute(OPEN, { id: ID, title: TITLE, url, newBrowserTab: false });
      if (notebook) shell.add(made, "main", { mode: "split-right", ref: notebook.id });
    }
    if (!this.widget.isVisible) shell.activateById(this.widget.id);
    this.moved = Date.now();
    this.before = focused;
    focused?.focus({ preventScroll: true });
    this.ran = Date.now();
    this.look();
  }

  /** A page that has loaded may take the keyboard: it goes back, unless the mouse is over there. */
  keepFocus() {
    setTimeout(() => {
      const frame = this.frame;
      if (!frame || document.activeElement !== frame || frame.matches(":hover")) return;
      if (Date.now() - this.moved < LOADING && this.before?.isConnected) this.before.focus({ preventScroll: true });
    });
  }

  /** Look again and again whether runs have started or ended, and refresh the list then. */
  look() {
    clearTimeout(this.timer);
    const again = async () => {
      await this.refreshIfChanged();
      this.timer = setTimeout(again, Date.now() - this.ran < A_WHILE ? SOON : LATER);
    };
    this.timer = setTimeout(again, 200);
  }

  async refreshIfChanged() {
    const { path } = this;
    if (document.hidden || !this.widget?.isVisible || !/\/workflows\/?$/.test(path)) return; // a run's own page renews itself
    const [, namespace] = path.match(PAGE) ?? [];
    if (!namespace) return;
    const api = path.slice(0, path.indexOf("namespaces/"));
    const query = "workflow-count?query=GROUP%20BY%20ExecutionStatus";
    const answer = await fetch(`${api}api/v1/namespaces/${namespace}/${query}`).catch(() => null);
    if (!answer?.ok) return;
    const counts = `${namespace} ${await answer.text()}`;
    if (counts === this.seen || path !== this.path) return;
    if (this.refresh()) this.seen = counts;
  }

  /** Press the page's own button, which keeps filters and the place; false while there is none. */
  refresh() {
    const buttons = [...(this.frame.contentDocument?.querySelectorAll("button") ?? [])];
    const own = buttons.find((each) => each.textContent.trim() === "Refresh");
    own?.click();
    return Boolean(own);
  }
}

export async function plugin(load) {
  const { INotebookTracker, NotebookActions } = await load("@jupyterlab/notebook");
  const activate = (app) => {
    const pane = new Pane(app);
    const known = new WeakMap(); // notebook -> its namespace

    const follow = (notebook, cell) => {
      const said = cell && namespaceOfCell(cell);
      if (said) known.set(notebook, said);
      if (known.has(notebook)) pane.follow(known.get(notebook));
    };
    NotebookActions.executionScheduled.connect((_, { notebook, cell }) => {
      // The first cell makes the namespace: it is not there before that has run.
      if (cell.model.type === "code" && !namespaceOpened(cell.model.sharedModel.getSource())) follow(notebook, null);
    });
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      if (cell.model.type !== "code" || !success) return;
      // A page that was loaded anew beside a running kernel, or a lab whose card nobody asked for.
      if (!known.has(notebook)) {
        const cells = notebook.widgets.filter((each) => each.model.type === "code");
        const said = cells.map((each) => namespaceOfCell(each) ?? namespaceOpened(each.model.sharedModel.getSource()));
        const found = said.find(Boolean);
        if (found) known.set(notebook, found);
      }
      const execution = inOutputs(cell, executionIn);
      if (execution) pane.show(execution);
      else follow(notebook, cell);
    });

    const linked = (event) => {
      const link = event.target.closest?.("a[href]");
      return link && new URL(link.href).origin === location.origin && PAGE.test(new URL(link.href).pathname) ? link : null;
    };
    // Before JupyterLab's own listeners, and before the browser opens a tab. With Ctrl, Shift or the middle button the
    // browser does what it always does.
    document.addEventListener("click", (event) => {
      const link = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey ? null : linked(event);
      if (!link) return;
      event.preventDefault();
      event.stopPropagation();
      const { pathname, search, hash } = new URL(link.href);
      pane.open(pathname + search + hash);
    }, true);
    document.addEventListener("pointerover", (event) => {
      const link = linked(event);
      if (link) link.title ||= "Opens in the Web UI beside the notebook; with Ctrl (or Cmd) in a browser tab";
    });
  };
  return {
    id: "temporal-course:web-ui-pane",
    description: "The Web UI beside the notebook follows the lesson whose cell ran last.",
    autoStart: true,
    requires: [INotebookTracker],
    activate,
  };
}
