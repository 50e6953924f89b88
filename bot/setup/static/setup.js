// What is quicker with script: tokens are tested as they are pasted, and the manifest is copied. All works without it.

/** Ask the platform about what was pasted, and show what it says. */
function lookAtOnce(form) {
  const found = form.querySelector("[data-found]");
  let asked = 0;
  form.addEventListener("change", async () => {
    const turn = ++asked;
    found.setAttribute("aria-busy", "true");
    found.textContent = "Testing …";
    try {
      const answer = await fetch(form.dataset.look, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      const words = await answer.text();
      if (turn !== asked) return; // something else was pasted meanwhile
      found.replaceChildren(...new DOMParser().parseFromString(words, "text/html").body.childNodes);
    } finally {
      if (turn === asked) found.removeAttribute("aria-busy");
    }
  });
  form.addEventListener("paste", () => setTimeout(() => form.dispatchEvent(new Event("change"))));
}

/** Copy the words of a field. */
function copies(place) {
  place.hidden = false;
  place.querySelector("button").addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(place.dataset.copy).value);
    place.querySelector("[role=status]").textContent = "Copied.";
  });
}

document.querySelectorAll("[data-look]").forEach(lookAtOnce);
document.querySelectorAll("[data-copy]").forEach(copies);
document.querySelector("[aria-invalid]")?.focus();
