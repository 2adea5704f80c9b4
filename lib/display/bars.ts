import type * as tf from "../tensor/tf.ts";
import { Chart } from "./chart.ts";
import { axis, axisTitle, categoryLabels, configuration, frame, plain, tickSize } from "./frame.ts";
import { alignedNumbers, formatNumber, maximum, minimum, rangeWords } from "./numbers.ts";
import { type SeriesStyle, seriesStyles } from "./style.ts";
import { textWidth } from "./text_metrics.ts";

interface Look {
  title?: string;
  caption?: string;
  /** In pixels, without the caption. Default: 720. */
  width?: number;
  /** In pixels, likewise. Default: 320; a histogram's is 300. */
  height?: number;
}

/** The values of {@link bars}, their names and titles. */
export interface BarsOptions extends Look {
  /** What each bar, or group of bars, stands for. */
  names: readonly string[];
  /** The lengths of the bars: one row, or several by name that stand beside each other. */
  values: ArrayLike<number> | Record<string, ArrayLike<number>>;
  /** What is named, and what is measured. */
  xLabel?: string;
  yLabel?: string;
  yRange?: [low: number, high: number];
}

/**
 * Amounts by name: per-class accuracies, parameters of several models. Throws a `TypeError` without names or
 * values, and a `RangeError` where they are not equally many.
 */
export function bars(options: BarsOptions): Chart {
  if (typeof options?.values !== "object" || !Array.isArray(options.names)) {
    throw new TypeError('bars: give names and values: bars({ names: ["a", "b"], values: [1, 2] })');
  }
  const { names, xLabel, yLabel = "", title, caption, width = 720, height = 320 } = options;
  const groups = groupsOf(options.values);
  for (const [name, values] of groups) {
    if (values.length !== names.length) {
      const what = name ? `"${name}"` : "values";
      throw new RangeError(`bars: ${what} has ${values.length} values for ${names.length} names`);
    }
  }
  const legend = groups.length > 1 ? groups.map(([name]) => name) : [];
  const figure = () => {
    const styles = seriesStyles(groups.map(([name]) => name));
    const margin = { left: 68, right: 16, bottom: 0 };
    const slot = (width - margin.left - margin.right) / names.length;
    const labels = categoryLabels(names, slot);
    margin.bottom = Math.round(labels.height + (xLabel ? 28 : 6));
    const written = alignedNumbers(groups.flatMap(([, values]) => values));
    const texts = groups.map((_, index) =>
      written.slice(index * names.length, (index + 1) * names.length)
    );
    const room = slot * 0.8 / groups.length;
    const fits = maximum(texts.flat().map((text) => textWidth(text, tickSize))) < room;
    return {
      data: groups.map(([name, values], index) => ({
        type: "bar",
        name: plain(name),
        legendgroup: name,
        x: names.map((_, place) => place),
        y: values.map(finiteOrNull),
        marker: fillOf(styles.get(name)!),
        customdata: names.map(plain),
        hovertemplate: `%{customdata}: %{y:.4~g}<extra>${plain(name)}</extra>`,
        ...(fits && {
          text: texts[index],
          textposition: "outside",
          textangle: 0,
          cliponaxis: false,
          textfont: { size: tickSize },
        }),
      })),
      layout: {
        ...frame({ width, height, title, caption, legend, margin: { ...margin, top: 18 } }),
        bargap: 0.2,
        bargroupgap: 0.06,
        xaxis: {
          ...axis,
          showgrid: false,
          tickmode: "array",
          tickvals: names.map((_, place) => place),
          ticktext: labels.texts,
          tickangle: labels.angle,
          range: [-0.5, names.length - 0.5],
          ...axisTitle(xLabel, 6),
        },
        yaxis: valueAxis(yLabel, options.yRange),
      },
      config: configuration,
    };
  };
  const words = [
    title ?? `${yLabel} by ${xLabel ?? "name"}`,
    ...names.map((name, index) =>
      `  ${name}: ${
        groups.map(([group, values]) =>
          group ? `${group} ${formatNumber(values[index])}` : formatNumber(values[index])
        ).join(", ")
      }`
    ),
  ].join("\n");
  return new Chart({ figure, words, caption });
}

