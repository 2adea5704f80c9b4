import { Chart } from "./chart.ts";
import { axis, axisTitle, configuration, frame, plain } from "./frame.ts";
import { faintInk, fontSize, seriesStyles } from "./style.ts";
import { formatNumber, maximum, minimum } from "./numbers.ts";
import { textWidth } from "./text_metrics.ts";

/** Values at x = 1, 2, 3, …, or at places of their own. Values that are no numbers leave a gap. */
export type Series = ArrayLike<number> | { x: ArrayLike<number>; y: ArrayLike<number> };

/** One plot of {@link curves}: its lines and what its axes are called. */
export interface CurvePanel {
  /** What the vertical axis shows: "loss", "accuracy". */
  yLabel: string;
  /** Curves by name; training, validation and test keep their colours in every chart. */
  series: Record<string, Series>;
  yScale?: "linear" | "logarithmic";
  /** The ends of the vertical axis; default: what the values need. */
  yRange?: [low: number, high: number];
  /** Dotted horizontal lines by name, such as an accuracy to reach. */
  references?: Record<string, number>;
}

/** The plots of {@link curves} and their titles. */
export interface CurvesOptions extends Partial<CurvePanel> {
  /** Several plots side by side in place of one, with one legend; those that find no room go below. */
  panels?: readonly CurvePanel[];
  /** What stands below the x axis. Default: `epoch`. */
  xLabel?: string;
  /** How the x axis is divided. Default: `linear`. */
  xScale?: "linear" | "logarithmic";
  title?: string;
  caption?: string;
  /** In pixels, without the caption. More rows of plots make the default height larger. */
  width?: number;
  height?: number;
}

interface Curve {
  name: string;
  x: number[];
  y: (number | null)[];
}

/** Markers show single epochs; beyond this many points they would hide the line. */
const mostMarkers = 50;
const panelGap = 76;
/** Between rows: the numbers and words below an axis. */
const rowGap = 66;
const leastPanelWidth = 100;
const margin = { left: 68, right: 16, bottom: 50 };

/**
 * Curves against epochs (or `xLabel`), in one plot or in several side by side; numbers alone, or curves
 * by name alone, are drawn without labels: `curves([3, 2, 1])`, `curves({ training, validation })`.
 *
 * Throws a `RangeError` where a curve has not as many x as y, or the chart is too small for its plots,
 * and a `TypeError` where there is no curve to draw.
 */
