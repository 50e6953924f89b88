// What makes the pages quicker where there is script; each of them works without.

/** Send a form once, however often its button is pressed. */
function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent); // also when somebody comes back to the page
}

/** Show only the rows that have the words in a field. */
function findAsTyped(field) {
  const rows = [...document.querySelectorAll(".rows > li")];
  field.closest("[hidden]").hidden = false;
  field.addEventListener("input", () => {
    const sought = field.value.trim().toLocaleLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLocaleLowerCase().includes(sought);
  });
}

document.querySelectorAll("form[method=post]").forEach(sendOnce);
document.querySelectorAll("[data-find]").forEach(findAsTyped);
// On a phone the pages are in one line, wider than the screen.
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
// A wrong answer is where the person goes on.
document.querySelector("[aria-invalid]")?.focus();
