// Code and history of a replay, one workflow task at a time, or those of two versions of the code in lock-step.

import { button, duration, h, isNotebooks, keyboard, listen, set, statusLine, watchWidth } from "../../kit/static/common.js";
import { Code } from "./code.js";
import { Deck, plural } from "./deck.js";
import { History } from "./events.js";
import { Inspector, nothing } from "./inspector.js";

const PACE = 1500; // milliseconds a task, when it plays

class Stepper {
  constructor(model, el) {
    this.model = model;
    const data = model.get("data");
    this.axis = data.axis;
    this.differs = data.differs;
    this.decks = data.sides.map((side) => new Deck(side, data.sides[0].events));
    const two = this.decks.length > 1;
    const names = this.names = this.decks.map((deck, k) => deck.label || (two ? ["Left", "Right"][k] : ""));
    const go = (id) => this.step(this.tickOf(id));
    this.codes = this.decks.map((deck, k) => new Code(deck, names[k] || `Code of ${deck.workflow}`));
    const shared = two && data.sides[1].events == null;
    this.histories = two && !shared ? this.decks.map((deck, k) => [[k], new History([deck], [""], go)])
      : [[this.decks.map((_, k) => k), new History(this.decks, two ? names : [""], go)]];
    // Only what was, not what it might have been, can be given another answer.
    this.histories[0][1].allow(model.get("answers") ?? {}, (change) => this.ask(change));
    this.inspectors = this.decks.map((deck, k) => new Inspector(deck, names[k], (step, line) => this.jump(k, step, line)));
    this.status = statusLine();
    this.root = h("div", { class: `tt st${two ? " st-two" : ""}`, role: "group", "aria-label": `Replay of ${this.decks[0].workflow}` });
    this.asked = h("div", { class: "st-asked tt-bar", role: "status" });
    this.drawAsked();
    this.parting = h("div", { class: "st-parting" });
    this.knownBody = h("div", { class: "st-known-body" });
    this.known = h("div", { class: "st-known tt-panel", hidden: true }, h("h4", {}, "What is known so far"), this.knownBody);
    this.root.append(
      this.head(),
      this.controls(),
      this.status.element,
      this.asked,
      this.parting,
      h("div", { class: "st-stage" }, this.codes.map((code) => code.element), this.histories.map(([, history]) => history.element)),
      this.known,
      h("div", { class: "st-below" }, this.inspectors.map((inspector) => inspector.element)),
      this.legend(),
      keyboard(this.root, () => this.slider, [["← →", "task"], ["↑ ↓", "line"], ["Home End", "first, last task"], ["p", "play"]]),
    );
    this.root.addEventListener("keydown", (event) => this.key(event));
    el.append(this.root);
    this.stops = this.findStops();
    this.drawStops();
    this.drawPlay();
    this.follow();
    this.unwatch = watchWidth(this.root, () => this.draw()); // how much room a note has beside its line
  }

  head() {
    this.title = h("span", { class: "tt-title" });
    this.facts = h("span", { class: "st-facts" });
    const [deck] = this.decks;
    return h("div", { class: "tt-bar st-top" }, this.title, this.facts, h("span", { class: "tt-grow" }), h("span", { class: "tt-muted" }, deck.workflow, " \u00b7 ", deck.status));
  }

  controls() {
    this.slider = h("input", { type: "range", class: "st-slider", min: 0, max: Math.max(0, this.axis.length - 1), "aria-label": "Workflow task" });
    this.slider.addEventListener("input", () => this.step(Number(this.slider.value)));
    this.marks = h("div", { class: "st-marks", "aria-hidden": "true" });
    this.back = button("Workflow task before (left arrow)", "\u25c4", () => this.step(this.tick - 1));
    this.next = button("Next workflow task (right arrow)", "\u25ba", () => this.step(this.tick + 1));
    this.playButton = button("Play", "", () => this.play());
    this.lineButton = button("Next line that ran (down arrow)", "\u2193 Next line", () => this.moveLine(1));
    this.stopButton = button("Next difference", "\u2260 Next difference", () => this.nextStop());
    this.knownButton = button("What is known so far", "\u2261 What is known so far", () => this.toggleKnown());
    set(this.knownButton, { "aria-pressed": "false" });
    return h("div", { class: "tt-bar" }, this.back, h("div", { class: "tt-grow st-track" }, this.slider, this.marks), this.next, this.playButton, this.lineButton, this.stopButton, this.knownButton);
  }

