// The presenter's window: notes, clock and next scene of the lesson that another window of this browser shows. It hears
// which cell is active there, and may lead: to a scene, or by one of the course's own commands.

const CHANNEL = "temporal-course";
const sheet = JSON.parse(document.querySelector("#sheet").textContent);
const channel = new BroadcastChannel(CHANNEL);
const KEPT = `temporal-course:clock:${sheet.path}`;
const SLEEP = 60_000; // milliseconds between two ticks after which the machine was asleep
const QUIET = 3000; // milliseconds in which two windows that present are one that was just left

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
let follows = null; // which window, and when it was heard last

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

function hear(data) {
  const now = Date.now();
  const others = follows && follows.window !== data.window && now - follows.heard < QUIET;
  if (others && !data.presenting) return;
  const two = others && follows.presenting ? " · two windows show this lesson: this follows the one that moved last" : "";
  follows = { window: data.window, presenting: data.presenting, heard: now };
  $("state").textContent = data.lost || `${data.presenting ? "presenting" : "not presenting"} · kernel ${data.kernel}${two}`;
  $("state").classList.toggle("late", Boolean(data.lost));
  show(data.cell);
}

channel.addEventListener("message", ({ data }) => {
  if (data.what === "catching up" && data.path === sheet.path) {
    $("catching").textContent = data.done < data.all ? `catching up: ${data.done} of ${data.all} cells` : "caught up";
  }
  if (data.what !== "at") return;
  if (data.path === sheet.path) hear(data);
  else if (!follows) $("state").textContent = `the other window shows ${data.path}`;
});

const lead = { back: "present-back", next: "present-next", catch: "catch-up", solutions: "solutions" };
for (const [id, command] of Object.entries(lead)) {
  $(id).addEventListener("click", () => channel.postMessage({ what: "run", path: sheet.path, command: `course:${command}` }));
}
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
