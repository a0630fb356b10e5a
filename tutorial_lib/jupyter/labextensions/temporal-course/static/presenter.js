// The presenter's window: notes, clock and next scene of the lesson that another window of this browser shows. It hears
// which cell is active there, and may lead: to a scene, or by one of the course's own commands.

import { linkTo } from "./scene_link.js";

const CHANNEL = "temporal-course";
const sheet = JSON.parse(document.querySelector("#sheet").textContent);
const channel = new BroadcastChannel(CHANNEL);
const KEPT = `temporal-course:clock:${sheet.path}`;
const SLEEP = 60_000; // milliseconds between two ticks after which the machine was asleep

const $ = (id) => document.querySelector(`#${id}`);
const told = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** What was kept of the clock; a text that is none begins anew. */
function kept() {
  try {
    const read = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    return { spent: read.spent ?? {}, paused: read.paused === true };
  } catch {
    return { spent: {}, paused: false };
  }
}

const clock = kept(); // `spent`: seconds by scene number
let at = -1;
let since = Date.now();
const windows = new Map(); // of each window that shows the lesson: what it said last
let follows = null; // which of them
let moves = 0; // of all of them

const rows = sheet.scenes.map((scene) => {
  const row = document.createElement("button");
  row.type = "button";
  row.dataset.level = scene.level;
  const spans = [scene.number, `${scene.exercise ? "✎ " : ""}${scene.title}`, ""].map((text) => {
    const span = document.createElement("span");
    span.textContent = text;
    return span;
  });
  row.append(...spans);
  row.addEventListener("click", () => channel.postMessage({ what: "go", path: sheet.path, cell: scene.cells[0] }));
  $("list").append(row);
  return row;
});

function tick() {
  const now = Date.now();
  const { spent } = clock;
  const scene = sheet.scenes[at];
  if (scene && !clock.paused && now - since < SLEEP) spent[scene.number] = (spent[scene.number] ?? 0) + (now - since) / 1000;
  since = now;
  localStorage.setItem(KEPT, JSON.stringify(clock));
  const sum = (values) => values.reduce((total, each) => total + (each ?? 0), 0);
  const planned = sum(sheet.scenes.map(({ minutes }) => minutes)) || sheet.promised;
  for (const [k, { number, minutes }] of sheet.scenes.entries()) {
    rows[k].lastChild.textContent = `${told(spent[number] ?? 0)} / ${minutes === null ? "no minutes stated" : told(minutes * 60)}`;
    rows[k].lastChild.hidden = minutes === null && !spent[number];
  }
  const late = scene && scene.minutes !== null && (spent[scene.number] ?? 0) > scene.minutes * 60;
  $("clock").textContent = told(sum(Object.values(spent)));
  const over = late ? `, this scene is late: ${told(spent[scene.number])} of ${told(scene.minutes * 60)}` : "";
  $("plan").textContent = `of ${planned ?? "?"} minutes${over}${clock.paused ? ", paused" : ""}`;
  $("clock").parentElement.classList.toggle("late", Boolean(late));
  $("pause").textContent = clock.paused ? "Go on" : "Pause";
  $("pause").setAttribute("aria-pressed", String(clock.paused));
}

function show(cell) {
  const found = sheet.scenes.findIndex(({ cells }) => cells.includes(cell));
  if (found < 0) {
    $("where").textContent = "a cell that was not there when this window was opened: reload it";
    return;
  }
  tick();
  const scene = sheet.scenes[found];
  const then = sheet.scenes[found + 1];
  $("where").textContent = `cell ${scene.cells.indexOf(cell) + 1} of ${scene.cells.length}`;
  if (found === at) return;
  at = found;
  $("title").textContent = `${scene.number} ${scene.title}`;
  // Made by the server, which shows HTML in notes as text.
  $("notes").innerHTML = scene.notes.join("<hr>") || "<p>No notes for this scene.</p>";
  $("then").textContent = then ? `${then.number} ${then.title}` : "the end";
  $("code").textContent = then?.code[0] ?? "";
  $("code").hidden = !then?.code.length;
  for (const [k, row] of rows.entries()) row.toggleAttribute("aria-current", k === at);
  rows[at].scrollIntoView({ block: "nearest" });
  tick();
}

/** One more window shows the lesson: those known before may have crashed, and answer if they have not. */
function meet(data) {
  windows.clear();
  windows.set(data.window, data);
  channel.postMessage({ what: "ask", path: sheet.path });
}

/** Follows a window that presents before one that does not, and of these the one that moved last. */
function follow() {
  const [leader] = [...windows.values()].sort((a, b) => b.presenting - a.presenting || b.moved - a.moved);
  follows = leader?.window ?? null;
  tellState();
  if (leader) show(leader.cell);
}

function hear(data) {
  const known = windows.get(data.window);
  if (!data.answers) moves += 1;
  data.moved = data.answers ? (known?.moved ?? 0) : moves;
  if (known || data.answers) windows.set(data.window, data);
  else meet(data);
  follow();
}

function tellState() {
  const led = windows.get(follows);
  if (!led) {
    $("state").textContent = "waiting for the lesson's window";
    return;
  }
  const presenting = [...windows.values()].filter((each) => each.presenting).length;
  const several = presenting > 1 ? ` · ${presenting === 2 ? "two" : presenting} windows show this lesson: this follows the one that moved last` : "";
  $("state").textContent = led.lost || `${led.presenting ? "presenting" : "not presenting"} · kernel ${led.kernel}${several}`;
  $("state").classList.toggle("late", Boolean(led.lost));
}

/** A window is closed, or shows another page. */
function forget(window) {
  windows.delete(window);
  if (follows === window) channel.postMessage({ what: "ask", path: sheet.path }); // one that was never heard may be left
  follow();
}

channel.addEventListener("message", ({ data }) => {
  if (data.what === "catching up" && data.path === sheet.path) {
    $("catching").textContent = data.done < data.all ? `catching up: ${data.done} of ${data.all} cells` : "caught up";
  }
  if (data.what === "left") forget(data.window);
  if (data.what !== "at") return;
  if (data.path === sheet.path) hear(data);
  else if (windows.has(data.window)) forget(data.window);
  else if (follows === null) $("state").textContent = `the other window shows ${data.path}`;
});

const lead = { back: "present-back", next: "present-next", catch: "catch-up", solutions: "solutions" };
for (const [id, command] of Object.entries(lead)) {
  $(id).addEventListener("click", () => channel.postMessage({ what: "run", path: sheet.path, command: `course:${command}` }));
}
$("link").addEventListener("click", async () => {
  const scene = sheet.scenes[at];
  if (!scene) return;
  const link = linkTo(sheet.base, sheet.path, scene.number);
  await navigator.clipboard.writeText(link);
  $("catching").textContent = `copied: ${link}`;
});
$("pause").addEventListener("click", () => {
  tick();
  clock.paused = !clock.paused;
  tick();
});
$("reset").addEventListener("click", () => {
  clock.spent = {};
  since = Date.now();
  tick();
});
document.title = `Presenter: ${sheet.scenes[0]?.title ?? sheet.path}`;
channel.postMessage({ what: "ask", path: sheet.path });
setInterval(tick, 1000);
tick();
