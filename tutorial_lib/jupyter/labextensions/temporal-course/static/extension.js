// The course's extension of JupyterLab, without a build: a module-federation container written by hand.
// JupyterLab loads this file, calls `init` with the modules that it shares, then `get("./extension")`.
//
// What it does stands in small modules, each with `export const plugin = async (load) => ({ id, activate, ... })`,
// where `load("@jupyterlab/notebook")` gives one of JupyterLab's own modules. To add one, name it in MODULES.

(() => {
  const NAME = "temporal-course";
  const MODULES = ["./web_ui_pane.js", "./readable.js", "./run_marks.js", "./not_run.js", "./terms.js", "./headings.js", "./presenting.js"];
  const here = document.currentScript.src;
  let shared = null;

  const load = async (name) => (await Object.values(shared[name])[0].get())();

  /* oxlint-disable eslint/no-underscore-dangle -- JupyterLab's own name for the place */
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init(scope) {
      shared = scope;
    },
    async get() {
      const modules = await Promise.all(MODULES.map((name) => import(new URL(name, here).href)));
      const plugins = await Promise.all(modules.map((module) => module.plugin(load)));
      return () => ({ __esModule: true, default: plugins });
    },
  };
})();
