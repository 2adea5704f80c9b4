/**
 * What a drawn chart of curves tells under the pointer: where its plots lie, and each point's place and
 * words. It stands in the SVG's `<metadata>`, which pages that know it read and all others pass over.
 */
import { formatNumber } from "./numbers.ts";

/** One plot of a chart; places are in the SVG's pixels. */
export interface HoverPlot {
  left: number;
  top: number;
  width: number;
  height: number;
  xLabel: string;
  curves: {
    name: string;
    color: string;
    /** The points' places from the left, what stands for them there, and their values. */
    x: number[];
    at: string[];
    values: string[];
  }[];
}

/** More points than these would make a notebook large, and lie too close to be pointed at. */
const mostPoints = 2000;

// deno-lint-ignore no-explicit-any -- Plotly's own state has no types here
type Untyped = any;

/** The plots of a chart that Plotly has drawn, where it tells values by their place on the x axis. */
export function hoverPlots(layout: Untyped, traces: Untyped[]): HoverPlot[] | undefined {
  const points = traces.reduce((sum, { x }) => sum + (x?.length ?? 0), 0);
  if (layout.hovermode !== "x unified" || points === 0 || points > mostPoints) return undefined;
  return layout._subplots.cartesian.map((id: string): HoverPlot => {
    const { xaxis, yaxis } = layout._plots[id];
    const own = traces.filter((trace) => trace.xaxis + trace.yaxis === id);
    return {
      left: xaxis._offset,
      top: yaxis._offset,
      width: xaxis._length,
      height: yaxis._length,
      xLabel: unescaped(xaxis.title.text ?? ""),
      curves: own.map(({ name, line, x, y }) => ({
        name: unescaped(name),
        color: line.color,
        x: Array.from(x, (value) => Math.round((xaxis._offset + xaxis.d2p(value)) * 10) / 10),
        at: Array.from(x as number[], (value) => formatNumber(value)),
        values: Array.from(
          y as (number | null)[],
          (each) => each === null ? "" : formatNumber(each),
        ),
      })),
    };
  });
}

/** The plots as an element of the SVG. */
export function hoverMetadata(plots: readonly HoverPlot[]): string {
  const codes: Record<string, string> = { "&": "\\u0026", "<": "\\u003c", ">": "\\u003e" };
  const json = JSON.stringify({ hover: plots }).replace(/[&<>]/g, (sign) => codes[sign]);
  return `<metadata>${json}</metadata>`;
}

/** Names as they were given; Plotly's are escaped. */
function unescaped(text: string): string {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}
