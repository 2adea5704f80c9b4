/** Values under the pointer, for charts that are pictures: a line, and each curve's value there. */
import type { HoverPlot } from "../lib/display/hover_data.ts";

/** What a chart tells of itself in its `<metadata>`; undefined where it tells nothing. */
export function readHover(svg: SVGSVGElement): HoverPlot[] | undefined {
  try {
    return JSON.parse(svg.querySelector("metadata")?.textContent ?? "").hover;
  } catch {
    return undefined;
  }
}

/** Shows the values nearest to the pointer; what is shown lies in `node`, above the picture. */
export function showUnderPointer(
  node: HTMLElement,
  svg: SVGSVGElement,
  plots: readonly HoverPlot[],
): void {
  node.style.position = "relative";
  const line = node.appendChild(document.createElement("div"));
  line.className = "tessera-hover-line";
  const box = node.appendChild(document.createElement("div"));
  box.className = "tessera-hover";
  const hide = () => void (line.hidden = box.hidden = true);
  hide();
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("pointermove", (event) => {
    const outer = svg.getBoundingClientRect(), room = node.getBoundingClientRect();
    const scale = outer.width / svg.viewBox.baseVal.width;
    const x = (event.clientX - outer.left) / scale, y = (event.clientY - outer.top) / scale;
    const plot = plots.find(({ left, top, width, height }) =>
      x >= left && x <= left + width && y >= top && y <= top + height
    );
    const places = plot?.curves.flatMap((curve) => curve.x) ?? [];
    if (!plot || !places.length) return hide();
    const nearest = places.reduce((best, each) =>
      Math.abs(each - x) < Math.abs(best - x) ? each : best
    );
    const points = plot.curves.map((curve) => ({ ...curve, index: curve.x.indexOf(nearest) }))
      .filter(({ index }) => index >= 0);
    box.replaceChildren(
      `${plot.xLabel} ${points[0].at[points[0].index]}`,
      ...points.filter(({ values, index }) => values[index] !== "")
        .map(({ name, color, values, index }) => {
          const row = document.createElement("div");
          row.appendChild(document.createElement("span")).style.background = color;
          row.append(` ${name}: ${values[index]}`);
          return row;
        }),
    );
    line.hidden = box.hidden = false;
    const left = outer.left - room.left + nearest * scale;
    const top = outer.top - room.top + plot.top * scale;
    Object.assign(line.style, {
      ...{ left: `${left}px`, top: `${top}px`, height: `${plot.height * scale}px` },
    });
    const isRight = nearest > plot.left + plot.width / 2;
    Object.assign(box.style, {
      left: isRight ? "" : `${left + 10}px`,
      right: isRight ? `${room.width - left + 10}px` : "",
      top: `${top + 4}px`,
    });
  });
}
