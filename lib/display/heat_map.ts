import type * as tf from "../tensor/tf.ts";
import { Chart } from "./chart.ts";
import { axis, axisTitle, categoryLabels, configuration, frame, plain, tickSize } from "./frame.ts";
import { formatNumber, maximum, minimum, rangeWords } from "./numbers.ts";
import { countScale, divergingScale, sequentialScale } from "./style.ts";
import { textWidth } from "./text_metrics.ts";

/** A matrix: rows of numbers, or a tensor `[rows, columns]`. */
export type Matrix = ArrayLike<ArrayLike<number>> | tf.Tensor;

/** The titles, names and colours of a {@link heatMap}. */
export interface HeatMapOptions {
  xLabel?: string;
  yLabel?: string;
  /** Names of the columns, and of the rows from the top. */
  columns?: readonly string[];
  rows?: readonly string[];
  /** What a colour stands for, beside the colour bar. */
  valueLabel?: string;
  /**
   * `sequential` for amounts, `diverging` for values of both signs, `count` where numbers stand in the cells.
   * Default: `sequential`.
   */
  colors?: "sequential" | "diverging" | "count";
  /** The values at the ends of the colours; default: the smallest and the largest. */
  range?: [low: number, high: number];
  /** Writes each value into its cell; default: where there are names and room. */
  numbers?: boolean;
  /** Makes cells square. */
  square?: boolean;
  title?: string;
  caption?: string;
  /** In pixels, without the caption. Default: 720, with square cells 560. */
  width?: number;
  /** In pixels, likewise; square cells have a height of their own. Default: 320. */
  height?: number;
}

/** A matrix as colours, its first row at the top: position encodings, similarities, confusions. */
export function heatMap(matrix: Matrix, options: HeatMapOptions = {}): Chart {
  const values = rowsOf(matrix);
  const { columns, rows } = options;
  const [height, width] = [values.length, values[0]?.length ?? 0];
  checkNames("columns", columns, width);
  checkNames("rows", rows, height);
  const figure = () => heatMapFigure(values, options);
  const across = options.xLabel ? ` (${options.xLabel})` : "";
  const down = options.yLabel ? ` (${options.yLabel})` : "";
  const words = [
    options.title,
    `${height} rows${down} × ${width} columns${across}, ${rangeWords(values.flat())}`,
  ].filter(Boolean).join("\n");
  return new Chart({ figure, words, caption: options.caption });
}

/** The classes and titles of a {@link confusionMap}. */
export interface ConfusionMapOptions {
  classNames: readonly string[];
  title?: string;
  caption?: string;
  /** In pixels. Default: 560. */
  width?: number;
}

/** How often each true class (row) was taken for each predicted class (column). */
export function confusionMap(counts: Matrix, options: ConfusionMapOptions): Chart {
  if (!Array.isArray(options?.classNames)) {
    throw new TypeError(
      'confusionMap: give classNames: confusionMap(counts, { classNames: ["a", "b"] })',
    );
  }
  const { classNames, ...rest } = options;
  const values = rowsOf(counts);
  const chart = heatMap(values, {
    ...rest,
    columns: classNames,
    rows: classNames,
    xLabel: "predicted",
    yLabel: "true",
    colors: "count",
    square: true,
  });
  const total = sum(values.flat());
  const right = sum(values.map((row, index) => row[index]));
  const mistakes = values.flatMap((row, truth) =>
    row.map((count, guess) => ({ count, truth, guess })).filter(({ guess }) => guess !== truth)
  ).filter(({ count }) => count > 0).sort((one, other) => other.count - one.count).slice(0, 3);
  const most = mistakes.map(({ count, truth, guess }) =>
    `${classNames[truth]} taken for ${classNames[guess]} ${formatNumber(count)} times`
  );
  const words = [
    rest.title,
    `${formatNumber(right)} of ${formatNumber(total)} right` +
    (total ? ` (${formatNumber(100 * right / total, 3)} %)` : ""),
    ...most,
  ].filter(Boolean).join("\n");
  return new Chart({ figure: () => chart.figure(), words, caption: rest.caption });
}

