// The history: what was delivered, what was asked for, what is not yet known. Only the rows in sight exist.

import { everyFrame, h, isNotebooks, set } from "../../kit/static/common.js";
import { plural, reveal, rich } from "./deck.js";

const ROW = 22; // pixels of a row; the style sheet says the same
const NEAR = 12; // rows drawn beyond what is seen

const STRENGTH = { none: -1, task: 0, in: 1, out: 2, diverged: 3 };

let count = 0; // makes element ids unique on a page with several steppers

/** One for two sides that replay the same history. */
export class History {
  constructor(decks, letters, go) {
    this.decks = decks;
    this.letters = letters;
    this.go = go;
    this.total = decks[0].events.length;
    this.name = `st-event-${count++}`;
    this.inner = h("div", { class: "st-events", role: "presentation" });
    this.pane = h("div", { class: "st-pane st-history", tabindex: "0", role: "listbox", "aria-label": `History, ${plural(this.total, "event")}` }, this.inner);
    this.told = h("div", { class: "st-told" });
    this.note = h("span", { class: "st-note" });
    this.element = h("div", { class: "st-side tt-panel" }, h("div", { class: "st-head" }, h("b", {}, "History"), this.note), this.pane, this.told);
    this.draw = everyFrame(() => this.drawNow());
    this.pane.addEventListener("scroll", this.draw);
    this.pane.addEventListener("keydown", (event) => this.key(event));
    // Not of a row that came under the pointer because the list was scrolled.
    this.pane.addEventListener("mousemove", (event) => (event.movementX || event.movementY) && this.tell(this.idOf(event)));
    this.pane.addEventListener("mouseleave", () => this.tell(this.active));
    this.pane.addEventListener("click", (event) => {
      const id = this.idOf(event);
      if (!id) return;
      this.go(id);
      this.activate(id);
    });
    this.watch = new ResizeObserver(this.draw);
    this.watch.observe(this.pane);
    this.active = 1;
    this.until = 0;
    this.answers = {};
  }

  /** Events whose value may be another, by id; `ask` is called with the change. */
  allow(answers, ask) {
    this.answers = answers;
    this.ask = ask;
  }

  /** A form that gives an event another value. */
  change(id) {
    const value = this.answers[id];
    if (value == null) return [];
    const [type] = this.event(id);
    const input = h("input", { class: "tt-input st-answer", value, spellcheck: "false", "aria-label": `Another value of event ${id}` });
    const fail = /^(Activity|Child|Nexus)/.test(type) && h("button", { type: "button", class: "tt-button", onclick: () => this.ask({ event: id, failure: "what if it failed" }) }, "fails");
    const submit = (event) => {
      event.preventDefault();
      this.ask({ event: id, text: input.value });
    };
    return [h("form", { class: "st-change", onsubmit: submit }, h("label", {}, "What if it were ", input), h("button", { class: "tt-button" }, "see"), fail || "")];
  }

  idOf(event) {
    return Number(event.target.closest("[data-event]")?.dataset.event ?? 0);
  }

  key(event) {
    if (isNotebooks(event)) return;
    const page = Math.floor(this.pane.clientHeight / ROW) - 1;
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    if (event.key === "Enter") {
      const id = this.active;
      this.go(id);
      this.activate(id);
    } else if (by == null) return;
    else this.activate(Math.max(1, Math.min(this.total, this.active + by)));
    event.preventDefault();
    event.stopPropagation();
  }

  activate(id) {
    this.active = id;
    reveal(this.pane, this.top(id), ROW);
    this.tell(id);
    this.drawNow();
  }

  tell(id) {
    // What somebody types is not taken away.
    if (!id || id === this.shown || this.told.contains(this.told.getRootNode().activeElement?.closest("form"))) return;
    const [, , told] = this.event(id);
    this.shown = id;
    this.told.replaceChildren(h("b", {}, `${id} `), ...rich(told), ...this.links(id), ...this.change(id));
  }

  /** Links from an event to those that it belongs together with. */
  links(id) {
    const others = this.decks[0].together(id).filter((each) => each !== id);
    if (!others.length) return [];
    const link = (each) => {
      const [type] = this.event(each);
      const label = `Go to event ${each}, ${type}`;
      return h("button", { type: "button", class: "st-link", "aria-label": label, title: label, onclick: () => this.activate(each) },
        `${each < id ? "\u2190" : "\u2192"} ${each} ${type.replace(/^.*(?=Scheduled|Started|Initiated|Accepted|Completed|Failed|Fired|Canceled|TimedOut|Terminated|Rejected|Admitted|Requested|Signaled)/, "").toLowerCase() || type}`);
    };
    return [h("span", { class: "st-links" }, others.map(link))];
  }

  /** Type, name and sentence of an event. */
  event(id) {
    const { events, pool } = this.decks[0];
    return pool[events[id - 1]];
  }

