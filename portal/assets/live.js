// Live parts rest while nobody looks and while somebody fills in a form of theirs, and say so when the portal does not answer.
const notice = document.getElementById("unreachable");
const isPoll = (event) => event.detail.elt?.id === "live";

// What is typed, chosen or unfolded is not yet known to the portal, so its answer would undo it.
const isTyped = (field) => field.type !== "hidden" && field.value !== field.defaultValue;
const isInUse = () =>
  document.querySelector("#live form:focus-within, #live details[open] form") !== null ||
  [...document.querySelectorAll("#live :is(input, textarea)")].some(isTyped);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isPoll(event) && (document.hidden || isInUse())) event.preventDefault();
});

for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    if (notice && isPoll(event)) notice.hidden = false;
  });
}

document.addEventListener("htmx:afterOnLoad", () => {
  if (notice) notice.hidden = true;
});
