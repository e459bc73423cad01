// The values under the pointer. The portal has put them into data-points, one list a step: its time, then a line a
// series, all as they are to be read.
let open = null;

function points(chart) {
  try {
    return JSON.parse(chart.dataset.points);
  } catch {
    return [];
  }
}

function close() {
  open?.remove();
  open = null;
  for (const line of document.querySelectorAll(".chart .here")) line.remove();
}

function show(chart, x) {
  const steps = points(chart);
  const style = getComputedStyle(chart);
  const box = chart.getBoundingClientRect();
  const left = box.left + parseFloat(style.paddingLeft);
  const width = box.width - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const share = (x - left) / width;
  if (!steps.length || share < 0 || share > 1) return close();
  const index = Math.min(steps.length - 1, Math.round(share * (steps.length - 1)));
  close();
  const at = steps.length > 1 ? index / (steps.length - 1) : 0;
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  line.setAttribute("class", "now here");
  for (const [name, value] of [["x1", `${at * 100}%`], ["x2", `${at * 100}%`], ["y1", "0"], ["y2", "100%"]]) line.setAttribute(name, value);
  chart.append(line);
  open = document.createElement("div");
  open.className = "chart-values";
  open.setAttribute("aria-hidden", "true");
  for (const text of steps[index]) open.append(Object.assign(document.createElement("span"), { textContent: text }));
  chart.parentElement.append(open);
  open.classList.toggle("end", at > 0.5);
}

document.addEventListener("pointermove", (event) => {
  const chart = event.target.closest?.(".chart[data-points]");
  if (chart) show(chart, event.clientX);
  else if (open) close();
});
document.addEventListener("pointerleave", close);
document.addEventListener("htmx:beforeSwap", close);
