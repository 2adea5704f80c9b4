/** Puts the layers of two modules beside each other where their sizes differ, to find the one that is wrong. */
import type * as tf from "../../tensor/tf.ts";
import type { Module } from "../../nn/module.ts";
import { orderOfUse } from "./roles.ts";

/** A layer: the parameters that lie in one module, or a parameter by itself. */
export interface Layer {
  path: string;
  /** By their names in the layer: "weight", "bias". */
  parameters: ReadonlyMap<string, tf.Variable>;
}

/** A parameter of the learner's whose sizes are not those of the library's that stands in its place. */
export interface WrongSize {
  path: string;
  ours: readonly number[];
  libraryPath: string;
  theirs: readonly number[];
}

/**
 * The first parameter of another size, with the layers of both modules put beside each other in the order
 * of their use (of their fields, where there is no input). `undefined` where layers are missing or left over
 * rather than of another size.
 */
export function wrongSize(
  ours: Module,
  theirs: Module,
  input?: tf.Tensor,
): WrongSize | undefined {
  const [our, their] = [ours, theirs].map((module) => layersOf(module, input));
  const aligned = align(our, their);
  if (aligned.some(([one, other]) => one === undefined || other === undefined)) return undefined;
  for (const [one, other] of aligned as [Layer, Layer][]) {
    for (const [name, parameter] of other.parameters) {
      const mine = counterpart(one, name, other);
      if (!mine) return undefined;
      if (sameSizes(mine[1].shape, parameter.shape)) continue;
      return {
        path: join(one.path, mine[0]),
        ours: mine[1].shape,
        libraryPath: join(other.path, name),
        theirs: parameter.shape,
      };
    }
  }
}

const join = (path: string, name: string) => [path, name].filter((each) => each !== "").join(".");

/** The parameter of a layer that stands for one of another layer. */
function counterpart(layer: Layer, name: string, other: Layer) {
  const named = layer.parameters.get(name);
  if (named) return [name, named] as const;
  // One by itself may have another name; of several, each has its own.
  return layer.parameters.size === 1 && other.parameters.size === 1
    ? [...layer.parameters][0]
    : undefined;
}

const sameSizes = (a: readonly number[], b: readonly number[]) =>
  a.filter((size) => size !== 1).join() === b.filter((size) => size !== 1).join();

/** The layers in the order of use. */
function layersOf(module: Module, input?: tf.Tensor): Layer[] {
  const parameters = module.namedParameters();
  const paths = input ? orderOfUse(module, input) : [...parameters.keys()];
  const modules = module.namedModules();
  const layers = new Map<string, Map<string, tf.Variable>>();
  for (const path of paths) {
    const dot = path.lastIndexOf(".");
    const home = path.slice(0, Math.max(dot, 0));
    // Parameters of a part that holds other parts too, such as positions, each stand alone.
    const isLayer = dot > 0 && modules.has(home) && modules.get(home)!.namedChildren().size === 0;
    const key = isLayer ? home : path;
    if (!layers.has(key)) layers.set(key, new Map());
    layers.get(key)!.set(isLayer ? path.slice(dot + 1) : "", parameters.get(path)!);
  }
  return [...layers].map(([path, parameters]) => ({ path, parameters }));
}

/**
 * The alignment of two lists with the least cost (Needleman and Wunsch, 1970): a layer of the same kind and
 * other sizes costs less than one that is missing and one that is left over.
 */
function align(
  ours: readonly Layer[],
  theirs: readonly Layer[],
): [Layer | undefined, Layer | undefined][] {
  const gap = 2;
  const costs = [Array.from({ length: theirs.length + 1 }, (_, column) => column * gap)];
  for (let row = 1; row <= ours.length; row++) {
    costs.push([row * gap]);
    for (let column = 1; column <= theirs.length; column++) {
      costs[row].push(Math.min(
        costs[row - 1][column - 1] + difference(ours[row - 1], theirs[column - 1]),
        costs[row - 1][column] + gap,
        costs[row][column - 1] + gap,
      ));
    }
  }
  const aligned: [Layer | undefined, Layer | undefined][] = [];
  let [row, column] = [ours.length, theirs.length];
  while (row > 0 || column > 0) {
    const cost = costs[row][column];
    const both = row > 0 && column > 0 &&
      cost === costs[row - 1][column - 1] + difference(ours[row - 1], theirs[column - 1]);
    if (both) aligned.unshift([ours[--row], theirs[--column]]);
    else if (row > 0 && cost === costs[row - 1][column] + gap) {
      aligned.unshift([ours[--row], undefined]);
    } else aligned.unshift([undefined, theirs[--column]]);
  }
  return aligned;
}

/** 0 for layers of equal sizes, more for other sizes, most for another kind of layer. */
function difference(one: Layer, other: Layer): number {
  const kind = ({ parameters }: Layer) =>
    [...parameters].map(([name, { rank }]) => `${name}${rank}`).sort().join();
  const sizes = ({ parameters }: Layer) =>
    [...parameters.values()].flatMap(({ shape }) => shape.filter((size) => size !== 1));
  const [a, b] = [sizes(one), sizes(other)];
  const name = (layer: Layer) => layer.path.split(".").at(-1)!;
  const named = name(one) === name(other) ? 0 : 0.01;
  if (a.join() === b.join()) return named;
  if (kind(one) !== kind(other) || a.length !== b.length) return 3.5 + named;
  const wrong = a.filter((size, index) => size !== b[index]).length;
  return 0.5 + wrong / a.length + named;
}

/** What a size stands for, from the options that a module is made from: "`mlpWidth`", "3 · `width`". */
export function sizeText(size: number, options: object): string | undefined {
  const numbers = Object.entries(options).filter((entry): entry is [string, number] =>
    typeof entry[1] === "number" && entry[1] > 0
  );
  const { width, heads } = options as { width?: number; heads?: number };
  const fitting = [
    ...numbers.flatMap(([name, value]) => value === size ? [`\`${name}\``] : []),
    ...(width && heads && width / heads === size ? ["`width / heads`"] : []),
  ];
  if (fitting.length === 0) {
    const [tripled] = numbers.find(([, value]) => value * 3 === size) ?? [];
    return tripled && `3 · \`${tripled}\``;
  }
  // One of two may be as large by accident; the learner knows which is meant.
  return fitting.length <= 2 ? fitting.join(" or ") : undefined;
}
