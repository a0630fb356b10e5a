// A link to a heading of a notebook that is not open yet, as those on the page of the words: JupyterLab looks for the
// heading before the notebook has drawn it, and stays at the top. Here it is told once more when the heading is there.

const LINK = '.jp-RenderedMarkdown a[href*=".ipynb"][href*="#"]';
const LOOK = 100; // milliseconds between looks for the heading
const LOOKS = 150;

const pause = () => new Promise((done) => setTimeout(done, LOOK));

/** The file and the heading that a link names. */
export function targetOf(href) {
  const { pathname, hash } = new URL(href, location.href);
  return { file: decodeURIComponent(pathname.split("/").at(-1)), hash: decodeURIComponent(hash) };
}

async function goTo(panel, hash) {
  await panel.context.ready;
  const heading = `[data-jupyter-id="${CSS.escape(hash.slice(1))}"]`;
  for (let look = 0; look < LOOKS && !panel.isDisposed && !panel.node.querySelector(heading); look += 1) {
    await pause(); // oxlint-disable-line eslint/no-await-in-loop -- one look after another
  }
  if (!panel.isDisposed) panel.setFragment(hash);
}

export const plugin = async (load) => {
  const { INotebookTracker } = await load("@jupyterlab/notebook");
  return {
    id: "temporal-course:headings",
    autoStart: true,
    requires: [INotebookTracker],
    activate(_, tracker) {
      const onClick = (event) => {
        const link = event.target.closest?.(LINK);
        if (!link) return;
        const { file, hash } = targetOf(link.href);
        const is = (panel) => panel.context.path.split("/").at(-1) === file;
        if (tracker.find(is)) return; // JupyterLab finds the heading by itself
        const opened = (__, panel) => {
          if (!is(panel)) return;
          tracker.widgetAdded.disconnect(opened);
          goTo(panel, hash);
        };
        tracker.widgetAdded.connect(opened);
      };
      // Before JupyterLab's own listener opens the notebook.
      document.addEventListener("click", onClick, true);
    },
  };
};
