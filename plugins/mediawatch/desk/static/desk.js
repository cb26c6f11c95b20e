// The desk in Airflow's frame. The frame is sandboxed: what leaves it is clicked in the parent's document.
"use strict";

const parent_document = () => {
  try {
    return window.parent !== window ? window.parent.document : null;
  } catch {
    return null; // framed by another origin: the policy forbids it, so this is only for old browsers
  }
};

// ---- theme: Airflow's own where framed, the system's where not ----

const outer = parent_document();
const dark_system = window.matchMedia("(prefers-color-scheme: dark)");

const take_theme = () => {
  const dark = outer ? outer.documentElement.classList.contains("dark") : dark_system.matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
};

take_theme();
document.documentElement.classList.toggle("framed", outer !== null);
dark_system.addEventListener("change", take_theme);
if (outer) {
  new MutationObserver(take_theme).observe(outer.documentElement, { attributes: true, attributeFilter: ["class"] });
}

// ---- links out of the frame ----

const leave = (link) => {
  const address = new URL(link.href);
  if (!["http:", "https:"].includes(address.protocol)) return; // never a javascript: address in the parent
  const anchor = outer.createElement("a");
  anchor.href = address.href;
  if ("out" in link.dataset) {
    anchor.target = "_blank";
    anchor.rel = "noopener noreferrer";
  }
  outer.body.append(anchor);
  anchor.click();
  anchor.remove();
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-out], a[data-top]");
  if (!link || !outer) return;
  event.preventDefault();
  leave(link);
});

// ---- forms: a choice in a filter applies at once; a button that writes asks once and is pressed once ----

document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-auto] select, form[data-auto] input[type=checkbox]")) event.target.form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "post") {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    return;
  }
  for (const field of form.querySelectorAll("input, select")) field.disabled = field.value === ""; // short addresses
});

window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form:not([method=post]) :disabled")) field.disabled = false;
});
