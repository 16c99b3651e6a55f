"use strict";
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const plots = [...document.querySelectorAll("[data-figure]")];
  const config = { displayModeBar: false, responsive: true, typesetMath: false, scrollZoom: false, doubleClick: false };

  // A figure names its colours as variables of the style sheet; what they are now is looked up here.
  function resolved(value, style) {
    if (typeof value === "string") {
      const found = /^var\((--[\w-]+)\)$/.exec(value);
      return found ? style.getPropertyValue(found[1]).trim() : value;
    }
    if (Array.isArray(value)) return value.map((part) => resolved(part, style));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, resolved(part, style)]));
    }
    return value;
  }

  function draw(plot) {
    const spec = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
    const { data, layout } = resolved(spec, window.getComputedStyle(root));
    // On paper there is no later resizing: the width is said.
    if (root.classList.contains("printing")) layout.width = plot.clientWidth;
    else layout.autosize = true;
    layout.height = plot.clientHeight;
    try {
      Plotly.react(plot, data, layout, config);
      plot.dataset.drawn = "";
    } catch (error) {
      plot.classList.add("failed");
      plot.textContent = "This figure could not be drawn. Its numbers are in the table beneath.";
      console.error(error);
    }
  }

  const waiting = () => plots.filter((plot) => !("drawn" in plot.dataset) && !plot.classList.contains("failed"));
  const drawn = () => plots.filter((plot) => "drawn" in plot.dataset);

  // What is near the window first, the rest one by one when there is nothing else to do.
  const near = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      if (!("drawn" in target.dataset)) draw(target);
    }
  }, { rootMargin: "300px" });
  plots.forEach((plot) => near.observe(plot));
  const idle = window.requestIdleCallback || ((work) => window.setTimeout(work, 50));
  function rest() {
    const next = waiting()[0];
    if (!next) {
      root.dataset.figures = "drawn";
      return;
    }
    near.unobserve(next);
    draw(next);
    idle(rest);
  }
  window.addEventListener("load", () => idle(rest));

  dark.addEventListener("change", () => drawn().forEach(draw));

  const folds = [...document.querySelectorAll("details")];
  let opened = [];
  function onPaper() {
    if (root.classList.contains("printing")) return;
    root.classList.add("printing");
    opened = folds.filter((fold) => !fold.open);
    opened.forEach((fold) => { fold.open = true; });
    plots.forEach(draw);
  }
  function onScreen() {
    if (!root.classList.contains("printing")) return;
    root.classList.remove("printing");
    opened.forEach((fold) => { fold.open = false; });
    plots.forEach(draw);
  }
  window.addEventListener("beforeprint", onPaper);
  window.addEventListener("afterprint", onScreen);
})();
