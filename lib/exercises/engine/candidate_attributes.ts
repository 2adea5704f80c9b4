/** The same operation of a learner's over other axes, in another order, turned round, of another part. */
import * as tf from "../../tensor/tf.ts";
import { type Candidate, type Material, ordinal } from "./candidate.ts";
import { shapeText, sizeOf } from "./check.ts";

export const reductions: Readonly<
  Record<string, (x: tf.Tensor, axis: number[], keep: boolean) => tf.Tensor>
> = {
  Sum: tf.sum,
  Mean: tf.mean,
  Max: tf.max,
  Min: tf.min,
  Prod: tf.prod,
};

/** Up to which size one beside a −1 is tried. */
const mostSizes = 512;

/** The same operation over other axes, in another order, turned round. */
export function* otherAttributes({ step, called }: Material): Generator<Candidate> {
  const { name } = step;
  const [input] = step.inputs;
  if (!input || step.layer) return;
  const rank = input.shape.length;
  const attributes = step.attributes as Record<string, unknown>;
  const changed = (key: string, value: unknown, say: string): Candidate => ({
    say,
    make: (step, inputs) => step.again(inputs, { ...step.attributes, [key]: value }),
  });
  if (name in reductions) {
    const keep = attributes.keepDims === true;
    const axes = [attributes.axis].flat().filter((each) => typeof each === "number");
    const own = axes.length === 0
      ? Array.from({ length: rank }, (_, axis) => axis)
      : axes.map((axis) => axis < 0 ? axis + rank : axis);
    for (const other of subsets(rank)) {
      if (same(other, own.toSorted())) continue;
      yield {
        say: `${called} goes over ${axesText(own, rank)}, but should go over ${
          axesText(other, rank)
        }`,
        make: (_, [x]) => [reductions[name](x, other, keep)],
      };
    }
    yield {
      say: `${called} ${keep ? "keeps" : "drops"} its axis, but should ${
        keep ? "drop" : "keep"
      } it`,
      make: (_, [x]) => [reductions[name](x, own, !keep)],
    };
  }
  if (/^softmax$/i.test(name)) {
    for (let axis = 0; axis < rank - 1; axis++) {
      yield {
        say: `${called} goes over the last axis, but should go over axis ${axis}`,
        make: (_, [x]) => [softmaxOver(x, axis)],
      };
    }
  }
  if (name === "Transpose") {
    const own = attributes.perm as number[] | undefined;
    for (const perm of orders(rank)) {
      if (own && same(perm, own)) continue;
      yield {
        say:
          `${called} puts the axes in the order ${own ? shapeText(own) : "from last to first"}, ` +
          `but it should be ${shapeText(perm)}`,
        make: (_, [x]) => [tf.transpose(x, perm)],
      };
    }
  }
  if (name === "Reshape") {
    const own = attributes.shape as number[];
    if (!Array.isArray(own) || own.some((size) => typeof size !== "number")) return;
    const values = sizeOf(input.shape);
    const isWhole = own.includes(-1) || sizeOf(own) === values;
    const reshaped = (shape: number[]): Candidate => ({
      say: `${called} reshapes to ${shapeText(own)}, but should to ${shapeText(shape)}`,
      make: (_, [x]) => [tf.reshape(x, shape)],
    });
    for (const shape of isWhole ? arrangements(own) : []) {
      if (!same(shape, own)) yield reshaped(shape);
    }
    // One size such that all values have a place.
    for (const axis of own.keys()) {
      const size = values / sizeOf(own.toSpliced(axis, 1));
      if (!Number.isInteger(size) || size < 1 || size === own[axis]) continue;
      yield reshaped(own.with(axis, size));
    }
    // Beside a size that is left to be found, another may be any that divides the rest.
    const fixed = own.findLastIndex((size) => size > 0);
    if (own.includes(-1) && fixed >= 0) {
      const rest = values / Math.abs(sizeOf(own.toSpliced(fixed, 1)));
      for (let size = 2; size <= Math.min(rest, mostSizes); size++) {
        if (rest % size === 0 && size !== own[fixed]) yield reshaped(own.with(fixed, size));
      }
    }
    // One size that was forgotten.
    const forgotten = values / sizeOf(own);
    if (!isWhole && Number.isInteger(forgotten) && forgotten >= 2) {
      for (let axis = own.length; axis >= 0; axis--) {
        yield reshaped(own.toSpliced(axis, 0, forgotten));
      }
    }
    if (rank > 5 || !isWhole) return;
    for (const perm of orders(rank).slice(1)) {
      yield {
        say: `before ${called}, \`tf.transpose(…, ${shapeText(perm)})\` is missing`,
        make: (step, [x]) => step.again([tf.transpose(x, perm)]),
      };
    }
  }
  if (name === "BatchMatMul") {
    const { transposeA: a = false, transposeB: b = false } = attributes as {
      transposeA?: boolean;
      transposeB?: boolean;
    };
    for (const [transposeA, transposeB] of [[a, !b], [!a, b], [!a, !b]]) {
      yield {
        say: `${called} should ${turnText([a, transposeA], "first")}${
          a !== transposeA && b !== transposeB ? " and " : ""
        }${turnText([b, transposeB], "second")}: \`tf.matMul(a, b, ${transposeA}, ${transposeB})\``,
        make: (step, inputs) => step.again(inputs, { ...step.attributes, transposeA, transposeB }),
      };
    }
  }
  for (const key of ["axis", "dim"]) {
    const own = attributes[key];
    if (typeof own !== "number" || name in reductions || /^softmax$/i.test(name)) continue;
    for (let axis = 0; axis <= rank; axis++) {
      if (axis === (own < 0 ? own + rank : own)) continue;
      yield changed(key, axis, `${called} has axis ${own}, but should have ${axis}`);
    }
  }
  if (name === "SplitV" && typeof attributes.numOrSizeSplits === "number") {
    const own = attributes.numOrSizeSplits;
    const length = input.shape.at(attributes.axis as number ?? 0) ?? 1;
    for (const count of [2, 3, 4, 5, 6]) {
      if (count === own || length % count !== 0) continue;
      const say = `${called} makes ${own} parts, but should make ${count}`;
      yield changed("numOrSizeSplits", count, say);
    }
  }
  if (name === "Concat" || name === "Pack") {
    const count = step.inputs.length;
    if (count > 4) {
      yield {
        say: `${called} joins its tensors in reverse order`,
        make: (step, inputs) => step.again(inputs.toReversed()),
      };
    } else {
      for (const order of orders(count).slice(1)) {
        yield {
          say: `${called} joins its tensors in the wrong order; right is ${
            order.map((each) => ordinal(each)).join(", ")
          }`,
          make: (step, inputs) => step.again(order.map((each) => inputs[each])),
        };
      }
    }
  }
  if (name === "Slice") {
    const { begin, size } = attributes as { begin: number[]; size: number[] };
    const starts = [begin].flat();
    const lengths = input.shape.map((length, axis) => {
      const asked = [size].flat()[axis] ?? -1;
      return asked < 0 ? length - (starts[axis] ?? 0) : asked;
    });
    for (const [own, right, length] of otherAxes(input.shape, starts, lengths)) {
      const begin = input.shape.map((_, axis) => starts[axis] ?? 0).with(own, 0)
        .with(right, starts[own] ?? 0);
      const count = lengths.with(own, input.shape[own]).with(right, length);
      yield {
        say: `${called} cuts axis ${own}, but should cut axis ${right}: \`tf.slice(x, ${
          shapeText(begin)
        }, ${
          shapeText(count.map((each, axis) => begin[axis] + each === input.shape[axis] ? -1 : each))
        })\``,
        make: (_, [x]) => [tf.slice(x, begin, count)],
      };
    }
    for (const [axis, length] of input.shape.entries()) {
      for (let start = 0; start < length && length <= 12; start++) {
        const counts = Array.from({ length: length - start }, (_, index) => index + 1);
        for (const count of new Set([lengths[axis], length - start, 1, ...counts])) {
          if (start + count > length || start === starts[axis] && count === lengths[axis]) continue;
          yield {
            say:
              `${called} takes ${rangeText(starts[axis] ?? 0, lengths[axis])} of axis ${axis}, ` +
              `but should take ${rangeText(start, count)}`,
            make: (_, [x]) => [
              tf.slice(
                x,
                x.shape.map((_, each) => each === axis ? start : starts[each] ?? 0),
                lengths.with(axis, count),
              ),
            ],
          };
        }
      }
    }
  }
}

