// What stepper/layout.py laid out for one recording, unpacked as it is needed.

import { h } from "../../kit/static/common.js";

/** Text with `code` in it as nodes. */
export const rich = (text) => text.split("`").map((part, k) => (k % 2 ? h("code", {}, part) : part));

/** "1 line", "3 lines". */
export const plural = (many, word, words = `${word}s`) => `${many} ${many === 1 ? word : words}`;

/** Scroll as little as is needed to see a place with some lines around it. */
export function reveal(pane, top, height) {
  const room = pane.clientHeight;
  const margin = Math.min(66, room / 4);
  if (top - margin < pane.scrollTop || top + height + margin > pane.scrollTop + room) {
    pane.scrollTop = Math.max(0, Math.min(top - margin, top - room / 2 + height)); // its beginning, if it is high
  }
}

/** Scroll so that all of some rows are seen; whether there is room for them. */
export function revealAll(pane, rows) {
  const top = Math.min(...rows.map(({ offsetTop }) => offsetTop));
  const bottom = Math.max(...rows.map(({ offsetTop, offsetHeight }) => offsetTop + offsetHeight));
  const room = pane.clientHeight;
  if (bottom - top > room) return false;
  if (top < pane.scrollTop || bottom > pane.scrollTop + room) pane.scrollTop = Math.max(0, (top + bottom - room) / 2);
  return true;
}

export const SELF = "self.";

export class Deck {
  constructor(side, events) {
    Object.assign(this, side);
    this.events = side.events ?? events;
    let state = {};
    let life;
    for (const step of this.steps) {
      if ((step.life ?? 0) !== life) state = {};
      life = step.life ?? 0;
      step.before = state;
      if (step.d) {
        state = { ...state };
        for (const [name, value] of Object.entries(step.d)) {
          if (value === null) delete state[name];
          else state[name] = this.pool[value];
        }
      }
      step.state = state;
      step.u ??= step.s;
    }
  }

  /** Why there is no step after the last one, in a few words and in a sentence. */
  get end() {
    const last = this.steps.at(-1);
    if (this.divergence) {
      const at = this.divergence.event ? ` at event ${this.divergence.event}` : "";
      return [`stopped${at}`, `This side stopped${at}: there code and history part, and the workflow task fails.`];
    }
    if (last?.x && last.next) return ["stopped", "This side stopped: the next workflow task would fail."];
    if (last?.x) return [`stopped at event ${last.s}`, `This side stopped at event ${last.s}: the workflow task that starts there fails.`];
    if (this.error) return ["stopped early", `This side stopped early: ${this.error}`];
    if (this.closed) return [`ended at event ${this.closed}`, `This side has ended before: event ${this.closed} closes the run.`];
    const all = this.events.length;
    return [`known until event ${all}`, `What is known of this side ends at event ${all}: what would come next, nobody knows.`];
  }

  /** The events that belong together with one, e.g. an activity's scheduled, started and completed; it is among them. */
  together(id) {
    const root = this.spans[id - 1] || id;
    if (root === 1) return [id]; // what ends a run belongs to its start, and so far away nobody wants to be sent
    this.groups ??= Map.groupBy(this.spans.map((opener, k) => [opener || k + 1, k + 1]), ([opener]) => opener);
    return this.groups.get(root).map(([, each]) => each);
  }

  /** What ran in a step: [[file, line, resumed], ...]. */
  trace(step) {
    if (!step.trace) {
      const flat = step.t == null ? [] : this.pool[step.t];
      step.trace = [];
      for (let k = 0; k < flat.length; k += 2) step.trace.push([flat[k], Math.abs(flat[k + 1]), flat[k + 1] < 0]);
    }
    return step.trace;
  }

  /** The suspended coroutines: [{ name, frames: [{ name, file, line, end, locals }] }]. */
  suspended(step) {
    return (step.f ?? []).map((index) => {
      const [name, frames] = this.pool[index];
      const unpacked = frames.map(([func, file, line, end, locals]) => ({ name: func, file, line, end, locals: pairs(locals) }));
      return { name, frames: unpacked };
    });
  }

  /** Whether the recording has values before each line. */
  hasValues(step) {
    return Boolean(step.v ?? step.o);
  }

  /** The attributes before the line at `index` of the trace ran, in a recording that has them. */
  attributesAt(step, index) {
    const state = { ...step.before };
    for (let k = 0; k <= index; k++) for (const [name, value] of this.values(step, k)) if (name.startsWith(SELF)) state[name.slice(SELF.length)] = value;
    return state;
  }

  /** What the line at `index` of the trace changed: [[name, value], ...]. */
  changedBy(step, index) {
    return [...new Map(this.writes(step).filter(([line]) => line === index).map(([, name, value]) => [name, value]))];
  }

  /** Where an attribute got its value: [index of the step, index of the line or null], seen from a step. */
  written(name, from) {
    const { life } = this.steps[from];
    for (let at = from; at >= 0 && this.steps[at].life === life; at--) {
      const step = this.steps[at];
      if (!(name in (step.d ?? {}))) continue;
      const last = this.writes(step).findLast(([, each]) => each === SELF + name);
      return [at, last && last[2] === step.state[name] ? last[0] : null]; // else no line did it that is shown
    }
    return null;
  }

  /** What changed before the line at `index` of the trace ran, if the recording has it; attributes as `self.name`. */
  values(step, index) {
    const found = pairs(step.v ?? []).find(([line]) => line === index);
    return found ? pairs(this.pool[found[1]]) : [];
  }

  /** What the lines of the trace changed, in the order in which it happened: [[index of the line, name, value], ...]. */
  writes(step) {
    return pairs(step.o ?? []).flatMap(([line, values]) => pairs(this.pool[values]).map(([name, value]) => [line, name, value]));
  }
}

function pairs(flat) {
  const found = [];
  for (let k = 0; k < flat.length; k += 2) found.push([flat[k], flat[k + 1]]);
  return found;
}
