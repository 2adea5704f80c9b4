/** Matrix products and `einsum`. */
import * as tf from "tfjs";
import { gradient, unbroadcast } from "./register.ts";

// tfjs's leave the batch shape as it was broadcast: `[B, N, D] · [D, E]` could not be trained.
gradient("BatchMatMul", { inputs: ["a", "b"] }, (dy, [a, b], { transposeA, transposeB }) => {
  // One matrix for all rows: one product, instead of one for each of the batch and their sum.
  if (a.rank > 2 && b.rank === 2 && !transposeA) {
    return {
      a: () => rowsTimes(dy, b, !transposeB),
      b: () => transposeB ? tf.matMul(rows(dy), rows(a), true) : tf.matMul(rows(a), rows(dy), true),
    };
  }
  return {
    a: () =>
      unbroadcast(
        transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB),
        a.shape,
      ),
    b: () =>
      unbroadcast(
        transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA),
        b.shape,
      ),
  };
});

/** `[…, D] → [N, D]` */
const rows = (x: tf.Tensor) => tf.reshape(x, [-1, x.shape[x.rank - 1]]) as tf.Tensor2D;

/** `[…, N, D] · [D, E] → […, N, E]` as one product of matrices. */
function rowsTimes(x: tf.Tensor, matrix: tf.Tensor, transpose: boolean): tf.Tensor {
  const product = tf.matMul(rows(x), matrix as tf.Tensor2D, false, transpose);
  return tf.reshape(product, [...x.shape.slice(0, -1), product.shape[1]!]);
}

/** An equation with its ellipses spelt out: the labels of each operand, and of the result. */
function explicit(equation: string, operands: tf.Tensor[]): { operands: string[]; result: string } {
  const [left, result] = equation.replaceAll(/\s/g, "").split("->");
  const free = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].filter((label) => !equation.includes(label));
  const widths = left.split(",").map((labels, index) =>
    labels.includes("...") ? operands[index].rank - (labels.length - "...".length) : 0
  );
  const widest = Math.max(...widths);
  const batch = free.slice(0, widest).join("");
  return {
    operands: left.split(",").map((labels, index) =>
      labels.replace("...", batch.slice(widest - widths[index]))
    ),
    result: result.replace("...", batch),
  };
}

/** The sizes that the labels stand for; where one operand has 1, it is repeated. */
function labelSizes(labels: string[], operands: tf.Tensor[]): Map<string, number> {
  const sizes = new Map<string, number>();
  labels.forEach((each, index) =>
    [...each].forEach((label, axis) => {
      const size = operands[index].shape[axis];
      if (size !== 1 || !sizes.has(label)) sizes.set(label, size);
    })
  );
  return sizes;
}

/** Puts values on the diagonal of the axes whose labels repeat: `ab → aab`. */
function onDiagonals(x: tf.Tensor, unique: string[], labels: string): tf.Tensor {
  const seen = new Set<string>();
  const sizes = unique.map((_, axis) => x.shape[axis]);
  const size = (label: string) => sizes[unique.indexOf(label)];
  let result = tf.reshape(
    x,
    [...labels].map((label) => seen.has(label) ? 1 : (seen.add(label), size(label))),
  );
  [...labels].forEach((label, axis) => {
    const first = labels.indexOf(label);
    if (first === axis) return;
    const shape = [...labels].map((_, at) => at === first || at === axis ? size(label) : 1);
    result = tf.mul(result, tf.reshape(tf.eye(size(label)), shape));
  });
  return result;
}

gradient("Einsum", { allInputs: true }, (dy, tensors, { equation }) => {
  const { operands, result } = explicit(equation, tensors);
  const sizes = labelSizes(operands, tensors);
  /** An operand's labels, without those along which it is repeated, and the tensor without those axes. */
  const proper = (index: number) => {
    const { shape } = tensors[index];
    const isProper = (label: string, axis: number) => shape[axis] === sizes.get(label);
    const labels = [...operands[index]].filter(isProper);
    return {
      labels,
      x: tf.reshape(
        tensors[index],
        shape.filter((_, axis) => isProper(operands[index][axis], axis)),
      ),
    };
  };
  const ofOperand = (index: number) => {
    const others = tensors.map((_, other) => other).filter((other) => other !== index).map(proper);
    const own = [...new Set(proper(index).labels)];
    const met = new Set([...result, ...others.flatMap(({ labels }) => labels)]);
    // What the operand alone is summed over has the same gradient all along.
    const kept = own.filter((label) => met.has(label));
    const left = [result, ...others.map(({ labels }) => labels.join(""))].join(",");
    const gradient = tf.einsum(`${left}->${kept.join("")}`, dy, ...others.map(({ x }) => x));
    const shape = own.map((label) => kept.includes(label) ? sizes.get(label)! : 1);
    const repeats = own.map((label) => kept.includes(label) ? 1 : sizes.get(label)!);
    const whole = tf.tile(tf.reshape(gradient, shape), repeats);
    return tf.reshape(
      onDiagonals(whole, own, proper(index).labels.join("")),
      tensors[index].shape,
    );
  };
  return Object.fromEntries(tensors.map((_, index) => [index, () => ofOperand(index)]));
});
