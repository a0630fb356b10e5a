// A lesson as slides: the notebook itself, one scene at a time, in its usual place beside the Web UI.
//
// A scene is a heading cell and what follows it up to the next. One key runs the active cell if this kernel has not
// run it, and stays; pressed again it goes on (in what is taller than the window, by a page). Cells to come are
// invisible, notes are stepped over in both directions, and outputs that this kernel has not made are hidden: they
// would give the answer away. While the active cell runs the key does nothing, and the strip says why.

const HEADS = new Set(["slide", "subslide"]);
const ASIDE = new Set(["notes", "skip"]);
const BARS = /^jp-(top|menu|bottom|header)-panel$/;
const A_WHILE = 60_000; // milliseconds in which an output may grow out of the window
const A_PAGE = 0.85; // of the window: how far one key scrolls in what is taller
const A_LINE = 8; // pixels that may be missing at the end
const DIED = "The kernel has died.";
const WATCH = 300; // milliseconds between two looks at who has the keyboard
const NO_ANSWER = "JupyterLab's server does not answer. If it has ended, start it again and open its address: your place is kept.";
const RESTARTED = "The kernel has restarted: it knows nothing of what ran above.";
const SIZES = [14, 22, 44]; // pixels of text: least, usual, most

/** The slide type of each cell; a notebook that states none has its headings of level 1 and 2. */
export function kindsOf(cells) {
  const stated = cells.map(({ model }) => model.getMetadata("slideshow")?.slide_type);
  const heading = ({ model }) => model.type === "markdown" && /^##? /.test(model.sharedModel.getSource());
  if (!stated.some(Boolean)) return cells.map((cell) => (heading(cell) ? "slide" : "fragment"));
  return stated.map((kind) => kind ?? "fragment");
}

/** First cell of a cell's scene, and the first cell behind it. */
export function sceneOf(kinds, active) {
  let first = active;
  while (first > 0 && !HEADS.has(kinds[first])) first -= 1;
  let end = active + 1;
  while (end < kinds.length && !HEADS.has(kinds[end])) end += 1;
  return [first, end];
}

/** A scene's number as the run sheet has it: 0 is the title's, 4.1 is below the fourth. */
export function numberOf(kinds, at) {
  const heads = kinds.slice(0, at + 1).filter((kind) => HEADS.has(kind));
  const below = heads.length - 1 - heads.lastIndexOf("slide");
  return `${Math.max(0, heads.filter((kind) => kind === "slide").length - 1)}${below ? `.${below}` : ""}`;
}

/** The next cell in a direction that is to be seen; `from` itself if there is none. */
export function stepFrom(aside, from, step) {
  let to = from + step;
  while (to >= 0 && to < aside.length && aside[to]) to += step;
  return to >= 0 && to < aside.length ? to : from;
}

/** Whether a cell runs, or waits for its turn. */
const isRunning = ({ model }) => model.executionState === "running";

const partOf = ({ model }) => model.getMetadata("course")?.part;

/** Where a notebook's deck was left, kept by cell: cells come and go. */
const place = (path) => `temporal-course:at:${path}`;

export class Deck {
  /**
   * @param app JupyterLab.
   * @param panel The notebook.
   * @param marks What its kernel has run.
   * @param actions JupyterLab's NotebookActions.
   * @param changed Called when something that a presenter sees has changed.
   */
  constructor({ app, panel, marks, actions, changed }) {
    Object.assign(this, { app, panel, marks, actions, changed, notebook: panel.content });
    this.reached = new Map(); // id of a scene's first cell -> index of the furthest cell seen
    this.begun = new Set(); // ids of cells that were sent to this kernel
    this.lost = ""; // what happened to the kernel
    this.gone = ""; // what happened to the server that runs it
    this.paged = null; // the cell in which one has scrolled on
    this.process = marks.process; // of the kernel that ran what has begun
    this.last = this.notebook.activeCellIndex;
    this.show = this.show.bind(this);
    this.scheduled = (_, { notebook, cell }) => notebook === this.notebook && this.begin(cell);
    this.status = (_, status) => this.kernelIs(status);
    this.connection = (_, status) => this.connectionIs(status);
    this.blurred = () => this.keepFocus();
    this.strip = document.createElement("div");
  }

  /** What is wrong, in a sentence; "" if nothing is. */
  get trouble() {
    return this.gone || this.lost;
  }

  get path() {
    return this.panel.context.path;
  }

  start() {
    document.body.dataset.coursePresent = "";
    this.panel.addClass("course-presented");
    this.strip.className = "course-strip";
    this.strip.setAttribute("role", "status");
    this.panel.node.append(this.strip);
    this.notebook.activeCellChanged.connect(this.show);
    this.actions.executionScheduled.connect(this.scheduled);
    this.panel.sessionContext.statusChanged.connect(this.status);
    this.panel.sessionContext.connectionStatusChanged.connect(this.connection);
    this.marks.listeners.add(this.show);
    window.addEventListener("blur", this.blurred);
    this.watch = setInterval(this.blurred, WATCH); // Firefox tells of no blur when a frame takes it from a window behind
    this.frame(false);
    const kept = localStorage.getItem(place(this.path));
    const at = this.notebook.widgets.findIndex(({ model }) => model.id === kept);
    this.notebook.activeCellIndex = Math.max(at, 0);
    this.last = this.notebook.activeCellIndex;
    this.notebook.mode = "command";
    this.show();
  }

