import { fontFamily } from "./text_metrics.ts";

/** Okabe and Ito's colours, which stay apart for colour-blind readers; black and yellow left out. */
export const palette = [
  "#0072B2", // blue
  "#D55E00", // vermilion
  "#009E73", // bluish green
  "#CC79A7", // reddish purple
  "#E69F00", // orange
  "#56B4E9", // sky blue
  "#6B6B6B",
];
/** A second sign beside the colour, for readers of grey prints. */
const symbols = ["circle", "square", "diamond", "triangle-up", "x", "star", "pentagon"];

export const ink = "#222222";
export const faintInk = "#555555";
/** Of words that say that something is wrong: the palette's vermilion, dark enough to be read. */
export const wrongInk = "#A84800";
export const gridColor = "#E3E3E3";
export const fontSize = 12;
export const font = { family: fontFamily, size: fontSize, color: ink };

/** Light where a value is small, dark where it is large, in even steps of brightness. */
export const sequentialScale = "Viridis";
/** White at zero, for values of both signs. */
export const divergingScale = [[0, "#0072B2"], [0.5, "#FFFFFF"], [1, "#D55E00"]];
/** From white, so that numbers can stand on it. */
export const countScale = [[0, "#FFFFFF"], [0.5, "#7FB8D8"], [1, "#00507D"]];

/** What tells the second round of the palette's colours from the first, and the third from both. */
const dashes = ["solid", "dash", "dashdot", "dot"];
const patterns = ["", "/", "x", "."];

export interface SeriesStyle {
  color: string;
  symbol: string;
  /** How a line is broken, and how a bar is hatched. */
  dash: string;
  pattern: string;
}

const roles = [/^train/i, /^val/i, /^test/i];

/** Styles by name: training, validation and test look the same in every chart. */
export function seriesStyles(names: readonly string[]): Map<string, SeriesStyle> {
  const styles = new Map<string, SeriesStyle>();
  const give = (name: string, index: number) => {
    const color = palette[index % palette.length];
    const round = Math.floor(index / palette.length);
    const dash = dashes[round % dashes.length], pattern = patterns[round % patterns.length];
    styles.set(name, { color, symbol: symbols[(index + round) % symbols.length], dash, pattern });
  };
  const used = new Set<number>();
  for (const [index, role] of roles.entries()) {
    const name = names.find((each) => role.test(each) && !styles.has(each));
    if (name === undefined) continue;
    give(name, index);
    used.add(index);
  }
  let next = 0;
  for (const name of names) {
    if (styles.has(name)) continue;
    while (used.has(next)) next++;
    used.add(next);
    give(name, next);
  }
  return styles;
}
