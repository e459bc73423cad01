// Live parts rest while nobody looks, and say so when the portal does not answer.
const notice = document.getElementById("unreachable");
const isPoll = (event) => event.detail.elt?.id === "live";

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isPoll(event) && document.hidden) event.preventDefault();
});

for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    if (notice && isPoll(event)) notice.hidden = false;
  });
}

document.addEventListener("htmx:afterOnLoad", () => {
  if (notice) notice.hidden = true;
});
