"use strict";
const $ = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// -- theme: automatic, light, dark ----------------------------------------------------------------------------------
const themes = ["auto", "light", "dark"];
function setTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  $("theme").textContent = theme;
  try { localStorage.setItem("whetstone-theme", theme); } catch { /* a file may have no storage */ }
}
let stored = null;
try { stored = localStorage.getItem("whetstone-theme"); } catch { /* as above */ }
setTheme(themes.includes(stored) ? stored : "auto");
$("theme").onclick = () => setTheme(themes[(themes.indexOf($("theme").textContent) + 1) % 3]);

// -- tooltip: anything with data-tip, and the curves ----------------------------------------------------------------
function showTip(text, x, y) {
  const tip = $("tip");
  tip.hidden = false;
  tip.textContent = text;
  tip.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${y - tip.offsetHeight - 10 > 0 ? y - tip.offsetHeight - 10 : y + 16}px`;
}
const hideTip = () => { $("tip").hidden = true; };
function tipOf(event) {
  const target = event.target.closest?.("[data-tip]");
  if (!target) return event.target.closest?.("svg") ? undefined : hideTip();
  const box = target.getBoundingClientRect();
  showTip(target.dataset.tip, event.clientX ?? box.left, event.clientY ?? box.top);
}
for (const name of ["pointermove", "pointerdown", "focusin"]) document.addEventListener(name, tipOf);
for (const name of ["focusout", "scroll"]) document.addEventListener(name, hideTip);

// -- curves ---------------------------------------------------------------------------------------------------------
function number(x) {
  const size = Math.abs(x);
  if (size >= 1e6) return `${+(x / 1e6).toPrecision(3)}M`;
  if (size >= 1e4) return `${+(x / 1e3).toPrecision(3)}k`;
  return size !== 0 && size < 1e-3 ? x.toExponential(1) : String(+x.toPrecision(4));
}

function ticks(low, high, wanted) {
  const raw = (high - low) / wanted || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= raw);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(i * step);
  return found;
}

function smoothed(points) {  // a centred mean over a twenty-fifth of the curve
  const half = Math.floor(points.length / 50), sums = [0];
  for (const [, y] of points) sums.push(sums[sums.length - 1] + y);
  return points.map(([x], i) => {
    const a = Math.max(0, i - half), b = Math.min(points.length, i + half + 1);
    return [x, (sums[b] - sums[a]) / (b - a)];
  });
}

function svg(tag, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

// One curve in a box of W x H units; `low` and `high` bound the vertical axis. A noisy curve is drawn pale, its mean bold.
function drawCurve(title, points, low, high, W, H) {
  if (high - low < 1e-12) [low, high] = [low - Math.max(0.5, Math.abs(low) * 0.1), high + Math.max(0.5, Math.abs(high) * 0.1)];
  const noisy = points.length > 100 && new Set(points.map((p) => p[1])).size > 30;
  const mean = noisy ? smoothed(points) : points;
  const first = points[0][0], last = points[points.length - 1][0], left = 38, bottom = H - 18, top = 8;
  const X = (x) => left + (W - left - 8) * (last > first ? (x - first) / (last - first) : 0.5);
  const Y = (y) => bottom - (bottom - top) * (y - low) / (high - low);
  const path = (line) => "M" + line.map(([x, y]) => `${X(x).toFixed(1)},${Y(y).toFixed(1)}`).join("L");
  const figure = svg("svg", { viewBox: `0 0 ${W} ${H}`, tabindex: 0, role: "img", "aria-label": `${title}: ${number(points[0][1])} at step ${first} to ${number(points[points.length - 1][1])} at step ${last}` });
  for (const y of ticks(low, high, H > 120 ? 5 : 3)) {
    figure.append(svg("line", { class: "gridline", x1: left, x2: W - 8, y1: Y(y), y2: Y(y) }), svg("text", { x: left - 5, y: Y(y) + 4, "text-anchor": "end" }, number(y)));
  }
  for (const x of ticks(first, last, W > 250 ? 5 : 2)) figure.append(svg("text", { x: X(x), y: H - 3, "text-anchor": "middle" }, number(x)));
  if (noisy) figure.append(svg("path", { class: "raw", d: path(points) }));
  figure.append(svg("path", { class: "curve", d: path(mean) }));
  if (points.length === 1) figure.append(svg("circle", { class: "dot", r: 4, cx: X(first), cy: Y(points[0][1]) }));
  const cross = svg("line", { class: "cross", y1: top, y2: bottom, visibility: "hidden" }), dot = svg("circle", { class: "dot", r: 4, visibility: "hidden" });
  figure.append(cross, dot);
  let at = points.length - 1;
  function point(i) {
    at = Math.max(0, Math.min(points.length - 1, i));
    const [x, y] = points[at], box = figure.getBoundingClientRect(), px = X(x), py = Y(mean[at][1]);
    for (const [name, value] of [["x1", px], ["x2", px], ["visibility", "visible"]]) cross.setAttribute(name, value);
    for (const [name, value] of [["cx", px], ["cy", py], ["visibility", "visible"]]) dot.setAttribute(name, value);
    showTip(`${title}\nstep ${x}: ${number(y)}${noisy ? `, mean ${number(mean[at][1])}` : ""}`, box.left + px * box.width / W, box.top + py * box.height / H);
  }
  function leave() { hideTip(); for (const node of [cross, dot]) node.setAttribute("visibility", "hidden"); }
  function nearest(event) {
    const box = figure.getBoundingClientRect(), x = first + ((event.clientX - box.left) / box.width * W - left) / (W - left - 8) * (last - first);
    let a = 0, b = points.length - 1;
    while (b - a > 1) { const middle = (a + b) >> 1; if (points[middle][0] < x) a = middle; else b = middle; }
    point(Math.abs(points[a][0] - x) < Math.abs(points[b][0] - x) ? a : b);
  }
  figure.addEventListener("pointermove", nearest);
  figure.addEventListener("pointerdown", nearest);
  figure.addEventListener("pointerleave", leave);
  figure.addEventListener("blur", leave);
  figure.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) { event.preventDefault(); point(at + step * Math.max(1, Math.round(points.length / 100))); }
  });
  return make("div", { class: "chart" }, make("h4", {}, make("div", { title }, title), make("span", {}, number(mean[mean.length - 1][1]))), figure);
}

function range(curves) {
  const values = curves.flatMap((curve) => curve.points.map((p) => p[1]));
  const low = values.reduce((a, b) => Math.min(a, b)), high = values.reduce((a, b) => Math.max(a, b));
  return low >= 0 && low < high / 2 ? [0, high] : [low, high];  // start at zero unless that would flatten the curve
}

function drawCharts(charts) {
  const box = make("div", { class: "charts" });
  for (const { title, curves } of charts) box.append(drawCurve(title, curves[0].points, ...range(curves), 360, 190));
  return box;
}

// Several curves in one box, against a logarithmic axis of tokens; a point with bounds has a whisker.
function drawLines({ title, x: axis, curves }) {
  const W = 560, H = 300, left = 42, bottom = H - 34, top = 10, right = W - 12;
  const all = curves.flatMap((curve) => curve.points), xs = all.map((p) => Math.max(1, p[0]));
  const low = Math.log10(Math.min(...xs)) - 0.08, high = Math.log10(Math.max(...xs)) + 0.08;
  const tallest = Math.max(0.05, ...all.map((p) => p[3] ?? p[1])), ceiling = tallest > 0.55 ? 1 : Math.ceil(tallest * 11) / 10;
  const X = (x) => left + (right - left) * (Math.log10(Math.max(1, x)) - low) / (high - low);
  const Y = (y) => bottom - (bottom - top) * y / ceiling;
  const figure = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": title });
  for (const y of ticks(0, ceiling, 5)) figure.append(svg("line", { class: "gridline", x1: left, x2: right, y1: Y(y), y2: Y(y) }), svg("text", { x: left - 6, y: Y(y) + 4, "text-anchor": "end" }, number(+y.toFixed(3))));
  const within = (x) => Math.log10(x) >= low && Math.log10(x) <= high, round = [];
  for (let power = Math.floor(low); power <= high; power++) for (const m of high - low > 2.5 ? [1] : [1, 2, 5]) round.push(m * 10 ** power);
  const few = round.filter(within).length < 2;  // within less than a factor of two or so
  for (const x of (few ? ticks(10 ** low, 10 ** high, 4) : round).filter(within)) {
    figure.append(svg("line", { class: "gridline", x1: X(x), x2: X(x), y1: top, y2: bottom }), svg("text", { x: X(x), y: bottom + 15, "text-anchor": "middle" }, number(+x.toPrecision(6))));
  }
  figure.append(svg("text", { x: (left + right) / 2, y: H - 3, "text-anchor": "middle" }, axis));
  const legend = make("ul", { class: "series" });
  curves.forEach(({ name, points, faint, color }) => {
    const kind = `series-${color % 8}${faint ? " faint" : ""}`;
    if (points.length > 1) figure.append(svg("path", { class: `curve ${kind}`, d: "M" + points.map(([x, y]) => `${X(x).toFixed(1)},${Y(y).toFixed(1)}`).join("L") }));
    for (const [x, y, from, to] of points) {
      if (from !== undefined) figure.append(svg("line", { class: `whiskers ${kind}`, x1: X(x), x2: X(x), y1: Y(from), y2: Y(to) }));
      const tip = `${name}\n${number(Math.round(x))} tokens: ${y.toFixed(3)}${from === undefined ? "" : ` (${from.toFixed(3)} to ${to.toFixed(3)})`}`;
      figure.append(svg("circle", { class: `dot ${kind}`, r: points.length > 12 ? 2.5 : 4.5, cx: X(x), cy: Y(y), tabindex: 0, "data-tip": tip, "aria-label": tip }));
    }
    legend.append(make("li", {}, make("i", { class: `key ${kind}` }), name));
  });
  return make("div", { class: "chart wide" }, make("h4", {}, make("div", {}, title)), figure, legend);
}

function drawAll(data) {
  if ($("compute-charts")) $("compute-charts").replaceChildren(...data.compute.map(drawLines));
  if (!$("curves")) return;
  $("curves").replaceChildren();
  for (const { stage, charts } of data.curves) {
    const single = charts.filter((c) => c.curves.length === 1 && !c.curves[0].name);
    const main = single.filter((c) => c.first), rest = single.filter((c) => !c.first);
    $("curves").append(make("h3", {}, stage), drawCharts(main));
    for (const { title, curves } of charts.filter((c) => !single.includes(c))) {
      const box = make("div", { class: "charts small" }), [low, high] = range(curves);
      for (const { name, points } of curves) box.append(drawCurve(name, points, low, high, 200, 110));
      $("curves").append(make("details", { class: "more", open: "" }, make("summary", {}, `${title} (${curves.length})`), box));
    }
    if (rest.length) $("curves").append(make("details", { class: "more" }, make("summary", {}, `other measurements (${rest.length})`), drawCharts(rest)));
  }
}

// -- heat maps of many tasks: a family opens into its tasks, in all maps at once ------------------------------------
function toggleFamily(event) {
  const head = event.target.closest?.(".family-row th");
  if (!head || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  const open = head.getAttribute("aria-expanded") !== "true", name = head.title;
  for (const other of document.querySelectorAll(".family-row th")) {
    if (other.title !== name) continue;
    other.setAttribute("aria-expanded", open);
    other.closest("tbody").nextElementSibling.hidden = !open;
  }
}
for (const name of ["click", "keydown"]) document.addEventListener(name, toggleFamily);

