// Runs before the page is drawn, so that it is never drawn in the wrong colours first.
const chosenTheme = localStorage.getItem("theme");
if (chosenTheme) document.documentElement.dataset.theme = chosenTheme;
