// What the code holds after a step: deliveries, commands, attributes, locals, and what is still open.

import { h } from "../../kit/static/common.js";
import { plural, rich, SELF } from "./deck.js";

/** A section with a heading. */
const section = (title, ...content) => h("section", { class: `st-section${title.startsWith("self") ? " st-self" : ""}` }, h("h4", {}, title), ...content);
const row = (cells, attributes) => h("tr", attributes, cells.map((cell) => h("td", {}, ...[cell].flat())));

/** A quiet line where there is nothing to show. */
export const nothing = (words) => h("p", { class: "tt-muted" }, words);
const list = (items) => h("ul", { class: "st-list" }, items);

export class Inspector {
  /** `jump(step, line)` shows a step, or a line of its trace. */
  constructor(deck, letter, jump) {
    this.deck = deck;
    this.jump = jump;
    this.element = h("div", { class: "st-inspector", role: "group", "aria-label": letter ? `State of the code, ${letter}` : "State of the code" });
  }

  /** `line`: index of the line that runs now, or null. */
  show(step, line) {
    this.element.hidden = !step;
    if (!step) return;
    if (step.thin) {
      this.element.replaceChildren(nothing("A recording this long keeps lines and values of its newest tasks only."));
      return;
    }
    this.element.replaceChildren(
      h("div", {}, this.jobs(step), this.commands(step)),
      h("div", {}, this.attributes(step, line)),
      h("div", {}, line == null ? this.coroutines(step) : this.now(step, line), this.open(step)),
    );
  }

  jobs({ j = [] }) {
    const items = j.map(([words, event, value]) => this.fact(words, event, value));
    return section("Delivered in this task", items.length ? list(items) : nothing("Nothing new."));
  }

  fact(words, event, value) {
    const { pool } = this.deck;
    return h(
      "li",
      {},
      h("span", { class: "st-ref st-in" }, event ? `\u2192 ${event}` : "\u2192"),
      h("span", {}, ...rich(pool[words])),
      value == null ? null : h("span", { class: "st-value tt-mono" }, pool[value]),
    );
  }

  commands({ c = [] }) {
    const items = c.map(([words, , line, event]) =>
      h(
        "li",
        {},
        h("span", { class: "st-ref st-out" }, event ? `\u25c6 ${event}` : "\u25c6"),
        h("span", {}, ...rich(this.deck.pool[words])),
        line ? h("span", { class: "tt-muted" }, `line ${line}`) : null,
      ),
    );
    return section("Commands of this task", items.length ? list(items) : nothing("None: the code asked for nothing new."));
  }

  /** A button that leads to the line that gave an attribute its value. */
  where(name, step) {
    const found = this.deck.written(name, this.deck.steps.indexOf(step));
    if (!found) return "";
    const [at, line] = found;
    const [, number] = line == null ? [] : this.deck.trace(this.deck.steps[at])[line];
    const label = `Where did self.${name} change? ${number ? `Line ${number}, in` : "In"} workflow task ${this.deck.steps[at].n}`;
    return h("button", { type: "button", class: "st-link", "aria-label": label, title: label, onclick: () => this.jump(at, line) }, "where?");
  }

  attributes(step, line) {
    const { d = {}, before: first } = step;
    const exact = line != null && this.deck.hasValues(step);
    const state = exact ? this.deck.attributesAt(step, line) : step.state;
    // Line by line, what the line before changed; else what the whole task did.
    const before = exact && line > 0 ? this.deck.attributesAt(step, line - 1) : first;
    const rows = Object.entries(state).map(([name, value]) => {
      const changed = exact ? before[name] !== value : name in d;
      const old = before[name];
      const told = changed && old !== undefined ? h("div", { class: "st-old" }, "was ", h("s", {}, old)) : null;
      const mark = changed ? h("span", { class: "st-changed" }, old === undefined ? "\u271a new" : "\u25b2 changed") : "";
      return row([h("code", {}, name), [h("code", {}, value), told], [mark, h("div", {}, exact ? "" : this.where(name, step))]], { class: changed ? "st-fresh" : null });
    });
    const body = rows.length ? h("table", { class: "tt-table st-table" }, h("tbody", {}, rows)) : nothing("No attributes.");
    return section(line == null ? "self" : exact ? "self, before this line" : "self, after the whole task", body);
  }

  locals(entries) {
    const rows = entries.map(([name, value]) => row([h("code", {}, name), h("code", {}, value)]));
    return rows.length ? h("table", { class: "tt-table st-table" }, h("tbody", {}, rows)) : null;
  }

  coroutines(step) {
    const parts = this.deck.suspended(step).map((task) =>
      h(
        "div",
        { class: "st-coroutine" },
        task.frames.flatMap((frame, k) => [
          h(
            "div",
            {},
            h("span", { class: "st-ref st-wait" }, k === task.frames.length - 1 ? "\u275a\u275a" : "\u2193"),
            h("b", {}, k ? frame.name : task.name),
            h("span", { class: "tt-muted" }, ` ${k ? "" : frame.name === task.name ? "" : `${frame.name} `}line ${frame.line}`),
          ),
          this.locals(frame.locals),
        ]),
      ),
    );
    return section("Coroutines and their locals", ...(parts.length ? parts : [nothing("None is left: the code has ended.")]));
  }

  now(step, line) {
    const values = new Map();
    for (let k = 0; k <= line; k++) for (const [name, value] of this.deck.values(step, k)) if (!name.startsWith(SELF)) values.set(name, value);
    const fresh = new Set(this.deck.values(step, line).map(([name]) => name));
    if (!values.size) return this.coroutines(step);
    const rows = [...values].map(([name, value]) =>
      row([h("code", {}, name), h("code", {}, value), fresh.has(name) ? h("span", { class: "st-changed" }, "\u25b2 changed") : ""], { class: fresh.has(name) ? "st-fresh" : null }),
    );
    return section("Locals before this line", h("table", { class: "tt-table st-table" }, h("tbody", {}, rows)));
  }

  open({ w = [] }) {
    const items = w.map((index) => {
      const [words, , line] = this.deck.pool[index];
      return h("li", {}, h("span", { class: "st-ref st-wait" }, "\u2026"), h("span", {}, ...rich(words)), line ? h("span", { class: "tt-muted" }, `line ${line}`) : null);
    });
    return section("Waits for", items.length ? list(items) : nothing("Nothing."));
  }

  /** All that the history has told the code up to a step: with the code, this is the whole state. */
  known(at) {
    const { steps } = this.deck;
    const step = steps[at];
    const facts = [];
    for (let k = at; k >= 0 && (steps[k].life ?? 0) === (step.life ?? 0); k--) facts.unshift(...(steps[k].j ?? []));
    const shown = facts.slice(-200);
    const rest = this.deck.events.length - step.u;
    return h(
      "div",
      {},
      shown.length < facts.length ? nothing(`${facts.length - shown.length} earlier deliveries, and then:`) : null,
      list(shown.map((fact) => this.fact(...fact))),
      h("p", {}, `From these ${plural(facts.length, "delivery", "deliveries")} and the code alone, replay rebuilds all that you see here. `,
        h("b", {}, rest ? `Not yet known: ${plural(rest, "event")}.` : "Nothing is unknown any more: the history ends here.")),
    );
  }
}
