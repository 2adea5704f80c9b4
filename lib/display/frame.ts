import type { Figure } from "./drawing.ts";
import { faintInk, font, fontSize, gridColor } from "./style.ts";
import { maximum } from "./numbers.ts";
import { textWidth } from "./text_metrics.ts";

/** What stands round the plotting area of a chart. */
export interface FrameOptions {
  width: number;
  /** Without the caption, which is added below. */
  height: number;
  title?: string;
  caption?: string;
  /** The names in the legend, which stands above the plot; none where empty. */
  legend?: readonly string[];
  margin: { left: number; right: number; top?: number; bottom: number };
}

export interface Frame {
  width: number;
  height: number;
  margin: { l: number; r: number; t: number; b: number; pad: number };
  [key: string]: unknown;
}

/** Plotly's tools for zooming and saving; data is never sent anywhere. */
export const configuration = {
  displaylogo: false,
  showSendToCloud: false,
  modeBarButtonsToRemove: ["select2d", "lasso2d"],
};

const toolsHeight = 24;

/** The figure with a free row at its top, where Plotly's tools hide nothing. */
export function withRoomForTools(figure: Figure): Figure {
  const { height, margin, title } = figure.layout as Frame & { title?: { y: number } };
  const taller = height + toolsHeight;
  return {
    ...figure,
    layout: {
      ...figure.layout,
      height: taller,
      margin: { ...margin, t: margin.t + toolsHeight },
      // As far from the bottom as before.
      ...(title && { title: { ...title, y: title.y * height / taller } }),
      modebar: { bgcolor: "rgba(0,0,0,0)", color: "#767676", activecolor: "#0072B2" },
    },
  };
}

export const tickSize = fontSize - 1;

/** What every axis of a chart looks like. */
export const axis = {
  showline: true,
  linecolor: "#888888",
  gridcolor: gridColor,
  zeroline: false,
  ticks: "outside",
  ticklen: 4,
  tickcolor: "#888888",
  tickfont: { size: tickSize },
  separatethousands: true,
};

/** The words along an axis, so many pixels from the numbers. */
export function axisTitle(text: string | undefined, standoff: number): Record<string, unknown> {
  return text ? { title: { text: plain(text), standoff, font: { size: 13 } } } : {};
}

const captionSize = 12;
const captionLineHeight = 1.3 * captionSize;
const titleSize = 14;
/** Plotly's line or mark before a legend's name, with the gaps round it. */
const legendMark = 45;
const legendRow = 19;

/** Text for Plotly, which would otherwise read tags and entities in it. */
export function plain(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** A layout with title, legend and caption in places where they cannot meet. */
export function frame(options: FrameOptions): Frame {
  const { width, height, title, caption, legend = [], margin } = options;
  const inner = width - margin.left - margin.right;
  const titleHeight = title ? 28 : 0;
  const legendHeight = legend.length ? legendRows(legend, inner) * legendRow + 6 : 0;
  const top = (margin.top ?? 12) + titleHeight + legendHeight;
  const lines = caption ? wrap(caption, width - 24, captionSize) : [];
  const captionHeight = lines.length ? lines.length * captionLineHeight + 10 : 0;
  const total = Math.round(height + captionHeight);
  const bottom = margin.bottom + captionHeight;
  const plotHeight = total - top - bottom;
  if (plotHeight < 20) {
    throw new RangeError(`A chart ${height} pixels high leaves no room for its plot: give more`);
  }
  return {
    width,
    height: total,
    margin: { l: margin.left, r: margin.right, t: top, b: bottom, pad: 0 },
    font,
    paper_bgcolor: "#FFFFFF",
    plot_bgcolor: "#FFFFFF",
    ...(title && {
      title: {
        text: `<b>${plain(title)}</b>`,
        font: { size: titleSize },
        x: 0.5,
        xanchor: "center",
        y: 1 - 10 / total,
        yref: "container",
        yanchor: "top",
      },
    }),
    showlegend: legend.length > 0,
    // Entries want a legendgroup each: Plotly sets others in columns.
    legend: {
      orientation: "h",
      x: 0,
      xanchor: "left",
      y: 1 + 4 / plotHeight,
      yanchor: "bottom",
      font: { size: fontSize },
      tracegroupgap: 0,
    },
    annotations: lines.length
      ? [{
        text: lines.map(plain).join("<br>"),
        xref: "paper",
        yref: "paper",
        x: 0,
        xanchor: "left",
        xshift: 12 - margin.left,
        y: 0,
        yanchor: "top",
        yshift: -margin.bottom - 2,
        align: "left",
        showarrow: false,
        borderpad: 0,
        font: { size: captionSize, color: faintInk },
      }]
      : [],
  };
}

/** Plotly sets the entries of a horizontal legend one after the other, as words in a line. */
function legendRows(names: readonly string[], width: number): number {
  let rows = 1;
  let used = 0;
  for (const name of names) {
    const needed = textWidth(name, fontSize) + legendMark;
    if (used > 0 && used + needed > width) {
      rows++;
      used = 0;
    }
    used += needed;
  }
  return rows;
}

export interface CategoryLabels {
  texts: string[];
  /** Degrees, for Plotly's `tickangle`. */
  angle: number;
  /** The room that they need below the axis. */
  height: number;
}

/** Names below an axis: in one line where `slot` pixels hold each, else in several, else aslant. */
export function categoryLabels(names: readonly string[], slot: number): CategoryLabels {
  const widest = maximum([0, ...names.map((name) => textWidth(name, tickSize))]);
  if (widest <= slot - 6) return { texts: names.map(plain), angle: 0, height: 22 };
  const broken = names.map((name) => wrap(name, slot - 6, tickSize));
  const fits = broken.flat().every((line) => textWidth(line, tickSize) <= slot - 6);
  const lines = maximum(broken.map(({ length }) => length));
  if (fits && lines <= 3) {
    const texts = broken.map((each) => each.map(plain).join("<br>"));
    return { texts, angle: 0, height: 8 + lines * 1.3 * tickSize };
  }
  return { texts: names.map(plain), angle: -45, height: widest * Math.SQRT1_2 + 16 };
}

/** Breaks a text into lines no wider than `width` pixels; a longer word gets a line of its own. */
export function wrap(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(/\s+/).filter(Boolean)) {
      const longer = line ? `${line} ${word}` : word;
      if (line && textWidth(longer, size) > width) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    lines.push(line);
  }
  return lines;
}

/** Cuts a text that is wider than `width` pixels, and says so with an ellipsis. */
export function shorten(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && textWidth(`${letters.join("")}…`, size) > width) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}
