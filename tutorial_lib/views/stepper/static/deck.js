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

  /** Locals that changed before the line at `index` of the trace ran, if the recording has them. */
  values(step, index) {
    const flat = step.v ?? [];
    for (let k = 0; k < flat.length; k += 2) if (flat[k] === index) return pairs(this.pool[flat[k + 1]]);
    return [];
  }
}

function pairs(flat) {
  const found = [];
  for (let k = 0; k < flat.length; k += 2) found.push([flat[k], flat[k + 1]]);
  return found;
}
