import { h, isNotebooks, keyboard, listen, prose, set } from "../../kit/static/common.js";

// One question before the turn: a row of radio buttons. A choice counts at once, and can be changed until what happens
// is told. Digits take a choice, since it is one keystroke between two cells.

const stop = (choice) => (/[.!?]$/.test(choice) ? "" : ".");

let predictions = 0; // radio buttons of one name are one group, and names are the page's

function render({ model, el }) {
  const name = `predict-${Date.now()}-${++predictions}`;
  const choices = model.get("choices").map((choice, k) => {
    const radio = h("input", { type: "radio", name, onchange: () => take(k) });
    return { choice, radio, label: h("label", { class: "predict-choice" }, radio, h("kbd", { "aria-hidden": "true" }, k + 1), h("span", {}, prose(choice))) };
  });
  const said = h("div", { class: "predict-said", role: "status" });
  const root = h("div", { class: "tt tt-panel predict", role: "group", "aria-label": "Prediction", onkeydown: press },
    h("fieldset", { class: "predict-question" }, h("legend", {}, "Predict: ", prose(model.get("question"))),
      h("div", { class: "predict-choices" }, choices.map((each) => each.label))));
  const home = () => (choices.find((each) => each.radio.checked) ?? choices[0]).radio;
  const last = choices.length > 1 ? `1–${choices.length}` : "1";
  root.append(h("div", { class: "predict-foot" }, said, keyboard(root, home, [[last, "choose"], ["← →", "change"]])));
  el.append(root);

  const told = () => model.get("happened") !== "";

  function take(k) {
    if (!told() && choices[k].choice !== model.get("chosen")) {
      model.set("chosen", choices[k].choice);
      model.send({ chosen: choices[k].choice }); // at once; the state waits until the kernel has answered the last one
      model.save_changes();
    }
    paint(); // what was told is no longer changed: the choice that was said stays marked
  }

  /** Digits and Enter are the notebook's, too: it makes headings of cells with them, or edits one. */
  function press(event) {
    if (isNotebooks(event) || event.shiftKey) return;
    const k = event.key === "Enter" ? choices.findIndex((each) => each.radio === event.target) : Number(event.key) - 1;
    if (event.key !== "Enter" && !/^[1-9]$/.test(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!choices[k]) return;
    choices[k].radio.focus();
    take(k);
  }

  function words() {
    const [mine, was] = [model.get("chosen"), model.get("happened")];
    if (!mine) return ["What do you think? It is not graded."];
    if (!was) return ["You say: ", h("b", {}, prose(mine)), `${stop(mine)} Change it until you run on.`];
    if (was === mine) return ["As you said: ", h("b", {}, prose(was)), stop(was)];
    return ["You said: ", h("b", {}, prose(mine)), `${stop(mine)} It was: `, h("b", {}, prose(was)), stop(was)];
  }

  function paint() {
    const mine = model.get("chosen");
    for (const { choice, radio, label } of choices) {
      radio.checked = choice === mine;
      set(label, { "data-said": choice === mine });
      set(radio, { "aria-disabled": told() && "true" });
    }
    set(root, { "data-told": told() && "true" });
    const now = words();
    const before = said.textContent;
    const text = now.map((part) => part.textContent ?? part).join("");
    if (text !== before) said.replaceChildren(...now); // a status that stays the same is not read out again
    set(said, { class: `predict-said ${mine ? "" : "tt-muted"}` });
  }

  paint();
  return listen(model, { "change:chosen": paint, "change:happened": paint });
}

export default { render };
