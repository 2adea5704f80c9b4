import { escapeHtml } from "../platform/last_value.ts";
import { formatNumber, maximum, minimum } from "./numbers.ts";
import { seriesStyles } from "./style.ts";
import { fontFamily } from "./text_metrics.ts";

export interface SmallCurvesOptions {
  /** Values by name, at equal distances from `from` to `to`; what is no number leaves a gap. */
  series: Record<string, readonly number[]>;
  from: number;
  to: number;
  xLabel: string;
  yLabel: string;
  /** What the picture says, for those who cannot see it. */
  words: string;
}

const size = { width: 320, height: 150 };
const plot = { left: 62, right: 12, top: 22, bottom: 36 };

/**
 * A small picture of curves as SVG inside a page, made at once and without Plotly: its axes have the colour
 * of the text around it, and their ends alone have numbers.
 */
export function smallCurves(options: SmallCurvesOptions): string {
  const { series, from, to, xLabel, yLabel, words } = options;
  const all = Object.values(series).flat().filter(Number.isFinite);
  const [low, high] = all.length ? [Math.min(0, minimum(all)), maximum(all)] : [0, 1];
  const [right, bottom] = [size.width - plot.right, size.height - plot.bottom];
  const x = (part: number) => round(plot.left + part * (right - plot.left));
  const y = (value: number) =>
    round(bottom - (value - low) / (high - low || 1) * (bottom - plot.top));
  const styles = seriesStyles(Object.keys(series));
  const lines = Object.entries(series).map(([name, values]) => {
    const { color } = styles.get(name)!;
    if (values.length === 1 && Number.isFinite(values[0])) {
      return `<circle cx="${x(0.5)}" cy="${y(values[0])}" r="3" fill="${color}"/>`;
    }
    let path = "", pen = "M";
    values.forEach((value, at) => {
      if (Number.isFinite(value)) path += `${pen}${x(at / (values.length - 1))} ${y(value)}`;
      pen = Number.isFinite(value) ? "L" : "M";
    });
    return `<path d="${path}" fill="none" stroke="${color}" stroke-width="2"/>`;
  });
  const text = (at: [number, number], anchor: string, words: string, more = "") =>
    `<text x="${at[0]}" y="${at[1]}" text-anchor="${anchor}"${more}>${escapeHtml(words)}</text>`;
  const legend = Object.keys(series).length > 1
    ? Object.keys(series).map((name, at) =>
      `<rect x="${150 + 84 * at}" y="6" width="9" height="9" fill="${styles.get(name)!.color}"/>` +
      text([163 + 84 * at, 14], "start", name)
    )
    : [];
  const { width, height } = size;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
    `height="${height}" role="img" aria-label="${escapeHtml(words)}" fill="currentColor" ` +
    `style="font-family:${fontFamily};font-size:11px;max-width:100%">`,
    `<path d="M${plot.left} ${plot.top}V${bottom}H${right}" fill="none" stroke="currentColor" ` +
    `stroke-opacity="0.5"/>`,
    ...lines,
    text([plot.left - 6, plot.top + 4], "end", formatNumber(high, 3)),
    text([plot.left - 6, bottom], "end", formatNumber(low, 3)),
    text([plot.left, 14], "start", yLabel),
    text([plot.left, bottom + 15], "start", formatNumber(from, 3)),
    text([right, bottom + 15], "end", formatNumber(to, 3)),
    text([(plot.left + right) / 2, bottom + 28], "middle", xLabel),
    ...legend,
    "</svg>",
  ].join("\n");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