/** The numbers that a {@link histogram} counts, its bins and titles. */
export interface HistogramOptions extends Look {
  /** The numbers to count: one set, or several by name. Tensors of any shape are flattened. */
  values: ArrayLike<number> | tf.Tensor | Record<string, ArrayLike<number> | tf.Tensor>;
  /** What the numbers are. Default: `value`. */
  xLabel?: string;
  /** What is counted. Default: `count`. */
  yLabel?: string;
  /** The number of equal bins between the smallest and the largest value. Default: 40. */
  bins?: number;
  range?: [low: number, high: number];
}

/** How often values fall into each of equal bins: pixels, weights, activations. */
export function histogram(options: HistogramOptions): Chart {
  if (typeof options?.values !== "object") {
    throw new TypeError("histogram: give values: histogram({ values: [1, 2, 2, 3] })");
  }
  const { xLabel = "value", yLabel = "count", title, caption, bins = 40 } = options;
  const { width = 720, height = 300 } = options;
  const groups = groupsOf(options.values);
  const finite = groups.map(([, values]) => values.filter(Number.isFinite));
  const isEmpty = finite.every((values) => values.length === 0);
  const low = options.range?.[0] ?? (isEmpty ? 0 : Math.min(...finite.map(minimum)));
  const high = options.range?.[1] ?? (isEmpty ? 1 : Math.max(...finite.map(maximum)));
  const size = (high - low || 1) / bins;
  // Counted here: the figure then holds a few numbers, however many values there are.
  const counts = finite.map((values) => {
    const count = new Array<number>(bins).fill(0);
    for (const value of values) {
      if (value < low || value > high) continue;
      count[Math.min(bins - 1, Math.floor((value - low) / size))]++;
    }
    return count;
  });
  const legend = groups.length > 1 ? groups.map(([name]) => name) : [];
  const figure = () => {
    const styles = seriesStyles(groups.map(([name]) => name));
    return {
      data: groups.map(([name], index) => ({
        type: "bar",
        name: plain(name),
        legendgroup: name,
        x: counts[index].map((_, bin) => low + (bin + 0.5) * size),
        y: counts[index],
        width: size,
        opacity: groups.length > 1 ? 0.6 : 1,
        marker: fillOf(styles.get(name)!),
        hovertemplate: `%{x:.4~g}: %{y:,}<extra>${plain(name)}</extra>`,
      })),
      layout: {
        ...frame({
          width,
          height,
          title,
          caption,
          legend,
          margin: { left: 68, right: 16, bottom: 50 },
        }),
        barmode: "overlay",
        bargap: 0,
        xaxis: {
          ...axis,
          showgrid: false,
          tickangle: 0,
          ...axisTitle(xLabel, 8),
        },
        yaxis: valueAxis(yLabel),
      },
      config: configuration,
    };
  };
  const words = [title ?? `${yLabel} of ${xLabel}`, ...groups.map(groupWords)].join("\n");
  return new Chart({ figure, words, caption });
}

/** A colour, and from the eighth on a pattern: there are no more colours that stay apart. */
function fillOf({ color, pattern }: SeriesStyle): Record<string, unknown> {
  return { color, ...(pattern && { pattern: { shape: pattern, fgcolor: "#FFFFFF", size: 6 } }) };
}

function valueAxis(label: string, range?: [number, number]): Record<string, unknown> {
  return {
    ...axis,
    automargin: true,
    nticks: 7,
    ...axisTitle(label, 10),
    ...(range && { range }),
  };
}

function groupsOf(
  values: ArrayLike<number> | tf.Tensor | Record<string, ArrayLike<number> | tf.Tensor>,
): [name: string, values: number[]][] {
  if (isSet(values)) return [["", numbersOf(values)]];
  return Object.entries(values).map(([name, set]) => [name, numbersOf(set)]);
}

function isSet(values: object): values is ArrayLike<number> | tf.Tensor {
  return "dataSync" in values || typeof (values as ArrayLike<number>).length === "number";
}

function numbersOf(values: ArrayLike<number> | tf.Tensor): number[] {
  return Array.from("dataSync" in values ? values.dataSync() : values);
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function groupWords([name, values]: [string, number[]]): string {
  const known = values.filter(Number.isFinite);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length;
  const odd = values.length - known.length;
  if (!known.length) return `  ${name || "values"}: ${rangeWords(values)}`;
  return [
    `  ${name || "values"}: ${formatNumber(known.length)}`,
    `from ${formatNumber(minimum(known))} to ${formatNumber(maximum(known))}`,
    `mean ${formatNumber(mean)}`,
    `standard deviation ${formatNumber(Math.sqrt(variance))}`,
    ...(odd ? [`${odd} not a number`] : []),
  ].join(", ");
}
