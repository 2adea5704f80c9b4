import { Chart } from "./chart.ts";
import { configuration, frame, plain, tickSize } from "./frame.ts";
import { formatNumber, maximum, minimum } from "./numbers.ts";
import { fontSize } from "./style.ts";
import { textWidth } from "./text_metrics.ts";

/** The trials, axes and titles of {@link parallelCoordinates}. */
export interface ParallelCoordinatesOptions {
  /** One object a trial: its settings and results by name. Words become places of their own. */
  trials: readonly Record<string, number | string | boolean | undefined>[];
  /** The upright axes from left to right; default: the names in the first trial. */
  axes?: readonly string[];
  /** The axis whose values colour the lines; default: the last one. */
  colorBy?: string;
  /** Axes that are better read by powers of ten, such as the learning rate. */
  logarithmic?: readonly string[];
  title?: string;
  caption?: string;
  /** In pixels, without the caption. Default: 720. */
  width?: number;
  /** In pixels, likewise. Default: 340. */
  height?: number;
}

type Value = number | string | boolean | undefined;

/** How much of an axis lies below its scale where some values have no place on it. */
const roomForStrays = 0.12;
const withoutResult = "#b3b3b3";

interface UprightAxis {
  name: string;
  /** The place of each trial, 0 at the bottom and 1 at the top. */
  places: number[];
  ticks: { place: number; label: string }[];
}

/**
 * Trials of a search over settings, each a line through its values, coloured by the result.
 *
 * A value that its axis cannot place, such as a diverged loss, 0 on a logarithmic axis or `undefined` for
 * what was left out, stands at the bottom under its own label; a trial without a finite result is grey.
 * Throws a `RangeError` where there are no trials, or one lacks a value.
 */
export function parallelCoordinates(options: ParallelCoordinatesOptions): Chart {
  const { trials, title, caption, width = 720, height = 340 } = options;
  if (!trials.length) throw new RangeError("parallelCoordinates: there are no trials to show");
  const names = options.axes ?? Object.keys(trials[0]);
  const colorBy = options.colorBy ?? names[names.length - 1];
  for (const name of [...names, colorBy]) {
    const lacking = trials.findIndex((trial) => !(name in trial));
    if (lacking >= 0) {
      throw new RangeError(`parallelCoordinates: trial ${lacking} has no value for "${name}"`);
    }
  }
  const upright = names.map((name) =>
    uprightAxis(name, trials.map((trial) => trial[name]), options.logarithmic?.includes(name))
  );
  const results = uprightAxis(colorBy, trials.map((trial) => trial[colorBy]));
  const hasResult = trials.map(({ [colorBy]: result }) =>
    typeof result === "number" ? Number.isFinite(result) : result !== undefined
  );
  const colors = results.places.map((place, trial) =>
    hasResult[trial] ? scaleColor(place) : withoutResult
  );

  const figure = () => {
    const labelWidth = (axis: UprightAxis) =>
      maximum(axis.ticks.map(({ label }) => textWidth(label, tickSize)));
    const half = (index: number) => textWidth(names[index], fontSize) / 2;
    const margin = {
      left: Math.round(Math.max(labelWidth(upright[0]) + 12, half(0)) + 10),
      right: Math.round(
        Math.max(labelWidth(upright[names.length - 1]) + 12, half(names.length - 1)) + 10,
      ),
      top: 34,
      bottom: 14,
    };
    // Better trials last, so that they lie on top.
    const order = trials.map((_, trial) => trial)
      .sort((one, other) => results.places[one] - results.places[other]);
    return {
      data: order.map((trial) => ({
        type: "scatter",
        mode: "lines+markers",
        cliponaxis: false,
        x: names.map((_, index) => index),
        y: upright.map(({ places }) => places[trial]),
        line: { color: colors[trial], width: 2 },
        marker: { size: 5, color: colors[trial] },
        text: names.map((name) => plain(`${name}: ${valueWords(trials[trial][name])}`)),
        hovertemplate: `%{text}<extra>trial ${trial + 1}</extra>`,
      })),
      layout: withAnnotations(frame({ width, height, title, caption, margin }), [
        ...upright.flatMap(({ name, ticks }, index) => [
          ...ticks.map(({ place, label }) => ({
            x: index,
            y: place,
            xref: "x",
            yref: "y",
            text: plain(label),
            xanchor: index && index === names.length - 1 ? "left" : "right",
            xshift: index && index === names.length - 1 ? 7 : -7,
            showarrow: false,
            bgcolor: "rgba(255,255,255,0.85)",
            borderpad: 1,
            font: { size: tickSize },
          })),
          {
            x: index,
            y: 1,
            xref: "x",
            yref: "y",
            text: `<b>${plain(name)}</b>`,
            yanchor: "bottom",
            yshift: 10,
            showarrow: false,
          },
        ]),
      ], names.length),
      config: configuration,
    };
  };
  const best = results.places.indexOf(
    maximum(results.places.filter((_, trial) => hasResult[trial])),
  );
  const words = [
    title ?? `${trials.length} trials by ${names.join(", ")}`,
    best < 0
      ? `no trial has a finite ${colorBy}`
      : `highest ${colorBy}: ${
        names.map((name) => `${name} ${valueWords(trials[best][name])}`).join(", ")
      }`,
  ].join("\n");
  return new Chart({ figure, words, caption });
}