  legend() {
    const entry = (kind, symbol, words) => h("span", {}, h("span", { class: `st-key st-is-${kind}` }, symbol), ` ${words}`);
    return h(
      "div",
      { class: "st-legend tt-muted" },
      entry("ran", "\u25cf", "ran in this task"),
      entry("resumed", "\u21b3", "went on from an await"),
      entry("waits", "\u275a\u275a", "waits here"),
      entry("asked", "\u25c6", "asked for a command, and its event"),
      entry("in", "\u2192", "delivered now"),
    );
  }

  /** Ticks worth going to: a divergence, a failed task, the first difference of two sides. */
  findStops() {
    const found = new Map();
    this.axis.forEach((pair, tick) => {
      pair.forEach((index, k) => {
        const deck = this.decks[k];
        if (index == null) return;
        if (deck.steps[index].x) found.set(tick, ["!", "workflow task fails"]);
        if (deck.divergence?.step === index) found.set(tick, ["\u2260", "code and history part"]);
      });
    });
    if (this.differs && !found.has(this.differs.tick)) found.set(this.differs.tick, ["\u0394", "first difference"]);
    return [...found].sort(([a], [b]) => a - b);
  }

  /** Ticks at which a new instance starts again; none if they were too many to tell apart. */
  rebuilds() {
    const life = (tick) => this.axis[tick].map((index, k) => (index == null ? 0 : this.decks[k].steps[index].life ?? 0)).join();
    const ticks = this.axis.map((_, tick) => tick).filter((tick) => tick && life(tick) !== life(tick - 1));
    return this.decks.length > 1 || ticks.length > 40 ? [] : ticks;
  }

  drawStops() {
    const last = Math.max(1, this.axis.length - 1);
    this.marks.replaceChildren(
      ...this.rebuilds().map((tick) => h("span", { class: "st-rebuilt", style: `left:calc(8px + ${tick / last} * (100% - 16px))`, title: "a new instance" }, "\u21bb")),
      ...this.stops.map(([tick, [symbol, words]]) => h("span", { style: `left:calc(8px + ${tick / last} * (100% - 16px))`, title: words }, symbol)),
    );
    const name = this.stops.length === 0 ? "No difference" : this.stops.every(([, [symbol]]) => symbol === "\u0394") ? "First difference" : this.stops.every(([, [symbol]]) => symbol === "!") ? "Next failed task" : "Next difference";
    const symbol = this.stops[0]?.[1][0] ?? "\u2260";
    this.stopButton.textContent = `${symbol} ${name}`;
    set(this.stopButton, { "aria-label": name, title: name, disabled: !this.stops.length });
  }

  nextStop() {
    const [tick] = this.stops.find(([each]) => each > this.tick) ?? this.stops[0];
    this.step(tick);
  }

  toggleKnown() {
    this.known.hidden = !this.known.hidden;
    set(this.knownButton, { "aria-pressed": String(!this.known.hidden) });
    this.drawKnown();
  }

  /** Ask the kernel to replay with another answer. */
  ask(change) {
    this.asked.replaceChildren(h("span", { class: "tt-muted" }, "Asked. The kernel replays when it is free."));
    this.model.send({ type: "what-if", ...change });
  }

  drawAsked() {
    const [asked, note] = [this.model.get("asked"), this.model.get("note")];
    const back = asked && button("Back to how it was", "Back to how it was", () => this.ask({}));
    this.asked.replaceChildren(...[note && h("span", { class: "tt-failed" }, note), asked && h("b", {}, asked), back].filter(Boolean));
  }

  /** Show a step of a side, and a line of it. */
  jump(k, step, line) {
    this.step(this.axis.findIndex((pair) => pair[k] === step), line);
    this.slider.focus({ preventScroll: true }); // the button that was pressed is gone
  }

