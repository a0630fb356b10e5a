import { h, isNotebooks, keyboard, listen, prose, set } from "../../kit/static/common.js";

// A quiz: for each question a group of radio buttons, a button that checks, and what is to be said of the answer.
// An answer counts when it is checked, not when an arrow key passes over it.

let quizzes = 0; // radio buttons of one name are one group, and names are the page's

// *A few words* between stars, as the cards of exercises have them.
const stressed = (part) =>
  part.split(/(?<![\w*])\*(\w(?:[\w ]*\w)?)\*(?![\w*])/).map((each, k) => (k % 2 ? h("em", {}, each) : each));

function render({ model, el }) {
  const own = `quiz-${Date.now()}-${++quizzes}`;
  const score = h("span", { class: "quiz-score" });
  const asked = model.get("questions").map(ask);
  const root = h("div", { class: "tt tt-panel quiz", role: "group", "aria-label": "Quiz" },
    h("div", { class: "tt-bar quiz-bar" }, h("span", { class: "tt-title" }, "Quiz"), h("span", { class: "tt-grow" }), score),
    asked.map((each) => each.element));
  const home = (event) => {
    const choices = (event.target.closest("fieldset") ?? root).querySelectorAll("input");
    return [...choices].find((each) => each.checked) ?? choices[0];
  };
  root.append(keyboard(root, home, [["↑ ↓", "choose"], ["Enter", "check"], ["Tab", "next"]]));
  el.append(root);

  function ask(question, number) {
    const choices = question.choices.map((choice) => {
      const radio = h("input", { type: "radio", name: `${own}-${number}`, onchange: paint, onkeydown: enter });
      const mark = h("span", { class: "quiz-mark" });
      return { choice, radio, mark, label: h("label", { class: "quiz-choice" }, radio, h("span", {}, prose(choice.text, stressed)), mark) };
    });
    const button = h("button", { type: "button", class: "tt-button", onclick: check }, "Check");
    const said = h("div", { class: "quiz-said", role: "status" });
    const element = h("fieldset", { class: "quiz-question" },
      h("legend", {}, `${number + 1}. `, prose(question.text, stressed)),
      choices.map((each) => each.label), h("div", { class: "quiz-foot" }, button, said));
    const picked = () => choices.findIndex((each) => each.radio.checked);

    function enter(event) {
      if (event.key !== "Enter" || isNotebooks(event)) return;
      event.preventDefault();
      event.stopPropagation();
      check();
    }

    function check() {
      if (picked() < 0) {
        say("Choose an answer first.", "tt-muted");
        return;
      }
      // A new list each time: the kernel hears of a list that changed, not of a change in one.
      model.set("chosen", model.get("chosen").map((now, k) => (k === number ? picked() : now)));
      if (question.choices[picked()].right) {
        model.set("solved", model.get("solved").map((now, k) => now || k === number));
      }
      model.send({ number, choice: picked() }); // at once; the state waits until the kernel has answered the last one
      model.save_changes();
      repaint();
    }

    function say(words, look) {
      said.replaceChildren(h("span", { class: look }, words));
    }

    /** What is marked and said follows the answer that was checked last. */
    function paint() {
      const checked = model.get("chosen")[number] ?? -1;
      choices.forEach(({ choice, mark, label }, k) => {
        const known = k === checked;
        mark.textContent = known ? (choice.right ? "✓ right" : "✗ not so") : "";
        set(mark, { class: `quiz-mark ${known ? (choice.right ? "tt-done" : "tt-failed") : ""}` });
        set(label, { "data-picked": choices[k].radio.checked });
      });
      if (checked >= 0 && (picked() === checked || picked() < 0)) {
        const { right, why } = question.choices[checked];
        const word = h("b", { class: right ? "tt-done" : "tt-failed" }, right ? "✓ Right. " : "✗ Not so. ");
        said.replaceChildren(word, ...prose(why, stressed), right ? "" : " Choose again.");
      } else said.replaceChildren();
    }

    function restore() {
      const checked = model.get("chosen")[number] ?? -1;
      if (checked >= 0 && picked() < 0) choices[checked].radio.checked = true;
      paint();
    }

    return { element, restore };
  }

  function repaint() {
    for (const each of asked) each.restore();
    const solved = model.get("solved");
    const many = solved.filter(Boolean).length;
    score.textContent = `${many === solved.length ? "✓" : "○"} ${many} of ${solved.length} right`;
    set(score, { class: `quiz-score ${many === solved.length ? "tt-done" : "tt-muted"}` });
  }

  repaint();
  return listen(model, { "change:chosen": repaint, "change:solved": repaint });
}

export default { render };