function withAnnotations(layout: ReturnType<typeof frame>, more: unknown[], count: number) {
  return {
    ...layout,
    annotations: [...layout.annotations as unknown[], ...more],
    hovermode: "closest",
    xaxis: { range: [0, count - 1], showgrid: false, zeroline: false, showticklabels: false },
    yaxis: { range: [-0.04, 1.04], showgrid: false, zeroline: false, showticklabels: false },
    shapes: Array.from({ length: count }, (_, index) => ({
      type: "line",
      layer: "below",
      x0: index,
      x1: index,
      y0: 0,
      y1: 1,
      line: { color: "#888888", width: 1 },
    })),
  };
}

function uprightAxis(
  name: string,
  values: Value[],
  logarithmic = false,
): UprightAxis {
  if (!values.every((value) => typeof value === "number" || value === undefined)) {
    const kinds = [...new Set(values.map((value) => valueWords(value)))];
    const place = (kind: string) =>
      kinds.length > 1 ? kinds.indexOf(kind) / (kinds.length - 1) : .5;
    return {
      name,
      places: values.map((value) => place(valueWords(value))),
      ticks: kinds.map((kind) => ({ place: place(kind), label: kind })),
    };
  }
  // What has no place: what is left out, NaN, ±∞, and on a logarithmic axis everything from 0 down.
  const scale = (value: number) => logarithmic ? Math.log10(value) : value;
  const hasPlace = (value: number | undefined): value is number =>
    value !== undefined && Number.isFinite(scale(value));
  const different = [...new Set(values)];
  const placed = different.filter(hasPlace).sort((one, other) => one - other);
  const strays = different.filter((value) => !hasPlace(value));
  const [low, high] = [minimum(placed.map(scale)), maximum(placed.map(scale))];
  const bottom = strays.length ? roomForStrays : 0;
  const placeOf = (value: number | undefined) => {
    if (!hasPlace(value)) return 0;
    return bottom + (1 - bottom) * (high > low ? (scale(value) - low) / (high - low) : 0.5);
  };
  // A few settings are shown as they are, many by round values or in even steps.
  const powers = Array.from(
    { length: Math.max(0, Math.floor(high) - Math.ceil(low) + 1) },
    (_, step) => 10 ** (Math.ceil(low) + step),
  );
  const steps = Array.from({ length: 5 }, (_, step) => low + (high - low) * step / 4);
  const many = logarithmic ? (powers.length > 1 ? powers : [10 ** low, 10 ** high]) : steps;
  const shown = placed.length <= 6 ? placed : many;
  const ticks = shown.map((value) => ({ place: placeOf(value), label: formatNumber(value, 3) }));
  const strayLabel = strays.map((value) => valueWords(value, 3)).join(", ");
  return {
    name,
    places: values.map(placeOf),
    ticks: apart(strays.length ? [{ place: 0, label: strayLabel }, ...ticks] : ticks),
  };
}

/** Leaves out ticks that would stand on the one below. */
function apart(ticks: { place: number; label: string }[]): { place: number; label: string }[] {
  const kept: typeof ticks = [];
  for (const tick of ticks) {
    if (!kept.length || tick.place - kept[kept.length - 1].place > 0.06) kept.push(tick);
  }
  return kept;
}

function valueWords(value: Value, digits = 4): string {
  return typeof value === "number" ? formatNumber(value, digits) : String(value ?? "left out");
}

/** Five points of the Viridis scale, from dark to light; lighter yellows left out on white. */
const viridis = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [200, 190, 30]];

function scaleColor(place: number): string {
  const at = Math.min(place, 1) * (viridis.length - 1);
  const below = Math.min(Math.floor(at), viridis.length - 2);
  const mixed = viridis[below].map((from, index) =>
    Math.round(from + (viridis[below + 1][index] - from) * (at - below))
  );
  return `rgb(${mixed})`;
}