  /** Row of an event: behind the line that divides what is known from what is not. */
  top(id) {
    return (id - 1 + (id > this.until ? 1 : 0)) * ROW;
  }

  /** Show what the sides know: their steps, null for one that has ended, and the latest step of each. */
  show(steps, latest) {
    this.states = new Map(); // event id to [class, symbol, words]
    this.until = Math.max(0, ...latest.map((step) => step?.u ?? 0));
    // Of one side the strongest thing is said of an event; two sides may say different things.
    const add = (side, id, kind, symbol, words) => {
      if (!id) return;
      const state = this.states.get(id) ?? { said: new Map(), kind: "none" };
      this.states.set(id, state);
      if (STRENGTH[kind] > STRENGTH[state.kind]) Object.assign(state, { kind, symbol });
      const said = state.said.get(side);
      if (!said || STRENGTH[kind] > STRENGTH[said.kind]) state.said.set(side, { kind, words });
    };
    steps.forEach((step, k) => {
      if (!step) return;
      const which = this.letters[k] ? `${this.letters[k]}: ` : "";
      for (const [, id] of step.j ?? []) add(k, id, "in", "\u2192", "delivered now");
      for (const [, , line, id] of step.c ?? []) add(k, id, "out", "\u25c6", line ? `${which}asked in line ${line}` : `${which}asked now`);
      if (this.event(step.s)[0] === "WorkflowTaskStarted") add(k, step.s, "task", "\u25b9", "task starts");
      const parts = this.decks[k].divergence;
      if (parts?.event && this.decks[k].steps[parts.step] === step) {
        add(k, parts.event, "diverged", "\u2260", `${which}expected here`);
        this.until = Math.max(this.until, parts.event);
      }
    });
    for (const state of this.states.values()) state.words = [...new Set([...state.said.values()].map(({ words }) => words))];
    const rest = this.total - this.until;
    const over = steps.every((step) => !step); // a side of its own, and it is over
    this.note.textContent = over ? this.decks[0].end[0] : rest ? `${this.until} known, ${rest} not yet` : "all known";
    const ids = [...this.states].filter(([, state]) => state.kind !== "task").map(([id]) => id);
    const first = Math.min(...ids, this.until);
    set(this.inner, { style: `height:${(this.total + 1) * ROW}px` });
    const from = this.top(first);
    const to = this.top(this.until) + 2 * ROW;
    const room = this.pane.clientHeight || 400;
    const parts = ids.find((id) => this.states.get(id).kind === "diverged");
    if (parts) this.pane.scrollTop = Math.max(0, this.top(parts) + 2 * ROW - room);
    else if (from < this.pane.scrollTop || to > this.pane.scrollTop + room) {
      this.pane.scrollTop = to - from > room - ROW ? from - ROW : Math.max(0, (from + to - room) / 2);
    }
    this.active = first || 1;
    this.tell(this.active);
    this.drawNow();
  }

  drawNow() {
    const { scrollTop, clientHeight } = this.pane;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - NEAR);
    const last = Math.min(this.total, Math.ceil((scrollTop + (clientHeight || 400)) / ROW) + NEAR);
    const rows = [];
    for (let row = first; row <= last; row++) {
      if (row === this.until) rows.push(this.divider(row));
      else rows.push(this.row(row < this.until ? row + 1 : row, row));
    }
    this.inner.replaceChildren(...rows);
    set(this.pane, { "aria-activedescendant": `${this.name}-${this.active}` });
  }

  divider(row) {
    const words = this.until < this.total ? "not yet known" : "end of the history";
    return h("div", { class: "st-divider", role: "presentation", style: `top:${row * ROW}px` }, h("span", {}, words));
  }

  row(id, row) {
    const [type, name] = this.event(id);
    const state = this.states?.get(id);
    const partner = this.shown && id !== this.shown && this.decks[0].together(this.shown).includes(id);
    const kind = state?.kind ?? (id <= this.until ? "past" : "unknown");
    return h(
      "div",
      {
        class: `st-event st-${kind}${id === this.active ? " st-active" : ""}${partner ? " st-partner" : ""}`, style: `top:${row * ROW}px`, role: "option", id: `${this.name}-${id}`,
        "data-event": id, "aria-posinset": id, "aria-setsize": this.total, "aria-selected": id === this.active ? "true" : "false",
      },
      h("span", { class: "st-symbol", "aria-hidden": "true" }, state?.symbol ?? ""),
      h("span", { class: "st-id" }, String(id)),
      h("span", { class: "st-type" }, type),
      h("span", { class: "st-name" }, name),
      h("span", { class: "st-tag" }, state ? state.words.join(", ") : kind === "unknown" ? h("span", { class: "tt-hidden" }, "not yet known") : ""),
    );
  }

  stop() {
    this.watch.disconnect();
  }
}
