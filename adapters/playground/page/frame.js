// What is around the conversations: the buttons at the top and the side, the keys, the help, light and dark.

import { bringIn, importSample, letGo } from "./arrivals.js";
import { byId, el, icon } from "./dom.js";
import { openNote } from "./form.js";
import { say } from "./words.js";

const HELP =
  "Choose who you are on the left, and do what they would do. Replies marked “Only you can see this” are seen by " +
  "them alone. Skip time at the top: whatever Trellis has planned happens on the way.";
const KEYS = [
  ["/", "Write a command"],
  ["Ctrl Enter", "Send a form, from any of its fields"],
  ["Alt ↑ ↓", "Go to the channel above or below"],
  ["↑ ↓", "Move from message to message, once one has the focus"],
  ["Enter", "Open a message’s menu: react, reply, shortcuts"],
  ["R", "React to a message"],
  ["T", "Open a message’s thread"],
  ["Esc", "Close what is open"],
  ["?", "Show this"],
];

/** Brings what happens around the conversations to the app. */
export class Frame {
  constructor(app) {
    this.app = app;
    addEventListener("hashchange", () => app.follow());
    addEventListener("focus", () => app.markRead());
    document.addEventListener("visibilitychange", () => app.markRead());
    document.addEventListener("keydown", (event) => this.onKey(event));
    const buttons = {
      "skip-link": () => app.talk.focus(),
      help: () => this.showHelp(),
      theme: () => this.toggleTheme(),
      me: () => app.acts.openMe(),
      join: () => bringIn(app),
      import: () => importSample(app),
      leave: () => letGo(app),
    };
    for (const [id, act] of Object.entries(buttons)) byId(id).addEventListener("click", act);
    this.drawTheme();
    // The moment moves on, and with it "5 minutes ago".
    setInterval(() => app.draw(), 5000);
    setInterval(() => document.hidden || app.soon(), 60000);
  }

  onKey(event) {
    if (byId("dialog").open) return;
    const { app } = this;
    const writes = event.target.matches("input, textarea, select");
    if (event.key === "Escape" && app.thread && byId("thread").contains(event.target)) app.closeThread();
    else if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      const all = app.places.filter(({ kind }) => kind !== "thread");
      const at = all.findIndex(({ id }) => id === app.current) + (event.key === "ArrowUp" ? -1 : 1);
      app.goTo(all[(at + all.length) % all.length].id);
    } else if (!writes && event.key === "/" && !event.ctrlKey) {
      event.preventDefault();
      app.talk.composer.prepare("/");
    } else if (!writes && event.key === "?") this.showHelp();
  }

  showHelp() {
    const again = el("button", { type: "button", class: "button" }, say("Take the tour again"));
    again.addEventListener("click", () => {
      byId("dialog").close();
      this.app.tour.go(0);
    });
    const keys = KEYS.map(([key, what]) => el("div", {}, el("dt", {}, el("kbd", {}, key)), el("dd", {}, say(what))));
    openNote(
      say("How the playground works"),
      el("p", {}, say(HELP)),
      el("h3", {}, say("Keys")),
      el("dl", { class: "keys" }, keys),
      again,
    );
  }

  get isDark() {
    const { theme } = document.documentElement.dataset;
    return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  toggleTheme() {
    const theme = this.isDark ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
    this.drawTheme();
  }

  drawTheme() {
    byId("theme").querySelector("svg").replaceWith(icon(this.isDark ? "sun" : "moon"));
  }
}
