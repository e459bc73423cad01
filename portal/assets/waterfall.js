// The waterfall: folding, keys, zooming by dragging. Everything else are links that work without this.
const list = document.querySelector("#waterfall .trace ol");
const map = document.querySelector(".trace-map");

function depth(row) {
  return Number(row.dataset.depth);
}

// Shows or hides what is below a span; what was folded inside stays folded.
function fold(row, folded) {
  const twist = row.querySelector("button.twist");
  if (!twist) return;
  twist.setAttribute("aria-expanded", String(!folded));
  let hiddenBelow = Infinity;
  for (let next = row.nextElementSibling; next && depth(next) > depth(row); next = next.nextElementSibling) {
    if (depth(next) <= hiddenBelow) hiddenBelow = Infinity;
    next.hidden = folded || hiddenBelow !== Infinity;
    if (hiddenBelow === Infinity && next.querySelector('button.twist[aria-expanded="false"]')) hiddenBelow = depth(next);
  }
}

function step(row, forward) {
  let next = row;
  do next = forward ? next.nextElementSibling : next.previousElementSibling;
  while (next?.hidden);
  next?.querySelector("a.open").focus();
}

function choose(row) {
  list.querySelector('[aria-current="true"]')?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
}

if (list) {
  for (const twist of list.querySelectorAll("button.twist")) twist.disabled = false;
  list.addEventListener("click", (event) => {
    const row = event.target.closest("li");
    const twist = event.target.closest("button.twist");
    if (twist) fold(row, twist.getAttribute("aria-expanded") === "true");
    else if (event.target.closest("a.open")) choose(row);
  });
  list.addEventListener("keydown", (event) => {
    const row = event.target.closest("li");
    const act = {
      ArrowLeft: () => fold(row, true),
      ArrowRight: () => fold(row, false),
      ArrowUp: () => step(row, false),
      ArrowDown: () => step(row, true),
    }[event.key];
    if (!act || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
  });
  // Where the details stand below the waterfall they would open out of sight.
  document.addEventListener("htmx:afterSettle", (event) => {
    const details = document.getElementById("span-details");
    if (event.detail.elt === details && matchMedia("(max-width: 75rem)").matches) details.scrollIntoView();
  });
}

if (map) {
  for (const hint of document.querySelectorAll(".only-script[hidden]")) hint.hidden = false;
  const share = (event) => {
    const box = map.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  let from = null;
  const brush = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  brush.setAttribute("class", "shown");
  brush.setAttribute("height", "100%");
  map.addEventListener("pointerdown", (event) => {
    from = share(event);
    brush.setAttribute("width", "0");
    map.append(brush);
    map.setPointerCapture(event.pointerId);
  });
  map.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const to = share(event);
    brush.setAttribute("x", `${Math.min(from, to) * 100}%`);
    brush.setAttribute("width", `${Math.abs(to - from) * 100}%`);
  });
  map.addEventListener("pointercancel", () => {
    from = null;
    brush.remove();
  });
  map.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const ends = [from, share(event)].sort((a, b) => a - b);
    from = null;
    brush.remove();
    // A click is no choice of a part.
    if (ends[1] - ends[0] < 0.005) return;
    const nanos = Number(map.dataset.nanos);
    const to = new URL(location.href);
    to.searchParams.set("from", Math.floor(ends[0] * nanos));
    to.searchParams.set("to", Math.ceil(ends[1] * nanos));
    location.assign(to);
  });
}
