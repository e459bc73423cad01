// Flame graphs: a frame is zoomed in on without a new page, functions are found while one types, arrows lead from frame to
// frame. Everything is a link or a form that works without this.
const card = () => document.getElementById("flame");

function frames() {
  return [...card().querySelectorAll("svg.flame a")];
}

function box(frame) {
  const rect = frame.querySelector("rect");
  const left = parseFloat(rect.getAttribute("x"));
  return { left, right: left + parseFloat(rect.getAttribute("width")), depth: Number(frame.dataset.depth) };
}

// Asks for the page with something else shown, and puts that into this one.
async function show(address, remember) {
  const response = await fetch(address, { headers: { accept: "text/html" } });
  const page = response.ok && new DOMParser().parseFromString(await response.text(), "text/html");
  const next = page && page.getElementById("flame");
  if (!next) return location.assign(address);
  const typed = card().querySelector("#find")?.value;
  const focused = document.activeElement?.closest?.("svg.flame a")?.dataset.name;
  card().replaceWith(next);
  const field = next.querySelector("#find");
  if (field && typed !== undefined) field.value = typed;
  if (remember) history.pushState({ flame: true }, "", address);
  if (field?.value) find(field.value);
  if (focused) frames().find((frame) => frame.dataset.name === focused)?.focus();
}

// Marks what is found; of frames within one another the outermost counts.
function find(text) {
  const wanted = text.trim().toLowerCase();
  let count = 0;
  const parts = [];
  for (const frame of frames()) {
    const is = wanted !== "" && frame.dataset.depth !== "0" && frame.dataset.name.toLowerCase().includes(wanted);
    frame.classList.toggle("found", is);
    if (!is) continue;
    count += 1;
    const { left, right } = box(frame);
    if (!parts.some((part) => part.left <= left + 1e-6 && right <= part.right + 1e-6)) parts.push({ left, right });
  }
  const share = parts.reduce((sum, part) => sum + part.right - part.left, 0);
  const told = document.getElementById("found");
  if (told) told.textContent = wanted === "" ? "" : `${count} frame${count === 1 ? "" : "s"}, ${share.toFixed(1)} % of what is shown`;
}

// The nearest frame in a direction.
function step(from, key) {
  const here = box(from);
  const near = (frame) => {
    const there = box(frame);
    const overlaps = there.left < here.right && here.left < there.right;
    return {
      ArrowUp: there.depth === here.depth - 1 && overlaps && 0,
      ArrowDown: there.depth === here.depth + 1 && overlaps && there.left - here.left,
      ArrowLeft: there.depth === here.depth && there.right <= here.left + 1e-6 && here.left - there.right,
      ArrowRight: there.depth === here.depth && there.left >= here.right - 1e-6 && there.left - here.right,
    }[key];
  };
  const found = frames()
    .map((frame) => ({ frame, distance: near(frame) }))
    .filter(({ distance }) => distance !== false)
    .sort((a, b) => a.distance - b.distance);
  found[0]?.frame.focus();
}

if (card()?.querySelector("svg.flame")) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#flame svg.flame a, #flame a[data-flame]");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(link.getAttribute("href"), true);
  });
  document.addEventListener("input", (event) => {
    if (event.target.id === "find") find(event.target.value);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.closest("#flame")) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const frame = event.target.closest?.("#flame svg.flame a");
    if (frame && event.key.startsWith("Arrow")) {
      event.preventDefault();
      step(frame, event.key);
    } else if (event.key === "Escape" && event.target.closest?.("#flame") && event.target.id !== "find") {
      frames()[0]?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, button: 0 }));
    }
  });
  addEventListener("popstate", () => show(location.href, false));
}
