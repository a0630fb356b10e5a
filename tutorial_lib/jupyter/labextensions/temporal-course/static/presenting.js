// Presenting a lesson: the commands and keys of the deck, and what the presenter's window hears and may ask for.
//
// Idle until somebody asks: `?present` in the address (`tutorial present`), the palette, or the command. The other window
// hears on a BroadcastChannel: same browser, same origin, nothing kept on the server.

import { CatchUp } from "./catch_up.js";
import { Deck, resize } from "./deck.js";
import { marksOf } from "./run_marks.js";
import { findScene, linkTo, numberAt, sceneIn } from "./scene_link.js";

const CHANNEL = "temporal-course";
const KEPT = "temporal-course:presenting"; // in sessionStorage: which notebook, so that a reload presents it again
const LEAD = new Set(["course:catch-up", "course:solutions", "course:present-next", "course:present-back"]);

// JupyterLab's router takes them out of the address later.
const wanted = new URLSearchParams(location.search).has("present");
const asked = { scene: sceneIn(location) };

// Clickers send PageDown and PageUp: always the deck's. The rest only while a cell itself has the focus: in a picture,
// arrows and Space belong to its steppers, buttons and radios. Nothing has it when a cell was hidden, or when a
// button that has done its work is gone.
const NOTEBOOK = ".course-presented .jp-Notebook.jp-mod-commandMode:not(.jp-mod-readWrite)";
//
// A key that comes before a new active cell has the focus is sent to the cell before it, and JupyterLab gives the new one
// the focus while the key is on its way: by the time it is looked up, the cell that it was sent to has lost it.
const CELL = [`${NOTEBOOK} .jp-Cell:focus`, `${NOTEBOOK} .jp-Cell:not(:focus-within)`];
const ANYWHERE = [`${NOTEBOOK} :focus`, `${NOTEBOOK} .jp-Cell`];
const NOTHING = "body[data-course-present]:not(:has(:focus))";
const KEYS = [
  ["Space", "present-next", CELL],
  ["ArrowRight", "present-next", CELL],
  ["PageDown", "present-next", ANYWHERE],
  ["Shift Space", "present-back", CELL],
  ["ArrowLeft", "present-back", CELL],
  ["PageUp", "present-back", ANYWHERE],
  ["Ctrl ArrowRight", "present-scene", CELL],
  ["Ctrl ArrowLeft", "present-scene-back", CELL],
  ["=", "present-larger", CELL],
  ["-", "present-smaller", CELL],
  ["Accel Alt P", "present", ["body"]],
];

