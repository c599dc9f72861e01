/** Values under the pointer, or under the arrow keys, of one chart. */
import type { CursorView } from "../charts/chart-view.js";
import { middle, percentOf } from "../charts/scale.js";
import { fixed, moment, orNotAvailable, percent } from "../text/format.js";

const SVG = "http://www.w3.org/2000/svg";

/** Attaches a cursor to a figure. @returns a function that takes it off again. */
export function attachCursor(figure: Element, view: CursorView): () => void {
  const plot = figure.querySelector<SVGSVGElement>("svg.plot");
  const frame = figure.querySelector<HTMLElement>(".frame");
  const readout = figure.querySelector<HTMLElement>(".readout");
  const title = figure.querySelector("h3")?.textContent ?? "";
  if (plot === null || frame === null || readout === null || view.ts.length === 0) return () => {};
  const line = document.createElementNS(SVG, "line");
  line.setAttribute("class", "cursor");
  line.setAttribute("y1", "0");
  line.setAttribute("y2", String(Number(plot.getAttribute("height")) - 22));
  let at = -1;
  const show = (index: number): void => {
    at = Math.min(Math.max(index, 0), view.ts.length - 1);
    const x = percentOf(middle(at, view.ts.length));
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    if (line.parentNode !== plot) plot.append(line);
    readout.textContent = readoutText(view, at);
  };
  const hide = (): void => {
    at = -1;
    line.remove();
    readout.textContent = "";
  };
  const move = (event: PointerEvent): void => {
    const { left, width } = plot.getBoundingClientRect();
    show(Math.floor(((event.clientX - left) / width) * view.ts.length));
  };
  const key = (event: KeyboardEvent): void => {
    const steps: { readonly [key: string]: number } = {
      ArrowLeft: -1,
      ArrowRight: 1,
      PageUp: -10,
      PageDown: 10,
      Home: -view.ts.length,
      End: view.ts.length,
    };
    const step = steps[event.key];
    if (event.key === "Escape") hide();
    if (step === undefined) return;
    event.preventDefault();
    show(at < 0 ? (step < 0 ? view.ts.length - 1 : 0) : at + step);
  };
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", `${title}: values by the arrow keys`);
  plot.addEventListener("pointermove", move);
  plot.addEventListener("pointerleave", hide);
  frame.addEventListener("keydown", key);
  frame.addEventListener("blur", hide);
  return () => {
    hide();
    plot.removeEventListener("pointermove", move);
    plot.removeEventListener("pointerleave", hide);
    frame.removeEventListener("keydown", key);
    frame.removeEventListener("blur", hide);
  };
}

/** `2024-01-02 14:31 · Equity 100 000.00 · ...` */
export function readoutText({ ts, series, decimals }: CursorView, index: number): string {
  const parts = series.map(({ name, format, values }) => {
    const value = orNotAvailable(values[index] ?? null, (v) =>
      format === "percent" ? percent(v) : fixed(v, format === "price" ? decimals : 2),
    );
    return `${name} ${value}`;
  });
  return [moment(ts[index] ?? 0), ...parts].join(" \u00B7 ");
}
