// The code of one recording, and what a step did to its lines.

import { h } from "../../kit/static/common.js";
import { plural, reveal, revealAll, rich } from "./deck.js";

const SYMBOLS = { ran: "\u25cf", resumed: "\u21b3", asked: "\u25c6", waits: "\u275a\u275a", now: "\u25ba", set: "\u25b2", diverged: "\u2260", failed: "!" };
const CHARACTER = 7.3; // pixels of a character of code
const MARGIN = 100; // pixels before the code
const NOTE = 22; // pixels of a note beside its words

export class Code {
  constructor(deck, title) {
    this.deck = deck;
    this.rows = new Map(); // "file:line" to its row
    this.touched = new Set();
    this.lines = h("div", { class: "st-lines" });
    this.pane = h("div", { class: "st-pane st-code", tabindex: "0", role: "region", "aria-label": title }, this.lines);
    this.note = h("span", { class: "st-note" });
    this.told = h("div", { class: "st-told", hidden: true });
    this.element = h("div", { class: "st-side tt-panel" }, h("div", { class: "st-head" }, h("b", {}, title), this.note), this.pane, this.told);
    deck.files.forEach((file, number) => this.file(file, number));
    if (!deck.files.length) this.lines.append(h("div", { class: "tt-empty" }, "No line of the learner's code ran."));
  }

  file(file, number) {
    this.lines.append(h("div", { class: "st-file" }, file.name));
    if (!file.parts.length) this.lines.append(h("div", { class: "tt-empty" }, "The source of these lines is gone."));
    let next = 1;
    for (const [first, lines] of file.parts) {
      this.gap(next, first - 1);
      lines.forEach((runs, k) => this.line(number, first + k, runs));
      next = first + lines.length;
    }
    this.gap(next, file.lines);
  }

  gap(from, to) {
    if (to >= from) this.lines.append(h("div", { class: "st-gap" }, `\u22ef ${plural(to - from + 1, "line")} that never ran`));
  }

  line(file, number, runs) {
    const indent = /^ */.exec(runs.filter((_, k) => k % 2).join(""))[0].length;
    const text = h("code", { class: "st-text", style: `--st-hang:${indent + 2}ch` });
    for (let k = 0; k < runs.length; k += 2) text.append(runs[k] ? h("span", { class: `st-${runs[k]}` }, runs[k + 1]) : runs[k + 1]);
    const row = { runs, kinds: new Set(), often: 0, mark: h("span", { class: "st-mark", "aria-hidden": "true" }), notes: h("span", { class: "st-notes" }) };
    row.element = h("div", { class: "st-row" }, row.mark, h("span", { class: "st-no" }, String(number)), text, row.notes);
    this.rows.set(`${file}:${number}`, row);
    this.lines.append(row.element);
  }

  /** Give a line a kind of mark, if the line is shown. */
  mark(file, number, ...kinds) {
    const row = this.rows.get(`${file}:${number}`);
    if (!row) return null;
    this.touched.add(row);
    for (const kind of kinds) row.kinds.add(kind);
    return row;
  }

  /** Put a note beside a line; below it, if the code leaves no room, for code is never hidden. */
  say(row, kind, words, title) {
    if (!row) return;
    row.notes.append(h("span", { class: `st-pill st-is-${kind}`, title }, `${SYMBOLS[kind]} ${words}`));
    row.element.classList.toggle("st-note-below", !this.fits(row));
  }

  fits(row, more = "") {
    const notes = [...row.notes.children].map((note) => note.textContent);
    if (more) notes.push(more);
    const wide = notes.reduce((sum, words) => sum + NOTE + words.length * 6, 0);
    return MARGIN + lengthOf(row) * CHARACTER + wide < (this.pane.clientWidth || 600);
  }

  clear() {
    for (const row of this.touched) {
      row.element.className = "st-row";
      row.kinds.clear();
      row.often = 0;
      row.mark.replaceChildren();
      row.notes.replaceChildren();
    }
    this.touched.clear();
  }