  /** The tick at which an event becomes known. */
  tickOf(id) {
    const seen = (tick) => this.axis[tick].some((index, k) => index != null && this.decks[k].steps[index].u >= id);
    const life = (tick) => this.axis[tick].map((index, k) => (index == null ? null : this.decks[k].steps[index].life ?? 0)).find((each) => each != null);
    const here = life(this.tick);
    for (let tick = 0; tick < this.axis.length; tick++) if (life(tick) === here && seen(tick)) return tick;
    return this.axis.length - 1;
  }

  key(event) {
    if (isNotebooks(event) || event.target.matches("input:not([type=range])")) return;
    const act = {
      ArrowRight: () => this.step(this.tick + 1),
      ArrowLeft: () => this.step(this.tick - 1),
      PageDown: () => this.step(this.tick + 10),
      PageUp: () => this.step(this.tick - 10),
      Home: () => this.step(0),
      End: () => this.step(this.axis.length - 1),
      ArrowDown: () => this.moveLine(1),
      ArrowUp: () => this.moveLine(-1),
      p: () => this.play(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation(); // JupyterLab moves between cells with the same keys
    act();
  }

  get lead() {
    return this.axis[this.tick]?.findIndex((index) => index != null) ?? 0;
  }

  stepOf(k) {
    const index = this.axis[this.tick]?.[k];
    return index == null ? null : this.decks[k].steps[index];
  }

  /** The step of a side now, or its last one before: what is known stays known. */
  latestOf(k) {
    const index = this.axis.slice(0, this.tick + 1).findLast((pair) => pair[k] != null)?.[k];
    return index == null ? null : this.decks[k].steps[index];
  }

  /** Go on by itself, a task a second and a half, until the end or until somebody takes over. */
  play() {
    if (this.timer) return this.pause();
    if (this.tick >= this.axis.length - 1) this.step(0);
    this.timer = setInterval(() => {
      this.go(this.tick + 1);
      if (this.tick >= this.axis.length - 1) this.pause();
    }, PACE);
    this.drawPlay();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.drawPlay();
  }

  drawPlay() {
    const words = this.timer ? "Pause (p)" : "Play: a task every second and a half (p)";
    this.playButton.textContent = this.timer ? "\u275a\u275a" : "\u25b6";
    set(this.playButton, { "aria-label": words, title: words, disabled: this.axis.length < 2 });
  }

  /** Go to a tick; `line` is the index of a line in it, or null for the whole task. */
  step(tick, line = null) {
    if (this.timer) this.pause();
    this.go(tick, line);
  }

  go(tick, line = null) {
    this.tick = Math.max(0, Math.min(this.axis.length - 1, tick));
    this.line = line;
    this.model.set("step", this.tick);
    this.model.save_changes();
    this.draw();
  }

  /** Follow the lines that ran, one at a time, on into the next task. */
  moveLine(by) {
    const lengths = (tick) => Math.max(0, ...this.axis[tick].map((index, k) => (index == null ? 0 : this.decks[k].trace(this.decks[k].steps[index]).length)));
    let tick = this.tick;
    let line = this.line == null ? (by > 0 ? 0 : lengths(tick) - 1) : this.line + by;
    while (line < 0 && tick > 0) line += lengths(--tick);
    while (line >= lengths(tick) && tick < this.axis.length - 1) line -= lengths(tick++);
    if (line >= 0 && line < lengths(tick)) this.step(tick, line);
  }

  /** Show the tick that the model holds; another view of the same widget may have moved it. */
  follow() {
    const tick = Math.max(0, Math.min(this.axis.length - 1, this.model.get("step")));
    if (tick === this.tick) return;
    this.tick = tick;
    this.line = null;
    this.draw();
  }

  draw() {
    if (!this.axis.length) {
      this.title.textContent = "No workflow task yet";
      return;
    }
    this.slider.value = this.tick;
    const deck = this.decks[this.lead];
    const step = this.stepOf(this.lead);
    this.drawHead(deck, step);
    this.codes.forEach((code, k) => {
      const own = this.stepOf(k);
      const length = own ? this.decks[k].trace(own).length : 0;
      code.show(own, this.line == null ? null : Math.min(this.line, length - 1), own ? this.countOf(own, k) : this.decks[k].end[0], this.decks.length > 1 ? this.storyOf(k) : null);
    });
    for (const [sides, history] of this.histories) history.show(sides.map((k) => this.stepOf(k)), sides.map((k) => this.latestOf(k)));
    this.inspectors.forEach((inspector, k) => inspector.show(this.stepOf(k), this.line));
    this.drawParting();
    this.drawKnown();
    this.back.disabled = this.tick === 0;
    this.next.disabled = this.tick === this.axis.length - 1;
  }

  countOf(step, k) {
    const many = this.decks[k].trace(step).length;
    return this.line == null ? `${step.cut ? "more than " : ""}${plural(many, "line")} ran` : `line ${Math.min(this.line + 1, many)} of ${many} that ran`;
  }

  drawHead(deck, step) {
    const parts = step.next ? ["no worker has begun with it"] : [`event ${step.s}`, step.r ? "replaying" : "live, for the first time"];
    if (step.part) parts.push(`part ${step.part[0]} of ${step.part[1]}`);
    if (step.at != null) parts.push(`workflow.now() is ${duration(step.at)} after the start`);
    if (deck.lives > 1) parts.push(`instance ${(step.life ?? 0) + 1} of ${deck.lives}`);
    this.title.textContent = step.next ? "The next workflow task" : `Workflow task ${step.n} of ${deck.tasks}`;
    this.facts.replaceChildren(...parts.map((part) => h("span", {}, part)));
    this.root.classList.toggle("st-live", !step.r);
    this.status.say(this.story().replaceAll("`", ""));
    set(this.slider, { "aria-valuetext": `${this.title.textContent}, ${parts.join(", ")}` });
  }

  /** The step in sentences; two sides have their own below their code. */
  story() {
    const told = this.storyOf(0);
    if (this.decks.length === 1) return told;
    if (this.differs?.tick === this.tick) return `First difference: ${this.differs.told}`;
    if (this.differs && this.tick > this.differs.tick) return "The two sides have differed before.";
    return this.decks.every((_, k) => this.storyOf(k) === told) ? told : "Until here both sides ask for the same.";
  }

  storyOf(k) {
    const step = this.stepOf(k);
    return step ? this.decks[k].pool[step.story] : this.decks[k].end[1];
  }

  drawParting() {
    const boxes = this.decks.map((deck, k) => {
      const found = deck.divergence;
      if (!found || this.axis[this.tick][k] !== found.step) return null;
      const fact = (name, ...value) => [h("dt", {}, name), h("dd", {}, ...value)];
      return h(
        "div",
        { class: "st-box" },
        h("div", { class: "st-box-head" }, h("span", { class: "st-ne", "aria-hidden": "true" }, "\u2260"), h("b", {}, "Code and history part here"), h("span", {}, deck.label || (this.decks.length > 1 ? ["Left", "Right"][k] : ""))),
        h("dl", {}, fact("The history has", h("code", {}, found.expected)), fact("The code produced", h("code", {}, found.produced), found.line ? ` in line ${found.line}: ` : "", found.source ? h("code", {}, found.source) : ""), fact("Core says", found.core)),
      );
    });
    const notes = this.decks.map((deck) => (deck.error ? h("div", { class: "st-box" }, h("div", { class: "st-box-head" }, h("span", { class: "st-ne" }, "!"), h("b", {}, "The replay ended early")), h("div", {}, deck.error)) : null));
    this.parting.replaceChildren(...[...boxes, ...(this.tick === this.axis.length - 1 ? notes : [])].filter(Boolean));
  }

  drawKnown() {
    if (this.known.hidden) return;
    const bodies = this.inspectors.map((inspector, k) => (this.stepOf(k) ? inspector.known(this.axis[this.tick][k]) : h("div", {}, nothing(this.decks[k].end[1]))));
    this.knownBody.replaceChildren(...bodies);
    this.knownBody.scrollTop = this.knownBody.scrollHeight; // the newest stand last
  }

  stop() {
    clearInterval(this.timer);
    this.unwatch();
    for (const [, history] of this.histories) history.stop();
  }
}

function render({ model, el }) {
  let stepper = null;
  const build = () => {
    stepper?.stop();
    el.replaceChildren();
    stepper = new Stepper(model, el);
  };
  build();
  const end = listen(model, { "change:data": build, "change:step": () => stepper.follow(), "change:note": () => stepper.drawAsked(), "change:asked": () => stepper.drawAsked() });
  return () => {
    end();
    stepper.stop();
  };
}

export default { render };
