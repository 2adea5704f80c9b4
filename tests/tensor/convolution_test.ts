import { assert, assertEquals } from "@std/assert";
import * as ops from "../../lib/tensor/ops.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { flatValues } from "./compiled.ts";
import { run } from "./subprocess.ts";

/** Sizes on both sides of every choice that the native convolution makes. */
const sizes = [
  { batch: 2, map: [9, 7], channels: [3, 4], window: [3, 3], stride: 1, zeros: [[1, 1], [1, 1]] },
  { batch: 2, map: [11, 12], channels: [2, 3], window: [3, 3], stride: 2, zeros: [[1, 1], [1, 0]] },
  { batch: 2, map: [10, 13], channels: [2, 3], window: [5, 3], stride: 2, zeros: [[2, 1], [0, 0]] },
  { batch: 3, map: [4, 4], channels: [5, 2], window: [3, 3], stride: 1, zeros: [[1, 1], [1, 1]] },
  { batch: 3, map: [7, 8], channels: [4, 3], window: [3, 3], stride: 2, zeros: [[1, 1], [1, 0]] },
  { batch: 3, map: [2, 2], channels: [4, 5], window: [3, 3], stride: 1, zeros: [[1, 1], [1, 1]] },
  { batch: 3, map: [2, 2], channels: [4, 5], window: [3, 3], stride: 2, zeros: [[1, 0], [1, 0]] },
  { batch: 3, map: [2, 2], channels: [4, 5], window: [3, 3], stride: 1, zeros: [[1, 2], [2, 0]] },
  { batch: 3, map: [2, 2], channels: [4, 5], window: [3, 2], stride: 1, zeros: [[3, 1], [0, 2]] },
  { batch: 3, map: [4, 4], channels: [4, 5], window: [3, 3], stride: 2, zeros: [[1, 1], [1, 1]] },
  { batch: 3, map: [1, 3], channels: [4, 5], window: [1, 5], stride: 1, zeros: [[0, 0], [2, 2]] },
  { batch: 3, map: [2, 2], channels: [4, 5], window: [1, 1], stride: 1, zeros: [[0, 0], [0, 0]] },
  { batch: 2, map: [5, 6], channels: [2, 3], window: [1, 1], stride: 2, zeros: [[1, 1], [1, 0]] },
  { batch: 4, map: [1, 1], channels: [6, 5], window: [3, 3], stride: 1, zeros: [[1, 1], [1, 1]] },
  { batch: 2, map: [9, 8], channels: [3, 5], window: [1, 1], stride: 2, zeros: [[0, 0], [0, 0]] },
  { batch: 2, map: [7, 7], channels: [2, 3], window: [1, 1], stride: 3, zeros: [[0, 0], [0, 0]] },
  { batch: 2, map: [6, 5], channels: [3, 4], window: [1, 1], stride: 1, zeros: [[0, 0], [0, 0]] },
  { batch: 2, map: [5, 6], channels: [2, 3], window: [4, 2], stride: 3, zeros: [[2, 1], [1, 1]] },
] as const;

for (const { batch, map, channels, window, stride, zeros } of sizes) {
  const name = `${map.join("×")} by ${window.join("×")}, stride ${stride}, zeros ${zeros}`;
  Deno.test(`conv2d has the values and gradients of padding and tf.conv2d: ${name}`, () => {
    const x = tf.randomNormal<tf.Rank.R4>([batch, ...map, channels[0]]);
    const weight = tf.randomNormal<tf.Rank.R4>([...window, ...channels]);
    const composed = (x: tf.Tensor, weight: tf.Tensor) =>
      tf.conv2d(
        tf.pad(x as tf.Tensor4D, [[0, 0], [...zeros[0]], [...zeros[1]], [0, 0]]),
        weight as tf.Tensor4D,
        stride,
        "valid",
      );
    const ours = (x: tf.Tensor, weight: tf.Tensor) =>
      ops.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, { stride, zeros });
    const dy = tf.randomNormal(composed(x, weight).shape);
    const results = [composed, ours].map((convolution) => {
      const [dx, dWeight] = tf.grads(convolution as never)([x, weight], dy as never);
      return { y: convolution(x, weight), dx, dWeight };
    });
    for (const key of ["y", "dx", "dWeight"] as const) {
      const [expected, actual] = results.map((result) => flatValues(result[key]));
      const worst = Math.max(...expected.map((value, index) => Math.abs(value - actual[index])));
      assert(expected.length === actual.length && worst < 1e-4, `${key} is off by ${worst}`);
    }
  });
}