  /**
   * Mark what a step did. `line` is the index of the line that runs now, or null for the whole step; without a
   * step the pane rests.
   */
  show(step, line, why, told) {
    this.clear();
    this.note.textContent = why;
    this.told.hidden = !told;
    this.told.replaceChildren(...rich(told ?? ""));
    this.element.classList.toggle("st-ended", !step);
    if (!step) return;
    const trace = this.deck.trace(step);
    const last = line ?? trace.length - 1;
    const whole = last >= trace.length - 1;
    trace.forEach(([file, number, resumed], k) => {
      const row = this.mark(file, number, k > last ? "will" : resumed ? "resumed" : "ran");
      if (row && k <= last) row.often += 1;
    });
    if (line != null) this.changes(step, last);
    const now = trace.length ? this.mark(...trace[last].slice(0, 2), ...(line == null ? [] : ["now"])) : null;
    this.asks(step, last);
    const focus = [now];
    if (whole) focus.unshift(this.waits(step));
    if (whole) focus.unshift(this.parts(step));
    for (const row of this.touched) this.dress(row);
    const seen = line == null ? focus.find(Boolean) : now;
    // A handler that ran stands elsewhere than the line that waits now: both, if there is room.
    if (line == null && this.touched.size && revealAll(this.pane, [...this.touched].map((row) => row.element))) return;
    if (seen) reveal(this.pane, seen.element.offsetTop, seen.element.offsetHeight);
  }

  /** Say on the line that runs what it changes. */
  changes(step, index) {
    const [file, number] = this.deck.trace(step)[index];
    if (!this.deck.hasValues(step)) return;
    for (const [name, value] of this.deck.changedBy(step, index).slice(-2)) {
      const words = `${name} = ${value}`;
      this.say(this.mark(file, number), "set", words.length > 52 ? `${words.slice(0, 24)}\u2026${words.slice(-27)}` : words, words); // lists grow at their end
    }
  }

  /** Mark the lines that asked for a command until the line at `last` of the trace. */
  asks(step, last) {
    const trace = this.deck.trace(step);
    let end = trace.length;
    // The newest command came from the last time that its line ran, the one before from before that ...
    for (const [words, file, number, event] of [...(step.c ?? [])].reverse()) {
      const at = trace.slice(0, end).findLastIndex(([f, n]) => f === file && n === number);
      if (at > last) continue;
      if (at >= 0) end = at + 1;
      const row = this.mark(file, number, "asked");
      this.say(row, "asked", event ? `event ${event}` : "asked", this.deck.pool[words].replaceAll("`", ""));
    }
  }

  /** Mark the awaits that the coroutines stand at; returns the row of the first. */
  waits(step) {
    let first = null;
    for (const task of this.deck.suspended(step)) {
      const frame = task.frames.at(-1);
      if (!frame) continue;
      const rows = [];
      for (let number = frame.line; number <= frame.end; number++) rows.push(this.mark(frame.file, number, "waits"));
      const shown = rows.filter(Boolean);
      // Of a statement over several lines, the first one that is short enough bears the words.
      const bearer = shown.find((row) => this.fits(row, "waits here, ")) ?? shown[0];
      if (bearer && !bearer.notes.querySelector(".st-is-waits")) this.say(bearer, "waits", "waits here");
      first ??= rows[0];
    }
    return first;
  }

  /** Mark the line where the task failed, or where code and history part; returns its row. */
  parts(step) {
    const { divergence, steps } = this.deck;
    let row = null;
    if (step.x && step.x[2]) {
      row = this.mark(step.x[1], step.x[2], "failed");
      this.say(row, "failed", "fails here");
    }
    if (divergence?.line && steps[divergence.step] === step) {
      row = this.mark(divergence.file, divergence.line, "diverged");
      row?.notes.replaceChildren(); // one word is enough
      this.say(row, "diverged", "parts here");
    }
    return row;
  }

  /** Classes and symbols of a row, from its kinds. */
  dress({ element, kinds, mark, often }) {
    for (const kind of kinds) element.classList.add(`st-is-line-${kind}`);
    const shown = ["now", "diverged", "failed", "waits", "asked", "resumed", "ran"].filter((kind) => kinds.has(kind));
    const most = shown.slice(0, 2).reverse(); // two have room
    mark.append(...most.map((kind) => h("span", { class: `st-is-${kind}` }, SYMBOLS[kind])));
    if (often > 1) mark.prepend(h("span", { class: "st-times" }, `\u00d7${often}`));
  }
}

const lengthOf = (row) => row.runs.reduce((sum, part, k) => sum + (k % 2 ? part.length : 0), 0);
