/** Several layers side by side where a text has one, or one where it has several: what they compute may be the same. */
import type * as tf from "../../tensor/tf.ts";
import { shapeText } from "./check.ts";

type Parameters = ReadonlyMap<string, tf.Variable>;

/**
 * "`query`, `key`, `value` are 3 layers in place of one …", as the end of "Likely cause: ". `undefined` where the
 * learner's left-over weights are not those of the missing ones, joined or divided along their outputs.
 */
export function joinedText(extra: Parameters, missing: Parameters): string | undefined {
  for (const [, { shape }] of weightsIn(missing)) {
    const parts = partsOf(shape, extra);
    if (!parts) continue;
    const count = parts.length;
    return `${listed(parts)} are ${count} layers in place of one: the text has one from ${
      shape.at(-2)
    } to ${shape.at(-1)} features, ${count} · ${
      shape.at(-1)! / count
    } side by side. \`tf.split(y, ${count}, -1)\` divides what it gives.`;
  }
  for (const [whole, { shape }] of weightsIn(extra)) {
    const parts = partsOf(shape, missing);
    if (!parts) continue;
    return `\`${
      layerOf(whole)
    }\` is one layer in place of ${parts.length}: the text has ${parts.length}, each with ` +
      `a weight of shape ${shapeText(shape.with(-1, shape.at(-1)! / parts.length))}.`;
  }
}

const weightsIn = (parameters: Parameters) => [...parameters].filter(([, { rank }]) => rank >= 2);

/** Two weights or more that side by side are of this shape. */
function partsOf(shape: readonly number[], among: Parameters): string[] | undefined {
  const outputs = shape.at(-1)!;
  for (const part of new Set(weightsIn(among).map(([, { shape }]) => shape.at(-1)!))) {
    const same = weightsIn(among).filter(([, each]) =>
      shapeText(each.shape) === shapeText(shape.with(-1, part))
    );
    if (part < outputs && same.length >= 2 && same.length * part === outputs) {
      return same.map(([path]) => path);
    }
  }
}

const layerOf = (path: string) => path.replace(/\.\w+$/, "");
const listed = (paths: readonly string[]) =>
  paths.map((path) => `\`${layerOf(path)}\``).join(", ").replace(/, (?=[^,]*$)/, " and ");
