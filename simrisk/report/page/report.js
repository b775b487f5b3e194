"use strict";
/* The page is complete without this: it names the date under the pointer on the finish curve, and unfolds all for print. */
(() => {
  for (const when of ["beforeprint", "afterprint"]) {
    addEventListener(when, () => {
      for (const part of document.querySelectorAll("details.data")) part.open = when === "beforeprint";
    });
  }
  const figure = document.querySelector('figure[data-chart="finish"]');
  const path = figure && figure.querySelector('[data-gid="finish-curve"] path');
  const { finished, levels } = JSON.parse(document.getElementById("levels").textContent);
  if (!path || !levels.length) return;
  const numbers = path.getAttribute("d").match(/-?[\d.]+/g).map(Number);
  const points = numbers.flatMap((x, i) => (i % 2 ? [] : [{ x, y: numbers[i + 1] }]));
  const bottom = points[0].y, top = points.at(-1).y;
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  figure.append(tip);
  figure.addEventListener("pointermove", (event) => {
    const toPage = path.getScreenCTM();
    const pointer = new DOMPoint(event.clientX, event.clientY).matrixTransform(toPage.inverse());
    const before = points.filter((point) => point.x <= pointer.x).at(-1);
    const share = before ? (finished * (bottom - before.y)) / (bottom - top) : 0;
    const near = levels.reduce((a, b) => (Math.abs(b[0] - share) < Math.abs(a[0] - share) ? b : a));
    tip.hidden = Math.abs(near[0] - share) > 0.01;
    if (tip.hidden) return;
    const place = figure.getBoundingClientRect();
    const spot = new DOMPoint(pointer.x, before.y).matrixTransform(toPage);
    tip.textContent = `P${Math.round(100 * near[0])}: ${near[1]}`;
    tip.style.left = `${spot.x - place.left}px`;
    tip.style.top = `${spot.y - place.top}px`;
  });
  figure.addEventListener("pointerleave", () => { tip.hidden = true; });
})();