Deno.test("a convolution whose window fits nowhere, by one, is empty, and its gradients are zero", () => {
  for (const [map, window] of [[[2, 2], [3, 3]], [[3, 6], [4, 2]], [[5, 1], [2, 2]]]) {
    const x: tf.Tensor4D = tf.ones([2, map[0], map[1], 3]);
    const weight: tf.Tensor4D = tf.ones([window[0], window[1], 3, 4]);
    const y = tf.conv2d(x, weight, 1, "valid");
    const places = map.map((size, axis) => size - window[axis] + 1);
    assertEquals(y.shape, [2, ...places, 4]);
    assertEquals(flatValues(y), []);
    assertEquals(tf.depthwiseConv2d(x, weight, 1, "valid").shape, [2, ...places, 12]);
    const gradients = tf.grads((x, weight) =>
      tf.sum(tf.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, 1, "valid"))
    )([x, weight]);
    for (const gradient of gradients) {
      assert(flatValues(gradient).every((value) => value === 0));
    }
  }
});

type Triple = [number, number, number];

Deno.test("a window over three axes that fits nowhere gives nothing, and gradients of zero", () => {
  for (
    const [map, window, stride, places] of [
      [[2, 3, 4], [3, 1, 1], 1, [0, 3, 4]],
      [[5, 2, 2], [1, 2, 3], 2, [3, 1, 0]],
      [[1, 1, 1], [2, 1, 3], 3, [0, 1, 0]],
    ] as [Triple, Triple, number, Triple][]
  ) {
    const x = tf.ones([2, ...map, 3]) as tf.Tensor5D;
    const weight = tf.ones([...window, 3, 3]) as tf.Tensor5D;
    const convolved = (x: tf.Tensor, weight: tf.Tensor) =>
      tf.conv3d(x as tf.Tensor5D, weight as tf.Tensor5D, stride, "valid");
    assertEquals(convolved(x, weight).shape, [2, ...places, 3]);
    const sum = (x: tf.Tensor, weight: tf.Tensor) => tf.sum(convolved(x, weight));
    const [dx, dw] = tf.grads(sum)([x, weight]);
    assertEquals([dx.shape, dw.shape], [x.shape, weight.shape]);
    assertEquals([...flatValues(dx), ...flatValues(dw)].filter((value) => value !== 0), []);
  }
});

Deno.test("a window over three axes that fits once along the last one is right, whatever the stride", () => {
  for (const [width, window, stride] of [[6, 3, 4], [3, 2, 2], [5, 3, 3], [7, 2, 6]]) {
    const x = tf.range(0, 12 * width).reshape([2, 2, 3, width, 1]) as tf.Tensor5D;
    const weight = tf.range(1, 3 * window + 1).reshape([1, 1, window, 1, 3]) as tf.Tensor5D;
    const met = tf.slice(x, [0, 0, 0, 0, 0], [2, 2, 3, window, 1]);
    const expected = tf.matMul(tf.reshape(met, [12, window]), tf.reshape(weight, [window, 3]));
    const y = tf.conv3d(x, weight, [1, 1, stride], "valid");
    assertEquals(y.shape, [2, 2, 3, 1, 3]);
    assertEquals(flatValues(y), flatValues(expected));
  }
});

for (const [name, call] of [["plain", "conv2d"], ["depthwise", "depthwiseConv2d"]]) {
  Deno.test(`the gradient of a ${name} window of one place that skips some stays within its memory`, async () => {
    const { code, output, errors } = await run(
      `
      import "./lib/mod.ts";
      import * as tf from "./lib/tensor/tf.ts";
      const x = tf.range(0, 4 * 34).reshape([1, 4, 34, 1]), filter = tf.ones([1, 1, 1, 2]);
      const gradient = tf.grad((w) => tf.sum(tf.${call}(x, w, 2, "valid")));
      let sums;
      for (let time = 0; time < 300; time++) {
        tf.tidy(() => sums = gradient(filter).arraySync().flat(3));
      }
      console.log(sums.join());`,
      { MALLOC_CHECK_: "3", MALLOC_PERTURB_: "7" },
    );
    // Rows 0 and 2, every second column: 17 · (0 + 68) + 2 · (0 + 2 + … + 32).
    assertEquals([code, output.trim()], [0, "1700,1700"], errors);
  });
}

Deno.test("a window of one place that meets nothing but zeros has gradients of zero", () => {
  const x = tf.ones([1, 5, 2, 3]) as tf.Tensor4D, weight = tf.ones([1, 1, 3, 2]) as tf.Tensor4D;
  const convolved = (x: tf.Tensor, weight: tf.Tensor) =>
    tf.sum(
      ops.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, { stride: 4, zeros: [[1, 1], [1, 1]] }),
    );
  const [dx, dw] = tf.grads(convolved)([x, weight]);
  assertEquals([dx.shape, dw.shape], [x.shape, weight.shape]);
  assertEquals([...flatValues(dx), ...flatValues(dw)].filter((value) => value !== 0), []);
});