/**
 * Each axis of which a slice takes a part, with each whole one and how much it would take of that: as much, or up to the
 * end where it does so.
 */
function otherAxes(
  shape: readonly number[],
  starts: readonly number[],
  lengths: readonly number[],
): [own: number, right: number, length: number][] {
  const axes = [...shape.keys()];
  const isCut = (axis: number) => lengths[axis] !== shape[axis];
  return axes.filter(isCut).flatMap((own) => {
    const start = starts[own] ?? 0;
    const isToEnd = start + lengths[own] === shape[own];
    return axes.filter((axis) => !isCut(axis)).flatMap((axis) =>
      [...new Set([lengths[own], isToEnd ? shape[axis] - start : lengths[own]])]
        .filter((length) => length > 0 && start + length <= shape[axis])
        .map((length): [number, number, number] => [own, axis, length])
    );
  });
}

export const same = (a: readonly number[], b: readonly number[]) => a.join() === b.join();

/** The sets of axes that a reduction may go over: single ones, neighbours, all but the first, all. */
function subsets(rank: number): number[][] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const all = axes.reduce<number[][]>(
    (sets, axis) => [...sets, ...sets.map((set) => [...set, axis])],
    [[]],
  );
  return all.filter(({ length }) => length > 0).sort((a, b) => a.length - b.length);
}

/** All orders of so many items, the identity first; of more than five, those that leave the first. */
export function orders(count: number): number[][] {
  const permuted = (items: number[]): number[][] =>
    items.length <= 1
      ? [items]
      : items.flatMap((item, index) =>
        permuted(items.toSpliced(index, 1)).map((rest) => [item, ...rest])
      );
  const items = Array.from({ length: count }, (_, index) => index);
  return count <= 5
    ? permuted(items)
    : count > 6
    ? [items]
    : permuted(items.slice(1)).map((rest) => [0, ...rest]);
}

/** The different orders of some numbers. */
function arrangements(numbers: readonly number[]): number[][] {
  if (numbers.length > 6) return [];
  const found = orders(numbers.length).map((order) => order.map((each) => numbers[each]));
  return [...new Map(found.map((each) => [each.join(), each])).values()];
}

/** Softmax over any axis; tfjs's goes over the last one. */
function softmaxOver(x: tf.Tensor, axis: number): tf.Tensor {
  const exponentials = tf.exp(tf.sub(x, tf.max(x, axis, true)));
  return tf.div(exponentials, tf.sum(exponentials, axis, true));
}

const axesText = (axes: readonly number[], rank: number) =>
  axes.length === rank && rank > 1
    ? "all axes"
    : `${axes.length === 1 ? "axis" : "axes"} ${axes.join(", ")}`;

const rangeText = (start: number, count: number) =>
  count === 1 ? `place ${start}` : `places ${start} to ${start + count - 1}`;

const turnText = ([own, right]: readonly [boolean, boolean], which: string) =>
  own === right ? "" : right ? `transpose its ${which} input` : `not transpose its ${which} input`;
