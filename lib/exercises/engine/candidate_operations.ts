/** Another operation in place of a learner's, on the same tensors or with them exchanged. */
import * as tf from "../../tensor/tf.ts";
import * as ops from "../../tensor/ops.ts";
import type { Candidate, Material } from "./candidate.ts";
import { otherAttributes, reductions, same } from "./candidate_attributes.ts";
import { functionOf } from "./step_difference.ts";

/** Steps of which there are many others, that only put values in places. */
export const arranging = /^(Transpose|Reshape|Slice)$/;

/** The two inputs in each other's place. */
export function* exchanged({ step, called }: Material): Generator<Candidate> {
  if (step.layer || !/^(Sub|RealDiv|Pow|BatchMatMul)$/.test(step.name)) return;
  yield {
    say: `the two inputs of ${called} are exchanged`,
    make: (step, [a, b]) => step.again([b, a]),
  };
  if (step.name !== "BatchMatMul") return;
  const { transposeA: first, transposeB: second } = step.attributes as Record<string, boolean>;
  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      if (transposeA === first && transposeB === second) continue;
      yield {
        say:
          `the two inputs of ${called} are exchanged: \`tf.matMul(b, a, ${transposeA}, ${transposeB})\``,
        make: (step, [a, b]) => step.again([b, a], { ...step.attributes, transposeA, transposeB }),
      };
    }
  }
}

const binary: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  pow: tf.pow,
  squaredDifference: tf.squaredDifference,
};

const unary: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  "tf.softmax": ops.softmax,
  "GELU": ops.gelu,
  "tf.relu": tf.relu,
  "tf.sigmoid": tf.sigmoid,
  "tf.tanh": tf.tanh,
  "tf.exp": tf.exp,
  "tf.log": tf.log,
  "tf.sqrt": tf.sqrt,
  "tf.rsqrt": tf.rsqrt,
  "tf.square": tf.square,
  "tf.reciprocal": tf.reciprocal,
  "tf.neg": tf.neg,
  "tf.abs": tf.abs,
  "tf.sin": tf.sin,
  "tf.cos": tf.cos,
};

/** The operations of one tensor that a right computation has: others would be right by chance. */
export function unaryIn({ right }: Material) {
  const names = new Set(right.flat().map(({ name }) => name.toLowerCase()));
  return Object.entries(unary).filter(([name]) => names.has(name.replace("tf.", "").toLowerCase()));
}

export const quoted = (name: string) => name.startsWith("tf.") ? `\`${name}\`` : name;

/** Another operation of the same kind. */
export function* otherOperations(material: Material): Generator<Candidate> {
  const { step, called } = material;
  if (step.layer) return;
  const { name, inputs } = step;
  const own = functionOf(name);
  if (name in reductions) {
    const { axis, keepDims } = step.attributes as { axis: number[]; keepDims: boolean };
    for (const [other, reduce] of Object.entries(reductions)) {
      if (other === name) continue;
      yield {
        say: `${called} stands where \`${functionOf(other)}\` belongs`,
        make: (_, [x]) => [reduce(x, axis, keepDims)],
      };
    }
  }
  if (inputs.length === 2 && !/Concat|Pack|Gather/.test(name)) {
    for (const [other, operation] of Object.entries(binary)) {
      if (`tf.${other}` === own) continue;
      const say = `${called} stands where \`tf.${other}\` belongs`;
      yield { say, make: (_, [a, b]) => [operation(a, b)] };
    }
    for (const [other, operation] of Object.entries(binary)) {
      if (`tf.${other}` === own || !/sub|div|pow/.test(other)) continue;
      const say = `${called} stands where \`tf.${other}\` belongs`;
      yield {
        say: `${say}, with its inputs the other way round`,
        make: (_, [a, b]) => [operation(b, a)],
      };
    }
  }
  if (inputs.length === 1 && step.outputs[0] && same(inputs[0].shape, step.outputs[0].shape)) {
    for (const [other, operation] of unaryIn(material)) {
      if (other.toLowerCase().endsWith(name.toLowerCase())) continue;
      yield {
        say: `${called} stands where ${quoted(other)} belongs`,
        make: (_, [x]) => [operation(x)],
      };
    }
  }
}

/** Candidates for a step that is one of several that a call makes: for each of these, or in place of the whole call. */
export function* partsFor(material: Material): Generator<Candidate> {
  const { called, partOf } = material;
  // How an operation arranges what it works on is no word of the learner's.
  if (!arranging.test(material.step.name)) yield* otherAttributes(material);
  if (!partOf?.whole) return;
  const uses = [partOf.whole];
  yield {
    say: `${called} is too much; what it gets goes on as it is`,
    uses,
    make: (_step, _inputs, [x]) => [x],
  };
  for (const [name, operation] of unaryIn(material)) {
    yield {
      say: `${called} stands where ${quoted(name)} belongs`,
      uses,
      make: (_step, _inputs, [x]) => [operation(x)],
    };
  }
}