/** The first heading of a cell, without its marks. */
const titleOf = ({ model }) => model.sharedModel.getSource().match(/^#+ +(.+)$/m)?.[1].replaceAll(/[*_`]/g, "") ?? "";

/** An exercise's solution in its help cell, opened or folded again for the whole notebook. */
async function solutions(panel, actions) {
  const cells = panel.content.widgets;
  const part = ({ model }) => model.getMetadata("course") ?? {};
  const heads = cells.filter((cell) => part(cell).part === "stuck");
  const open = heads.some((cell) => cell.headingCollapsed);
  for (const cell of heads) cell.headingCollapsed = !open;
  const helps = cells.filter((cell) => part(cell).part === "help");
  for (const cell of helps) {
    const source = cell.model.sharedModel.getSource();
    const [line] = source.match(/^#? ?ex\.\w+\.solution\(\)$/m) ?? [];
    if (!line) continue;
    const call = line.replace(/^#? ?/, "");
    cell.model.sharedModel.setSource(source.replace(line, open ? call : `# ${call}`));
    cell.setHidden(!open);
    if (!open) cell.model.outputs.clear();
  }
  if (open) await actions.runCells(panel.content, helps, panel.sessionContext);
}

export async function plugin(load) {
  const { INotebookTracker, NotebookActions } = await load("@jupyterlab/notebook");
  const { ICommandPalette, ...apputils } = await load("@jupyterlab/apputils");

  const activate = (app, tracker, palette) => {
    const sheet = document.createElement("link");
    Object.assign(sheet, { rel: "stylesheet", href: new URL("deck.css", import.meta.url).href });
    document.head.append(sheet);

    const channel = new BroadcastChannel(CHANNEL);
    const here = Math.random().toString(36).slice(2); // tells two windows that present apart
    const catchUp = new CatchUp(NotebookActions, apputils);
    let deck = null;

    const say = (answers) => {
      const panel = tracker.currentWidget;
      const cell = panel?.content.activeCell;
      if (!cell) return;
      channel.postMessage({
        what: "at",
        window: here,
        answers, // true if nothing has moved
        path: panel.context.path,
        cell: cell.model.id,
        presenting: deck !== null,
        kernel: panel.sessionContext.kernelDisplayStatus,
        lost: deck?.trouble ?? "",
      });
    };
    const tell = () => say(false);
    window.addEventListener("pagehide", () => channel.postMessage({ what: "left", window: here }));
    tracker.activeCellChanged.connect(tell);
    tracker.currentChanged.connect(tell);
    NotebookActions.executed.connect(tell);
    NotebookActions.executionScheduled.connect(tell);

    const start = () => {
      const panel = tracker.currentWidget;
      if (!panel) return;
      deck = new Deck({ app, panel, marks: marksOf(panel.content), actions: NotebookActions, changed: tell });
      deck.start();
      sessionStorage.setItem(KEPT, panel.context.path);
      panel.disposed.connect(stop);
      tell();
    };
    const stop = () => {
      if (!deck) return;
      deck.panel.disposed.disconnect(stop);
      deck.stop();
      deck = null;
      sessionStorage.removeItem(KEPT);
      tell();
    };
    /** Runs what stands above the scene of the active cell; in the deck, above the active cell. */
    const bring = async () => {
      const panel = tracker.currentWidget;
      if (!panel) return;
      const until = panel.content.activeCellIndex;
      const { path } = panel.context;
      const progress = (done, all) => channel.postMessage({ what: "catching up", path, done, all });
      await catchUp.to(panel, until, marksOf(panel.content), progress);
      if (deck) deck.lost = "";
      panel.content.activeCellIndex = until;
      panel.content.activeCell?.node.scrollIntoView({ block: deck ? "nearest" : "center" });
      deck?.show();
    };
    const goTo = (panel, index) => {
      panel.content.activeCellIndex = index;
      panel.content.activeCell?.node.scrollIntoView({ block: deck ? "nearest" : "start" });
    };
    /** What a link asked for, once the notebook is there. */
    const followLink = async (panel) => {
      if (asked.scene?.path !== panel.context.path) return;
      const { number } = asked.scene;
      asked.scene = null;
      await readyToShow(panel);
      const { widgets } = panel.content;
      const { at, last } = findScene(widgets, number);
      if (at < 0) {
        const told = `There is no scene ${number} in this notebook: they are 0 to ${last}.`;
        apputils.Notification.error(told, { autoClose: false });
        return;
      }
      goTo(panel, at);
      await catchUp.offer(panel, at, marksOf(panel.content), `Scene ${number}: ${titleOf(widgets[at])}`);
      if (panel.isDisposed) return;
      goTo(panel, at);
      deck?.show();
    };
    const copyLink = () => {
      const panel = tracker.currentWidget;
      if (!panel) return;
      const number = numberAt(panel.content.widgets, panel.content.activeCellIndex);
      const link = linkTo(app.serviceManager.serverSettings.baseUrl, panel.context.path, number);
      apputils.Clipboard.copyToSystem(link);
      apputils.Notification.info(`Copied: ${link}`, { autoClose: 5000 });
    };
    const openPresenter = () => {
      const panel = tracker.currentWidget;
      if (!panel) return;
      const path = panel.context.path.split("/").map(encodeURIComponent).join("/");
      const { baseUrl } = app.serviceManager.serverSettings;
      window.open(`${baseUrl}course/presenter/${path}`, "course-presenter", "popup,width=1100,height=760");
    };

    const add = (name, label, execute) => {
      const command = `course:${name}`;
      app.commands.addCommand(command, { label, execute, isEnabled: () => tracker.currentWidget !== null });
      palette?.addItem({ command, category: "Course" });
    };
    add("present", "Present this lesson (on or off)", () => (deck ? stop() : start()));
    add("present-next", "Present: run, or next", () => deck?.next());
    add("present-back", "Present: back", () => deck?.move(-1));
    add("present-scene", "Present: next scene", () => deck?.scene(1));
    add("present-scene-back", "Present: previous scene", () => deck?.scene(-1));
    add("present-larger", "Present: larger", () => resize(2));
    add("present-smaller", "Present: smaller", () => resize(-2));
    add("presenter", "Open the presenter's window", openPresenter);
    add("catch-up", "Bring me to this scene: run what was left out above", bring);
    add("scene-link", "Copy the link to this scene", copyLink);
    add("solutions", "Solutions of this notebook: open, or fold", () => solutions(tracker.currentWidget, NotebookActions));
    for (const [key, name, place] of KEYS) {
      const selectors = name === "present" ? place : [...place, NOTHING];
      for (const selector of selectors) app.commands.addKeyBinding({ command: `course:${name}`, keys: [key], selector });
    }

    channel.addEventListener("message", ({ data }) => {
      if (data.what === "ask") say(true);
      const panel = tracker.currentWidget;
      if (!panel || data.path !== panel.context.path) return;
      if (data.what === "go") {
        if (deck) deck.go(data.cell);
        else panel.content.activeCellIndex = Math.max(0, panel.content.widgets.findIndex(({ model }) => model.id === data.cell));
      }
      // What comes from another page is no reason to do anything else.
      if (data.what === "run" && LEAD.has(data.command)) app.commands.execute(data.command);
    });

    const readyToShow = async (panel) => {
      await app.restored;
      await panel.context.ready;
      await panel.revealed;
      await panel.sessionContext.ready;
      await new Promise((done) => setTimeout(done, 300)); // its editors have been laid out by then
    };
    const presentFirst = async (panel) => {
      const kept = sessionStorage.getItem(KEPT);
      if (deck || !(wanted || kept === panel.context.path)) return;
      await readyToShow(panel);
      if (!deck && tracker.currentWidget === panel) start();
    };
    /** The notebook is opened by the router, after this. */
    const opened = async (panel) => {
      await presentFirst(panel);
      await followLink(panel);
    };
    tracker.forEach(opened);
    tracker.widgetAdded.connect((_, panel) => opened(panel));
  };

  return {
    id: "temporal-course:presenting",
    description: "A lesson as slides with live cells, and a window that leads them.",
    autoStart: true,
    requires: [INotebookTracker],
    optional: [ICommandPalette],
    activate,
  };
}
