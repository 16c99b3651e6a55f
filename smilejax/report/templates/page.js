"use strict";
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const plots = [...document.querySelectorAll("[data-figure]")];
  const config = { displayModeBar: false, responsive: true, typesetMath: false, scrollZoom: false, doubleClick: false };

  // A figure names its colours as variables of the style sheet; their present values are looked up here.
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
      plot.textContent = "This figure could not be drawn. Its numbers are in the table below.";
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

  // The section at the upper third of the window is the current one; at the very end of the page, the last.
  const links = [...document.querySelectorAll("nav a")];
  const places = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  let current = null;
  function mark() {
    const line = window.innerHeight / 3;
    const atEnd = window.scrollY > 0 && window.innerHeight + window.scrollY >= root.scrollHeight - 2;
    let at = atEnd ? places.length - 1 : places.findLastIndex((place) => place.getBoundingClientRect().top <= line);
    if (at < 0) at = 0;
    if (links[at] === current) return;
    current?.removeAttribute("aria-current");
    current = links[at];
    current.setAttribute("aria-current", "location");
    const list = current.closest("ol");
    if (list.scrollWidth > list.clientWidth) {
      const left = current.offsetLeft - (list.clientWidth - current.offsetWidth) / 2;
      list.scrollTo({ left, behavior: calm.matches ? "auto" : "smooth" });
    }
  }
  let asked = false;
  function later() {
    if (asked) return;
    asked = true;
    window.requestAnimationFrame(() => { asked = false; mark(); });
  }
  window.addEventListener("scroll", later, { passive: true });
  window.addEventListener("resize", later);
  mark();

  // A command is copied by a button, which is there only where it can work.
  async function copied(text, code) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      window.getSelection().selectAllChildren(code);
      return document.execCommand("copy");
    }
  }
  for (const command of document.querySelectorAll(".command")) {
    const [button, code, status] = ["button", "code", "[role=status]"].map((one) => command.querySelector(one));
    button.hidden = false;
    button.addEventListener("click", async () => {
      const words = (await copied(code.textContent, code)) ? "Copied" : "Select the text and copy it";
      button.textContent = words;
      status.textContent = words;
      window.setTimeout(() => { button.textContent = "Copy"; status.textContent = ""; }, 2500);
    });
  }

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