function heatMapFigure(values: number[][], options: HeatMapOptions) {
  const { columns, rows, xLabel, yLabel, valueLabel, title, caption } = options;
  const [down, across] = [values.length, values[0]?.length ?? 0];
  const colors = options.colors ?? "sequential";
  const all = values.flat().filter(Number.isFinite);
  const [low, high] = options.range ?? defaultRange(all, colors);
  const width = options.width ?? (options.square ? 560 : 720);
  const widest = (names: readonly string[] = []) =>
    maximum([0, ...names.map((name) => textWidth(name, tickSize))]);
  const left = Math.round(rows ? widest(rows) + 14 : 40) + (yLabel ? 24 : 0);
  const barWidth = 22 +
    Math.max(
      textWidth(formatNumber(low, 3), tickSize),
      textWidth(formatNumber(high, 3), tickSize),
    ) + 22 + (valueLabel ? 20 : 0);
  const right = Math.round(barWidth) + 8;
  const plotWidth = width - left - right;
  const labels = columns && categoryLabels(columns, plotWidth / across);
  const bottom = Math.round(labels?.height ?? 20) + (xLabel ? 26 : 0) + 8;
  const plotHeight = options.square
    ? plotWidth * down / across
    : (options.height ?? 320) - bottom - 12;
  const layout = frame({
    width,
    height: Math.round(plotHeight) + bottom + 12 + (title ? 28 : 0),
    title,
    caption,
    margin: { left, right, bottom },
  });
  const cell = plotWidth / across;
  const numbers = options.numbers ??
    (colors === "count" && widestNumber(values) + 4 < cell && plotHeight / down > tickSize + 2);
  const named = (names: readonly string[] | undefined) =>
    names && { tickmode: "array", tickvals: names.map((_, index) => index), ticktext: [...names] };
  const look = { ...axis, showgrid: false, showline: false };
  return {
    data: [{
      type: "heatmap",
      // Four digits are more than colours show, and keep the notebook small.
      z: values.map((row) =>
        row.map((value) => Number.isFinite(value) ? Number(value.toPrecision(4)) : null)
      ),
      colorscale: { sequential: sequentialScale, diverging: divergingScale, count: countScale }[
        colors
      ],
      zmin: low,
      zmax: high,
      ...(numbers && {
        text: values.map((row) => row.map((value) => formatNumber(value, 3))),
        texttemplate: "%{text}",
        textfont: { size: tickSize },
      }),
      hovertemplate: `${yLabel ?? "row"} %{y}<br>${
        xLabel ?? "column"
      } %{x}<br>%{z:.4~g}<extra></extra>`,
      colorbar: {
        thickness: 14,
        outlinewidth: 0,
        tickfont: { size: tickSize },
        ticklen: 3,
        nticks: 6,
        len: 1,
        xpad: 10,
        ypad: 0,
        ...(valueLabel &&
          { title: { text: plain(valueLabel), side: "right", font: { size: 13 } } }),
      },
    }],
    layout: {
      ...layout,
      xaxis: {
        ...look,
        ...named(labels?.texts),
        tickangle: labels?.angle ?? 0,
        ...axisTitle(xLabel, 6),
        range: [-0.5, across - 0.5],
        constrain: "domain",
      },
      yaxis: {
        ...look,
        ...named(rows?.map(plain)),
        ...axisTitle(yLabel, 8),
        range: [down - 0.5, -0.5],
      },
    },
    config: configuration,
  };
}

function rowsOf(matrix: Matrix): number[][] {
  if (typeof matrix !== "object" || !("arraySync" in matrix || matrix.length >= 0)) {
    throw new TypeError("heatMap: rows of numbers are needed, or a tensor [rows, columns]");
  }
  if ("arraySync" in matrix) {
    if (matrix.rank !== 2) {
      throw new RangeError(`heatMap: a tensor [rows, columns] is needed, not [${matrix.shape}]`);
    }
    return matrix.arraySync() as number[][];
  }
  const rows = Array.from(matrix, (row) => Array.from(row));
  const odd = rows.findIndex((row) => row.length !== rows[0].length);
  if (odd >= 0) {
    const lengths = `row ${odd} has ${rows[odd].length} values, row 0 has ${rows[0].length}`;
    throw new RangeError(`heatMap: all rows must be equally long, but ${lengths}`);
  }
  return rows;
}

function checkNames(what: string, names: readonly string[] | undefined, count: number): void {
  if (names && names.length !== count) {
    throw new RangeError(`heatMap: ${names.length} names for ${count} ${what}`);
  }
}

function defaultRange(values: number[], colors: string): [number, number] {
  const [low, high] = values.length ? [minimum(values), maximum(values)] : [0, 1];
  if (colors === "count") return [0, Math.max(high, 1)];
  if (colors === "sequential") return low < high ? [low, high] : [low, low + 1];
  const size = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return [-size, size];
}

function widestNumber(values: number[][]): number {
  const widths = values.flat().map((value) => textWidth(formatNumber(value, 3), tickSize));
  return maximum(widths);
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
