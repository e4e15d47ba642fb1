// Shows the value of a curve under the pointer.
for (const card of document.querySelectorAll(".chart")) {
  const points = JSON.parse(card.dataset.points);
  const svg = card.querySelector("svg");
  const pointer = card.querySelector(".pointer");
  const tip = card.querySelector(".tip");
  const hide = () => { pointer.setAttribute("visibility", "hidden"); tip.hidden = true; };
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * 560;
    const near = points.reduce((a, b) => Math.abs(b[0] - x) > Math.abs(a[0] - x) ? a : b);
    pointer.setAttribute("visibility", "visible");
    pointer.querySelector("line").setAttribute("x1", near[0]);
    pointer.querySelector("line").setAttribute("x2", near[0]);
    pointer.querySelector("circle").setAttribute("cx", near[0]);
    pointer.querySelector("circle").setAttribute("cy", near[1]);
    const outer = card.getBoundingClientRect();
    tip.textContent = "step " + near[2] + ": " + near[3];
    tip.hidden = false;
    tip.style.left = box.left - outer.left + near[0] / 560 * box.width + "px";
    tip.style.top = box.top - outer.top + near[1] / 220 * box.height + "px";
  });
}
