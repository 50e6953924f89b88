// A two-minute tour for whoever is here for the first time: five steps, each of which can be done for them.

import { el, icon, unseen } from "./dom.js";
import { say } from "./words.js";

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
    does: (app) => app.skipping.skip({ to: "next" }),
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
    const tour = this.button(say("Take the two-minute tour"), () => this.go(0), true);
    const alone = this.button(say("Look around alone"), () => this.end());
    return this.panel(say("Welcome to the playground"), say(WELCOME), [tour, alone]);
  }

  drawStep({ title, words, act, does }, step) {
    const isLast = step + 1 === STEPS.length;
    const buttons = [
      this.button(say(act), () => does(this.app), true),
      step > 0 && this.button(say("Back"), () => this.go(step - 1)),
      this.button(isLast ? say("Done") : say("Next"), () => (isLast ? this.end() : this.go(step + 1))),
    ];
    const dots = STEPS.map((_, at) => el("li", { class: at < step ? "done" : at === step ? "now" : "" }));
    const steps = el("ol", { class: "steps", role: "img", "aria-label": say("Step {step} of {steps}", { step: step + 1, steps: STEPS.length }) }, dots);
    return this.panel(say(title), say(words), buttons, steps);
  }

  panel(title, words, buttons, steps = null) {
    const close = el("button", { type: "button", class: "icon-button" }, icon("close"), unseen(say("Close the tour")));
    close.addEventListener("click", () => this.end());
    const controls = el("div", { class: "controls" }, buttons);
    return el(
      "section",
      { class: "tour", "aria-label": say("A tour") },
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
