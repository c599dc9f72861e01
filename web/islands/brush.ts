/** Draws a window across a plot with the pointer: press, drag, let go. */
export function attachBrush(figure: Element, onChosen: (from: number, to: number) => void): () => void {
  const plot = figure.querySelector<SVGSVGElement>("svg.plot");
  if (plot === null) return () => {};
  const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  box.setAttribute("class", "brush");
  box.setAttribute("y", "0");
  box.setAttribute("height", String(Number(plot.getAttribute("height")) - 22));
  let start: number | null = null;
  const placeOf = (event: PointerEvent): number => {
    const { left, width } = plot.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - left) / width, 0), 1);
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0 || event.pointerType !== "mouse") return;
    start = placeOf(event);
    plot.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent): void => {
    if (start === null) return;
    const now = placeOf(event);
    box.setAttribute("x", `${Math.min(start, now) * 100}%`);
    box.setAttribute("width", `${Math.abs(now - start) * 100}%`);
    if (box.parentNode !== plot) plot.append(box);
  };
  const up = (event: PointerEvent): void => {
    const from = start;
    start = null;
    box.remove();
    if (from === null) return;
    const to = placeOf(event);
    // A click is no window.
    if (Math.abs(to - from) > 0.01) onChosen(Math.min(from, to), Math.max(from, to));
  };
  plot.addEventListener("pointerdown", down);
  plot.addEventListener("pointermove", move);
  plot.addEventListener("pointerup", up);
  return () => {
    plot.removeEventListener("pointerdown", down);
    plot.removeEventListener("pointermove", move);
    plot.removeEventListener("pointerup", up);
  };
}