export function curves(given: CurvesOptions | Series | Record<string, Series>): Chart {
  const options = optionsOf(given);
  const { xLabel = "epoch", xScale = "linear", title, caption, width = 720 } = options;
  const panels = options.panels ??
    [{ ...options, yLabel: options.yLabel ?? "", series: options.series ?? {} }];
  const inner = width - margin.left - margin.right;
  const mostColumns = Math.floor((inner + panelGap) / (leastPanelWidth + panelGap));
  const columns = Math.max(1, Math.min(mostColumns, panels.length));
  const rows = Math.ceil(panels.length / columns);
  const panelWidth = (inner - panelGap * (columns - 1)) / columns;
  if (panelWidth < 40) {
    throw new RangeError(`curves: ${width} pixels of width leave no room for a plot: give more`);
  }
  const height = options.height ?? (panels.length > 1 ? 60 + 240 * rows : 340);
  const drawn = panels.map((panel) => ({ ...panel, curves: curvesOf(panel.series) }));
  const names = [...new Set(drawn.flatMap((panel) => panel.curves.map(({ name }) => name)))];
  const references = drawn.flatMap((panel) => Object.keys(panel.references ?? {}));
  const legend = names.length + references.length > 1 || panels.length > 1
    ? [...names, ...new Set(references)]
    : [];

  const figure = () => {
    const styles = seriesStyles(names);
    const layout = frame({ width, height, title, caption, legend, margin });
    const plotHeight = layout.height - layout.margin.t - layout.margin.b;
    const panelHeight = (plotHeight - rowGap * (rows - 1)) / rows;
    if (panelHeight < 20) {
      throw new RangeError(
        `curves: ${height} pixels of height for ${rows} rows of plots: give more`,
      );
    }
    const data: Record<string, unknown>[] = [];
    const inLegend = new Set<string>();
    const add = (panel: number, name: string, trace: Record<string, unknown>) => {
      data.push({
        type: "scatter",
        name: plain(name),
        legendgroup: name,
        showlegend: !inLegend.has(name),
        xaxis: axisName("x", panel),
        yaxis: axisName("y", panel),
        ...trace,
      });
      inLegend.add(name);
    };
    for (const [index, panel] of drawn.entries()) {
      const [row, column] = [Math.floor(index / columns), index % columns];
      const start = column * (panelWidth + panelGap) / inner;
      const bottom = (rows - 1 - row) * (panelHeight + rowGap) / plotHeight;
      const all = panel.curves.flatMap(({ x }) => x).filter(Number.isFinite);
      for (const { name, x, y } of panel.curves) {
        const { color, symbol, dash } = styles.get(name)!;
        add(index, name, {
          x,
          y,
          mode: x.length <= mostMarkers ? "lines+markers" : "lines",
          line: { color, width: 2, ...(dash !== "solid" && { dash }) },
          marker: { color, symbol, size: 6 },
          hovertemplate: `%{y:.4~g}<extra>${plain(name)}</extra>`,
        });
      }
      const [first, last] = all.length ? [minimum(all), maximum(all)] : [1, 1];
      for (const [name, value] of Object.entries(panel.references ?? {})) {
        add(index, name, {
          x: [first, last],
          y: [value, value],
          mode: "lines",
          line: { color: faintInk, width: 1.5, dash: "dot" },
          hovertemplate: `${value}<extra>${plain(name)}</extra>`,
        });
      }
      const countsUp = all.every(Number.isInteger) && xScale === "linear";
      const number = index ? String(index + 1) : "";
      layout[`xaxis${number}`] = {
        ...axis,
        domain: [start, start + panelWidth / inner],
        anchor: axisName("y", index),
        ...axisTitle(xLabel, 8),
        tickangle: 0,
        type: xScale === "logarithmic" ? "log" : "linear",
        ...(countsUp && wholeTicks(first, last, panelWidth)),
      };
      layout[`yaxis${number}`] = {
        ...axis,
        ...(rows > 1 && { domain: [bottom, Math.min(1, bottom + panelHeight / plotHeight)] }),
        anchor: axisName("x", index),
        ...axisTitle(panel.yLabel, 10),
        nticks: 7,
        automargin: column === 0,
        ...(!all.length && { range: [0, 1] }),
        ...(panel.yRange && { range: panel.yRange }),
        ...(panel.yScale === "logarithmic" && logarithmic(panel)),
      };
    }
    return { data, layout: { ...layout, hovermode: "x unified" }, config: configuration };
  };
  const words = [title, ...drawn.map((panel) => panelWords(panel, panel.curves, xLabel))]
    .filter(Boolean).join("\n");
  return new Chart({ figure, words, caption });
}

function optionsOf(given: CurvesOptions | Series | Record<string, Series>): CurvesOptions {
  const plain = { xLabel: "place", yLabel: "value" };
  if (isSeries(given)) return { ...plain, series: { value: given } };
  const options = given as CurvesOptions;
  if (options?.panels || options?.series) return options;
  const entries = Object.entries(given ?? {});
  if (entries.length && entries.every(([, each]) => isSeries(each))) {
    return { ...plain, series: given as Record<string, Series> };
  }
  throw new TypeError(
    "curves: give numbers, curves by name, or `series` with curves by name: " +
      'curves({ yLabel: "loss", series: { training: [3, 2, 1] } })',
  );
}

function isSeries(value: unknown): value is Series {
  const isList = (each: unknown) =>
    typeof each === "object" && typeof (each as ArrayLike<number> | null)?.length === "number";
  const { x, y } = (value ?? {}) as { x?: unknown; y?: unknown };
  return isList(value) || isTensor(value) || (isList(x) && isList(y));
}

