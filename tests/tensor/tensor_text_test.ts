/** Tensors as NumPy prints arrays. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { nativeBackend } from "../../lib/tensor/native.ts";
import { describeTensor } from "../../lib/tensor/tensor_text.ts";
import { compile } from "../../lib/tensor/compile.ts";
import * as tf from "../../lib/tensor/tf.ts";
import reference from "../reference/tensor_text.json" with { type: "json" };

const display = Symbol.for("Jupyter.display");
// deno-lint-ignore no-explicit-any -- a method that the types of tfjs do not have
const shown = (tensor: tf.Tensor): Record<string, string> => (tensor as any)[display]();

function tensorOf({ dtype, shape, values }: (typeof reference.cases)[number]): tf.Tensor {
  if (dtype === "complex64") {
    const pairs = values as number[][];
    const part = (at: number) => tf.tensor(pairs.map((pair) => pair[at]), shape, "float32");
    return tf.complex(part(0), part(1));
  }
  if (dtype === "string") return tf.tensor(values as string[], shape, "string");
  return tf.tensor((values as (number | boolean | string)[]).map(number), shape, dtype as "int32");
}

/** JSON has no NaN and no infinity. */
function number(value: number | boolean | string): number {
  return value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number(value);
}

for (const each of reference.cases) {
  Deno.test(`a tensor is written as NumPy writes ${each.name}`, () => {
    const facts = `shape=[${each.shape.join(", ")}], dtype=${each.dtype}`;
    const tensor = tensorOf(each);
    const { text } = describeTensor(tensor);
    assertEquals(text.replace(/,\s+shape=.*\)$/, ""), `tensor(${each.text}`);
    assertStringIncludes(text, facts);
    assert(text.split("\n").every((line) => line.length <= 75), text);
  });
}

Deno.test("a tensor shows its values, shape and type in a notebook and a terminal", () => {
  const matrix = tf.tensor2d([[1, 2], [3, 4.5]]);
  const text = "tensor([[1. , 2. ],\n        [3. , 4.5]], shape=[2, 2], dtype=float32)";
  assertEquals(shown(matrix)["text/plain"], text);
  assertStringIncludes(shown(matrix)["text/html"], "[[1. , 2. ],\n [3. , 4.5]]");
  assertEquals(Deno.inspect(matrix), text);
  assertEquals(
    Deno.inspect({ images: matrix }),
    "{ images: tensor(shape=[2, 2], dtype=float32) }",
  );
  assertStringIncludes(shown(tf.variable(matrix))["text/plain"], "variable([[1. ");
  assertEquals(
    shown(tf.tensor([], [0, 3]))["text/plain"],
    "tensor([], shape=[0, 3], dtype=float32)",
  );
  const words = tf.tensor(["<b>"]);
  assertStringIncludes(shown(words)["text/html"], "['&lt;b&gt;']");
});

Deno.test("a large tensor of any type shows its ends, and leaves no tensor behind", () => {
  const kinds: [tf.Tensor, string][] = [
    [tf.complex(tf.ones([2000]), tf.zeros([2000])), "1.+0.j"],
    [tf.ones([2000], "bool"), "True"],
    [tf.ones([2000], "int32"), "1"],
    [tf.tensor(new Array(2000).fill("a")), "'a'"],
  ];
  const before = tf.memory().numTensors;
  for (const [tensor, word] of kinds) {
    const ends = `[${[word, word, word, "...", word, word, word].join(", ")}]`;
    assertStringIncludes(Deno.inspect(tensor).replaceAll(/\s+/g, " "), ends);
  }
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a disposed tensor says so", () => {
  const tensor = tf.tensor1d([1, 2, 3]);
  tensor.dispose();
  const text = "tensor(disposed: its values are gone, shape=[3], dtype=float32)";
  assertEquals(shown(tensor)["text/plain"], text);
  assertEquals(Deno.inspect([tensor]), `[ ${text} ]`);
});

Deno.test("printing a tensor in a step does not keep the step from being compiled", async () => {
  const printed: string[] = [];
  const step = compile((x: tf.Tensor) => {
    const twice = tf.mul(x, 2);
    printed.push(Deno.inspect(twice));
    return twice;
  });
  for (let call = 0; call < 3; call++) await step(tf.tensor1d([call]));
  assertEquals(step.reports().map(({ mode }) => mode), ["compiled"]);
  assertStringIncludes(printed.join(), "no values yet");
});

Deno.test("a large tensor shows itself at once, leaks nothing and reads back only what it shows", () => {
  const { binding } = nativeBackend()!;
  const large = tf.zeros([64, 224, 224, 3]);
  describeTensor(large);
  const before = tf.memory().numTensors;
  const read: number[] = [];
  const tensorDataSync = binding.tensorDataSync;
  binding.tensorDataSync = (id) => {
    const values = tensorDataSync.call(binding, id);
    read.push(values.length);
    return values;
  };
  try {
    describeTensor(large);
  } finally {
    binding.tensorDataSync = tensorDataSync;
  }
  assertEquals(tf.memory().numTensors, before);
  assertEquals(new Set(read), new Set([6 * 6 * 6 * 3]));
});
