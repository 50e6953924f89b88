// A two-minute tour for whoever is here for the first time: five steps, each of which can be done for them.

import { el, icon, unseen } from "./dom.js";

const WELCOME =
  "This is a small community in your browser. Act as anyone in it, use every command and button, and let time pass: " +
  "nothing you do here reaches a real chat.";
const STEPS = [
  {
    title: "Ask as Mia",
    words:
      "Mia is a member with a question. Trellis first looks whether someone has answered it before, and " +
      "then asks the right people.",
    act: "Type it for me",
    does: (app) => app.prepare("mia", "help", "/ask How do I rotate the webhook secret?"),
  },
  {
    title: "Answer as Noah",
    words: "Be Noah, open the thread beneath Mia’s question, and write what helped you.",
    act: "Be Noah",
    does: (app) => app.prepare("noah", "help", ""),
  },
  {
    title: "Say what solved it",
    words:
      "Be Mia again, and open the thread. In the ⋯ menu of Noah’s answer, choose “Mark as answer”: he is " +
      "thanked, and it is known from then on.",
    act: "Be Mia",
    does: (app) => app.prepare("mia", "help", ""),
  },
  {
    title: "Let time pass",
    words: "Trellis keeps its promises: reminders, hand-overs, digests. Nobody has to wait for them here.",
    act: "Skip to the next thing",
    does: (app) => app.skip({ to: "next" }),
  },
  {
    title: "See the other side",
    words:
      "Ava answers for a living. She sees #agents, and has commands of her own: type / to look through " +
      "them.",
    act: "Be Ava",
    does: (app) => app.prepare("ava", "agents", "/"),
  },
];

export class Tour {
  constructor(app, root) {
    this.app = app;
    this.root = root;
    this.step = Number(localStorage.getItem("tour") ?? -1);
    this.draw();
  }

  go(step) {
    this.step = step;
    localStorage.setItem("tour", String(step));
    this.draw();
    this.root.querySelector(".button.primary")?.focus();
  }

  draw() {
    const { step } = this;
    if (step >= STEPS.length) this.root.replaceChildren();
    else this.root.replaceChildren(step < 0 ? this.drawWelcome() : this.drawStep(STEPS[step], step));
  }

  drawWelcome() {
    const tour = this.button("Take the two-minute tour", () => this.go(0), true);
    const alone = this.button("Look around alone", () => this.end());
    return this.panel("Welcome to the playground", WELCOME, [tour, alone]);
  }

  drawStep({ title, words, act, does }, step) {
    const isLast = step + 1 === STEPS.length;
    const buttons = [
      this.button(act, () => does(this.app), true),
      step > 0 && this.button("Back", () => this.go(step - 1)),
      this.button(isLast ? "Done" : "Next", () => (isLast ? this.end() : this.go(step + 1))),
    ];
    const dots = STEPS.map((_, at) => el("li", { class: at < step ? "done" : at === step ? "now" : "" }));
    const steps = el("ol", { class: "steps", role: "img", "aria-label": `Step ${step + 1} of ${STEPS.length}` }, dots);
    return this.panel(title, words, buttons, steps);
  }

  panel(title, words, buttons, steps = null) {
    const close = el("button", { type: "button", class: "icon-button" }, icon("close"), unseen("Close the tour"));
    close.addEventListener("click", () => this.end());
    const controls = el("div", { class: "controls" }, buttons);
    return el(
      "section",
      { class: "tour", "aria-label": "A tour" },
      el("img", { src: "leaf.svg", alt: "", width: "40", height: "40" }),
      el("div", {}, steps, el("h2", {}, title), el("p", {}, words), controls),
      close,
    );
  }

  button(label, act, primary = false) {
    return el("button", { type: "button", class: primary ? "button primary" : "button", onclick: act }, label);
  }

  end() {
    this.go(STEPS.length);
    this.app.focusComposer();
  }
}
