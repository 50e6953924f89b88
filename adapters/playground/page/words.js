// The page's own labels, in the language of whom one acts as. What has no translation stays in English.

const LANGUAGES = ["de"];

let spoken = "en";
let known = {};

/** Return which language the page speaks, as a code. */
export const language = () => spoken;

/** Speak another language from now on; return whether it is another. */
export async function speak(code) {
  const wanted = LANGUAGES.includes(code) ? code : "en";
  if (wanted === spoken) return false;
  known = wanted === "en" ? {} : (await import(`./words-${wanted}.js`)).WORDS;
  spoken = wanted;
  document.documentElement.lang = wanted;
  translateShell();
  return true;
}

/** Say something in the language of the page: `say("{name} leaves", { name })`. */
export const say = (english, values = {}) => {
  const words = known[english] ?? english;
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
};

const shell = [];

/** Find the labels that index.html brings along, before anything else is drawn. */
export function readShell() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const english = node.data.trim();
    if (english) shell.push({ english, put: (words) => (node.data = node.data.replace(/\S[^]*\S|\S/, () => words)) });
  }
  for (const node of document.querySelectorAll("[aria-label]"))
    shell.push({ english: node.ariaLabel, put: (words) => (node.ariaLabel = words) });
}

function translateShell() {
  for (const { english, put } of shell) put(say(english));
}
