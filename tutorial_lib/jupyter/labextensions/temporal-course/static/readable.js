// What JupyterLab's themes leave hard to read: saved pictures, which are light unless told otherwise, and comments
// in code, which have 3.5:1 (dark) and 4.2:1 (light) by JupyterLab's own colour; tasks of exercises stand in them. And
// lines of text that are too long: JupyterLab breaks them in the middle of a word.

const STYLE = `
[data-jp-theme-light="false"] img[src^="data:image/svg+xml"] { color-scheme: dark !important; }
[data-jp-theme-light="true"] { --jp-mirror-editor-comment-color: #2b6464; }
[data-jp-theme-light="false"] { --jp-mirror-editor-comment-color: #86bcbc; }
.jp-RenderedText pre { word-break: normal; overflow-wrap: anywhere; }
`;

export const plugin = async () => ({
  id: "temporal-course:readable",
  autoStart: true,
  activate() {
    const style = document.createElement("style");
    style.textContent = STYLE;
    document.head.append(style);
  },
});