  stop() {
    delete document.body.dataset.coursePresent;
    this.panel.removeClass("course-presented");
    this.strip.remove();
    this.notebook.activeCellChanged.disconnect(this.show);
    this.follow(null);
    this.actions.executionScheduled.disconnect(this.scheduled);
    this.panel.sessionContext.statusChanged.disconnect(this.status);
    this.panel.sessionContext.connectionStatusChanged.disconnect(this.connection);
    this.marks.listeners.delete(this.show);
    window.removeEventListener("blur", this.blurred);
    clearInterval(this.watch);
    for (const cell of this.notebook.widgets) {
      for (const name of ["away", "later", "unrun"]) cell.removeClass(`course-${name}`);
    }
    this.frame(true);
    requestAnimationFrame(() => this.notebook.activeCell?.node.scrollIntoView({ block: "center" }));
  }

  /** JupyterLab's frame, menu, status bar and side bars: away, or as it was before; it keeps them as they were before. */
  frame(visible) {
    const { shell } = this.app;
    if (visible) {
      delete shell.saveLayout;
      for (const bar of this.hidden) bar.show();
      for (const side of this.sides) shell.toggleSideTabBarVisibility(side);
      if (this.left) shell.expandLeft();
      if (this.right) shell.expandRight();
      return;
    }
    // A page that is loaded while one presents would come without side bars, and with no way to them.
    const { leftArea, rightArea, relativeSizes } = shell.saveLayout();
    const { saveLayout } = Object.getPrototypeOf(shell);
    shell.saveLayout = () => ({ ...saveLayout.call(shell), leftArea, rightArea, relativeSizes });
    this.hidden = [...shell.layout.widgets].filter((each) => BARS.test(each.id) && !each.isHidden);
    for (const bar of this.hidden) bar.hide();
    this.sides = ["left", "right"].filter((side) => shell.isSideTabBarVisible(side));
    this.left = !shell.leftCollapsed;
    this.right = !shell.rightCollapsed;
    shell.collapseLeft();
    shell.collapseRight();
    for (const side of this.sides) shell.toggleSideTabBarVisibility(side);
  }

  /** The Web UI takes the keyboard when it has loaded; the clicker is for the slides unless the mouse is over there. */
  keepFocus() {
    setTimeout(() => {
      const taken = document.activeElement;
      if (taken?.tagName === "IFRAME" && !taken.matches(":hover")) this.focus();
    });
  }

  focus() {
    this.notebook.activeCell?.node.focus({ preventScroll: true });
  }

  begin(cell) {
    this.begun.add(cell.model.id);
    cell.removeClass("course-unrun");
    this.changed();
  }

  kernelIs(status) {
    if (status === "dead") this.lost = DIED;
    else if (status !== "restarting" && status !== "autorestarting") return;
    else if (this.begun.size || this.lost === DIED) this.lost = RESTARTED; // told once by each of two statuses
    this.begun.clear();
    this.process = null;
    this.show();
  }

  /** The page tries again by itself, a few times; a server that was only slow is there again. */
  connectionIs(status) {
    this.gone = status === "connected" ? "" : NO_ANSWER;
    this.show();
  }

  /** A restart that nobody announced, by another page or by the server, shows in the process that answers. */
  notice() {
    const { process } = this.marks;
    if (process === null || process === this.process) return;
    if (this.process !== null && this.begun.size) {
      this.lost = RESTARTED;
      this.begun.clear();
    }
    this.process = process;
  }

  isRun({ model }) {
    return this.begun.has(model.id) || this.marks.ran.has(model.id);
  }

  /** Cells that are stepped over: notes, what is folded below a heading, and the heading of the help. */
  aside(cells, kinds) {
    return cells.map((cell, k) => ASIDE.has(kinds[k]) || cell.isHidden || (partOf(cell) === "stuck" && Boolean(cell.headingCollapsed)));
  }

  show() {
    if (this.panel.isDisposed) return;
    this.notice();
    const cells = this.notebook.widgets;
    const kinds = kindsOf(cells);
    const aside = this.aside(cells, kinds);
    const active = this.notebook.activeCellIndex;
    if (active < 0) return;
    if (aside[active]) { // by a click, or JupyterLab's own Shift+Enter
      const step = active >= this.last ? 1 : -1;
      const on = stepFrom(aside, active, step);
      const to = on === active ? this.last : on;
      if (to !== active && !aside[to]) this.notebook.activeCellIndex = to; // comes back here
      return;
    }
    const moved = active !== this.last || !this.shown;
    this.last = active;
    this.shown = true;
    this.follow(cells[active].model);
    const [first, end] = sceneOf(kinds, active);
    const scene = cells[first].model.id;
    const furthest = Math.max(active, this.reached.get(scene) ?? 0);
    this.reached.set(scene, furthest);
    for (const [k, cell] of cells.entries()) {
      cell.toggleClass("course-away", k < first || k >= end || aside[k]);
      cell.toggleClass("course-later", k > furthest);
      cell.toggleClass("course-unrun", cell.model.type === "code" && !this.isRun(cell));
    }
    this.tell(cells, kinds, active);
    if (moved) this.arrive(cells[active], active === first);
  }

