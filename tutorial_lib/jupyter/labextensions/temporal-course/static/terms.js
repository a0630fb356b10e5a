// Temporal's words in a lesson's prose: the first of each in a Markdown cell is underlined with dots, and shows the
// sentence that explains it, to the mouse and to the keyboard. terms.json has the sentences, made from the lessons.

const CELLS = ".jp-MarkdownCell .jp-RenderedMarkdown";
// What is not prose, or does something of its own already.
const PASSED_OVER = "code, pre, a, button, summary, svg, mjx-container, h1, h2, h3, h4, h5, h6, .tc-term";
const TIP = "tc-term-tip";
const GRACE = 200; // milliseconds for the way of the mouse from the word to what it shows
const GAP = 6; // pixels between the two, and to the window's edge

const STYLE = `
.tc-term { text-decoration: underline dotted; text-decoration-color: var(--jp-ui-font-color2); text-underline-offset: 3px; cursor: help; }
.tc-term:focus-visible { outline: 2px solid var(--jp-brand-color1); outline-offset: 1px; }
#${TIP} { position: fixed; z-index: 10001; max-width: 26em; padding: 6px 10px; border: 1px solid var(--jp-border-color1); border-radius: 3px;
  background: var(--jp-layout-color1); color: var(--jp-ui-font-color1); box-shadow: 0 2px 8px rgb(0 0 0 / 30%);
  font: var(--jp-ui-font-size1)/1.45 var(--jp-ui-font-family); }
#${TIP}[hidden] { display: none; }
#${TIP} small { display: block; margin-top: 3px; color: var(--jp-ui-font-color2); }
`;

const escaped = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Finds terms in text: the longest form counts, as in "workflow task". */
export class Terms {
  constructor(listed) {
    this.byForm = new Map(listed.flatMap((each) => each.forms.map((form) => [form, each])));
    const forms = [...this.byForm.keys()].toSorted((a, b) => b.length - a.length).map(escaped);
    this.pattern = new RegExp(`(?<![\\w-])(?:${forms.join("|")})(?![\\w-])`, "giu");
  }

  of(form) {
    return this.byForm.get(form.toLowerCase().replaceAll(/\s+/g, " ")) ?? null;
  }

  in(text) {
    return [...text.matchAll(this.pattern)].map((match) => ({ at: match.index, form: match[0], term: this.of(match[0]) }));
  }
}

/** Underline the first of each term in a rendered cell; those that it explains itself, in bold, are left alone. */
function mark(cell, terms) {
  const bold = [...cell.querySelectorAll("strong")].map((each) => terms.of(each.textContent.trim().replace(/[.:]$/, "")));
  const there = [...cell.querySelectorAll(".tc-term")].map((each) => terms.of(each.textContent));
  const done = new Set([...bold, ...there]);
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(PASSED_OVER)) texts.push(walker.currentNode);
  for (const text of texts) {
    const fresh = terms.in(text.data).filter(({ term }) => term && !done.has(term) && done.add(term));
    // From the end, so that places before stay what they are.
    for (const { at, form } of fresh.toReversed()) {
      const word = text.splitText(at);
      word.splitText(form.length);
      const span = document.createElement("span");
      span.className = "tc-term";
      span.tabIndex = 0;
      span.setAttribute("role", "term");
      word.replaceWith(span);
      span.append(word);
    }
  }
}

/** The one note that shows a sentence, beside the word that has the mouse or the keyboard. */
class Tip {
  constructor(terms) {
    this.terms = terms;
    this.word = null;
    this.timer = null;
    this.node = document.createElement("div");
    Object.assign(this.node, { id: TIP, role: "tooltip", hidden: true });
    document.body.append(this.node);
    const wordOf = (event) => event.target.closest?.(".tc-term") ?? null;
    for (const [kind, act] of [["pointerover", "show"], ["focusin", "show"], ["pointerout", "leave"], ["focusout", "leave"]]) {
      document.addEventListener(kind, (event) => {
        if (wordOf(event)) this[act](wordOf(event));
      });
    }
    this.node.addEventListener("pointerenter", () => clearTimeout(this.timer));
    this.node.addEventListener("pointerleave", () => this.leave());
    document.addEventListener("scroll", () => this.hide(), true);
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.hide(), true);
  }

  show(word) {
    const term = this.terms.of(word.textContent);
    if (!term) return;
    this.hide();
    this.word = word;
    word.setAttribute("aria-describedby", TIP);
    const lesson = document.createElement("small");
    lesson.textContent = `${term.term}, explained in lesson ${term.lesson}`;
    this.node.replaceChildren(term.sentence, lesson);
    this.node.hidden = false;
    const [place, own] = [word.getBoundingClientRect(), this.node.getBoundingClientRect()];
    const below = place.bottom + GAP;
    const fits = below + own.height + GAP < window.innerHeight;
    this.node.style.top = `${fits ? below : Math.max(GAP, place.top - GAP - own.height)}px`;
    this.node.style.left = `${Math.max(GAP, Math.min(place.left, window.innerWidth - own.width - GAP))}px`;
  }

  leave() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hide(), GRACE);
  }

  hide() {
    clearTimeout(this.timer);
    this.word?.removeAttribute("aria-describedby");
    this.word = null;
    this.node.hidden = true;
  }
}

export async function plugin(load) {
  const { INotebookTracker } = await load("@jupyterlab/notebook");
  const activate = async (app, tracker) => {
    const answer = await fetch(new URL("./terms.json", import.meta.url)).catch(() => null);
    if (!answer?.ok) return; // words without explanations are prose all the same
    const terms = new Terms(await answer.json());
    const style = document.createElement("style");
    style.textContent = STYLE;
    document.head.append(style);
    const tip = new Tip(terms);

    const watch = ({ content: { node } }) => {
      const look = (places) => {
        const cells = places.flatMap((each) => [each.closest?.(CELLS), ...(each.querySelectorAll?.(CELLS) ?? [])]);
        for (const cell of new Set(cells)) if (cell) mark(cell, terms);
        if (tip.word && !tip.word.isConnected) tip.hide();
      };
      const observer = new MutationObserver((records) => look([...new Set(records.map(({ target }) => target))]));
      observer.observe(node, { childList: true, subtree: true });
      look([node]);
    };
    tracker.forEach(watch);
    tracker.widgetAdded.connect((_, panel) => watch(panel));
  };
  return {
    id: "temporal-course:terms",
    description: "Temporal's words show the sentence that explains them.",
    autoStart: true,
    requires: [INotebookTracker],
    activate,
  };
}