function isTensor(value: unknown): boolean {
  return typeof value === "object" && value !== null && "dataSync" in value;
}

/** Throws where a curve's values are not read yet, which would be drawn as nothing. */
function requireNumbers(name: string, values: unknown): void {
  const isWithin = Array.isArray(values) && values.some((each) => typeof each === "object" && each);
  if (!isTensor(values) && !isWithin) return;
  const what = isTensor(values) ? "is a tensor" : "holds tensors, promises or lists";
  throw new TypeError(
    `curves: "${name}" ${what}, and a curve is made of numbers: await tensor.array() gives them`,
  );
}

function axisName(letter: "x" | "y", panel: number): string {
  return panel ? `${letter}${panel + 1}` : letter;
}

/** Ticks at whole numbers only, as close as their labels allow. */
function wholeTicks(first: number, last: number, width: number): Record<string, unknown> {
  const most = width / (textWidth(String(last), fontSize) + 14);
  const steps = [1, 2, 5, 10, 20, 25, 50];
  let scale = 1;
  while ((last - first) / (50 * scale) > most) scale *= 10;
  const step = steps.map((each) => each * scale).find((each) => (last - first) / each <= most)!;
  const room = Math.max(0.5, (last - first) * 0.03);
  return {
    dtick: step,
    tick0: step === 1 ? first : 0,
    tickformat: ",d",
    range: [first - room, last + room],
  };
}

function logarithmic({ curves, yRange }: CurvePanel & { curves: Curve[] }): object {
  const values = curves.flatMap(({ y }) => y).filter((value): value is number => (value ?? 0) > 0);
  const decades = Math.log10(maximum(values) / minimum(values));
  return {
    type: "log",
    exponentformat: "power",
    ...(yRange && { range: yRange.map(Math.log10) }),
    ...(decades > 2 && { dtick: 1 }),
  };
}

function curvesOf(series: Record<string, Series>): Curve[] {
  return Object.entries(series).map(([name, values]) => {
    for (const each of "y" in values ? [values.x, values.y] : [values]) requireNumbers(name, each);
    const y = Array.from("y" in values ? values.y : values);
    const x = "y" in values ? Array.from(values.x) : y.map((_, index) => index + 1);
    if (x.length !== y.length) {
      throw new RangeError(`curves: "${name}" has ${x.length} x but ${y.length} y`);
    }
    // A point that lies nowhere is a gap.
    const isPoint = (value: number, at: number) => Number.isFinite(value) && Number.isFinite(x[at]);
    return { name, x, y: y.map((value, at) => isPoint(value, at) ? value : null) };
  });
}

function panelWords(panel: CurvePanel, curves: Curve[], xLabel: string): string {
  const longest = Math.max(0, ...curves.map(({ name }) => name.length));
  const lines = curves.map((curve) => `  ${curve.name.padEnd(longest)}  ${curveWords(curve)}`);
  for (const [name, value] of Object.entries(panel.references ?? {})) {
    lines.push(`  ${name}: ${formatNumber(value)}`);
  }
  return [`${panel.yLabel} against ${xLabel}`, ...lines].join("\n");
}

function curveWords({ x, y }: Curve): string {
  const known = x.map((place, index) => ({ place, value: y[index] }))
    .filter((point): point is { place: number; value: number } => point.value !== null);
  const gaps = x.length - known.length;
  const missing = gaps ? `, ${gaps} not a number` : "";
  if (!known.length) return `no values${missing}`;
  const [first, last] = [known[0], known[known.length - 1]];
  const lowest = known.reduce((best, point) => point.value < best.value ? point : best);
  const highest = known.reduce((best, point) => point.value > best.value ? point : best);
  const at = ({ place, value }: typeof first) => `${formatNumber(value)} at ${formatNumber(place)}`;
  return `${at(first)} → ${at(last)} (lowest ${at(lowest)}, highest ${at(highest)})${missing}`;
}
