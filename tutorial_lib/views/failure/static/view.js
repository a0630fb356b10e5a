import { foot, h, keyboard, listen, prose, roving, statusLine } from "../../kit/static/common.js";

// A failure's chain: a box an exception, each further in than the one that it caused.

const DEEPEST = 5;
const TONES = { bad: "tt-failed", good: "tt-done" };

function render({ model, el }) {
  const title = h("span", { class: "tt-title" });
  const chip = h("span", { class: "tt-chip" });
  const list = h("ol", { class: "failure-links", "aria-label": "From what the caller gets to what went wrong" });
  const note = h("div", { class: "failure-note" });
  const line = statusLine();
  const root = h("div", { class: "tt tt-panel failure", role: "group", "aria-label": "Failure" },
    h("div", { class: "tt-bar failure-bar" }, title, chip), list, note);
  const home = (event) => event.target.closest(".failure-link") ?? list.querySelector(".failure-link");
  root.append(h("div", { class: "failure-line" }, foot(line, keyboard(root, home, [["↑ ↓", "exception"]]))));
  el.append(root);
  roving(list, ".failure-link", { horizontal: false });

  const told = (link) => {
    const way = link.path ? `In Python: \`${link.path}\`` : "No caller gets it";
    return `${link.name}. ${way}.`.replaceAll("`", "");
  };

  function draw() {
    const chain = model.get("chain");
    if (!chain.links) return;
    title.textContent = chain.title;
    chip.textContent = chain.state;
    chip.className = `tt-chip ${TONES[chain.mood] ?? "tt-muted"}`;
    list.replaceChildren(...chain.links.map((link, depth) =>
      h("li", { class: `failure-link${link.reason ? " failure-reason" : ""}`, "data-depth": Math.min(depth, DEEPEST), tabindex: depth ? -1 : 0,
        onfocus: () => line.say(told(link)) },
        h("div", { class: "failure-head" },
          h("b", { class: link.reason ? "tt-failed" : null }, `${link.reason ? "✗ " : ""}${link.name}`),
          h("span", { class: "failure-says" }, link.message),
          link.path && h("code", {}, link.path)),
        link.facts.length > 0 && h("div", {}, link.facts.join(" · ")),
        link.from && h("div", { class: "tt-muted" }, prose(link.from)))));
    list.hidden = chain.links.length === 0;
    note.textContent = chain.note;
    note.hidden = !chain.note;
  }

  draw();
  return listen(model, { "change:chain": draw });
}

export default { render };