  /** Shows anew when what is active begins to run, and when it has ended; also what ran before the page was loaded. */
  follow(model) {
    if (model === this.followed) return;
    this.followed?.stateChanged.disconnect(this.show);
    this.followed = model;
    model?.stateChanged.connect(this.show);
  }

  arrive(cell, isFirst) {
    localStorage.setItem(place(this.path), cell.model.id);
    requestAnimationFrame(() => {
      if (this.notebook.activeCell !== cell) return; // two quick keys: the cell that gets the focus becomes the active one
      this.paged = null;
      if (isFirst) this.outer.scrollTo(0, 0);
      this.intoView(cell.node);
      cell.node.focus({ preventScroll: true });
    });
  }

  /** The end of what is new; its top if it is taller than the window. */
  intoView(node) {
    const box = node.getBoundingClientRect();
    const outer = this.outer.getBoundingClientRect();
    if (box.bottom <= outer.bottom && box.top >= outer.top) return;
    node.scrollIntoView({ block: box.height > outer.height ? "start" : "end", behavior: "instant" });
  }

  tell(cells, kinds, active) {
    const [number, last] = [numberOf(kinds, active), numberOf(kinds, kinds.lastIndexOf("slide"))];
    const runs = isRunning(cells[active]) ? " · running" : "";
    this.strip.replaceChildren(this.trouble || `scene ${number} of ${last}${runs}`);
    this.strip.dataset.told = this.trouble ? "wrong" : "place";
    if (this.lost && !this.gone) {
      this.strip.append(this.button(this.lost === DIED ? "Restart it" : "Run what was above", () => this.recover()));
    }
    this.changed();
  }

  button(label, execute) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    made.addEventListener("click", execute);
    return made;
  }

  /** After a kernel's end: a new one if need be, then all that stood above. */
  async recover() {
    if (this.lost === DIED) {
      await this.panel.sessionContext.restartKernel();
      return;
    }
    this.lost = "";
    await this.app.commands.execute("course:catch-up");
    this.show();
  }

  /** One key: what is not run yet is run, and stays in sight; else on to the next. */
  async next() {
    const cell = this.notebook.activeCell;
    if (!cell || isRunning(cell)) return;
    if (cell.model.type !== "code" || this.isRun(cell) || !cell.model.sharedModel.getSource().trim()) {
      if (!this.page(cell)) this.move(1);
      return;
    }
    await this.panel.sessionContext.ready;
    const seen = new ResizeObserver(() => this.notebook.activeCell === cell && this.paged !== cell && this.intoView(cell.node));
    seen.observe(cell.node);
    setTimeout(() => seen.disconnect(), A_WHILE);
    await this.app.commands.execute("notebook:run-cell");
  }

  /** Scrolls on in a cell that is taller than the window; false if its end is in sight. */
  page(cell) {
    const outer = this.outer.getBoundingClientRect();
    const left = cell.node.getBoundingClientRect().bottom - outer.bottom;
    if (left <= A_LINE) return false;
    this.paged = cell;
    this.outer.scrollBy({ top: Math.min(left, outer.height * A_PAGE), behavior: "instant" });
    return true;
  }

  get outer() {
    return this.notebook.node.querySelector(".jp-WindowedPanel-outer") ?? this.notebook.node;
  }

  move(step) {
    const cells = this.notebook.widgets;
    this.notebook.activeCellIndex = stepFrom(this.aside(cells, kindsOf(cells)), this.notebook.activeCellIndex, step);
  }

  /** To the heading of the next scene, or of this one or the one before. */
  scene(step) {
    const kinds = kindsOf(this.notebook.widgets);
    let at = this.notebook.activeCellIndex + step;
    while (at >= 0 && at < kinds.length && !HEADS.has(kinds[at])) at += step;
    if (at >= 0 && at < kinds.length) this.notebook.activeCellIndex = at;
  }

  go(id) {
    const at = this.notebook.widgets.findIndex(({ model }) => model.id === id);
    if (at >= 0) this.notebook.activeCellIndex = at;
  }
}

/** Text of another size, within what can be read and what fits. */
export function resize(by) {
  const [least, usual, most] = SIZES;
  const now = Number(document.body.style.getPropertyValue("--course-size")) || usual;
  document.body.style.setProperty("--course-size", String(Math.min(most, Math.max(least, now + by))));
  window.dispatchEvent(new Event("resize")); // editors measure anew
}
