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
type Five = [number, number, number, number, number];

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

/** What a convolution over three axes gives, and what its input and window give for a slope of its result. */
function deepConvolution(
  [x, weight, slope]: tf.Tensor5D[],
  strides: Triple,
  zeros: Triple,
): { value: number[]; input: number[]; window: number[] } {
  const [given, window, slopes] = [x, weight, slope].map(flatValues);
  const value = slopes.map(() => 0), toInput = given.map(() => 0), toWindow = window.map(() => 0);
  const at = (tensor: tf.Tensor, ...place: number[]) =>
    place.reduce((sum, each, axis) => sum + each * (tensor.strides[axis] ?? 1), 0);
  const [batch, inputs, outputs] = [x.shape[0], x.shape[4], slope.shape[4]];
  const every = (shape: readonly number[], visit: (...place: number[]) => void) => {
    const size = shape.reduce((product, length) => product * length, 1);
    for (let place = 0; place < size; place++) {
      let rest = place;
      visit(
        ...shape.toReversed().map((length) => {
          const index = rest % length;
          rest = (rest - index) / length;
          return index;
        }).reverse(),
      );
    }
  };
  every([...slope.shape.slice(1, 4), ...weight.shape.slice(0, 3)], (...place) => {
    const to = place.slice(0, 3), tap = place.slice(3);
    const from = to.map((each, axis) => each * strides[axis] + tap[axis] - zeros[axis]);
    if (from.some((each, axis) => each < 0 || each >= x.shape[axis + 1])) return;
    every([batch, inputs, outputs], (image, input, output) => {
      const read = at(x, image, ...from, input), used = at(weight, ...tap, input, output);
      const made = at(slope, image, ...to, output);
      value[made] += given[read] * window[used];
      toInput[read] += slopes[made] * window[used];
      toWindow[used] += slopes[made] * given[read];
    });
  });
  return { value, input: toInput, window: toWindow };
}

Deno.test("a convolution over three axes and its gradients are right with a stride over depth", () => {
  for (
    const [map, window, strides, padding] of [
      [[7, 5, 4], [3, 3, 2], [2, 1, 1], "valid"],
      [[7, 5, 4], [3, 3, 3], [2, 2, 2], "same"],
      [[6, 3, 5], [2, 1, 3], [3, 1, 2], "same"],
      [[5, 4, 3], [2, 2, 3], [3, 2, 1], "valid"],
    ] as [Triple, Triple, Triple, "valid" | "same"][]
  ) {
    const whole = (...shape: number[]) =>
      // whose sums are exact
      tf.floor(tf.randomUniform<tf.Rank.R5>(shape as Five, -4, 5));
    const x = whole(2, ...map, 3), weight = whole(...window, 3, 2);
    const convolved = (x: tf.Tensor, weight: tf.Tensor) =>
      tf.conv3d(x as tf.Tensor5D, weight as tf.Tensor5D, strides, padding);
    const slope = whole(...convolved(x, weight).shape);
    const zeros = map.map((size, axis) => {
      const places = Math.ceil(size / strides[axis]);
      const missing = Math.max(0, (places - 1) * strides[axis] + window[axis] - size);
      return padding === "same" ? Math.floor(missing / 2) : 0;
    }) as Triple;
    const expected = deepConvolution([x, weight, slope], strides, zeros);
    const [input, byWindow] = tf.grads(convolved)([x, weight], slope);
    assertEquals(flatValues(convolved(x, weight)), expected.value);
    assertEquals(flatValues(input).map((value) => value + 0), expected.input);
    assertEquals(flatValues(byWindow).map((value) => value + 0), expected.window);
  }
});

Deno.test("conv1d takes a number as padding: so many zeros before and after", () => {
  const x = tf.tensor2d([[1], [2], [3], [4]]), weight = tf.tensor3d([[[1]], [[10]], [[100]]]);
  assertEquals(flatValues(tf.conv1d(x, weight, 1, 1)), [210, 321, 432, 43]);
  assertEquals(flatValues(tf.conv1d(x, weight, 1, 2)), [100, 210, 321, 432, 43, 4]);
  assertEquals(flatValues(tf.conv1d(x, weight, 2, 1)), [210, 432]);
  assertEquals(flatValues(tf.conv1d(x, weight, 1, 0)), [321, 432]);
  const images = tf.stack([x, tf.mul(x, 2)]) as tf.Tensor3D;
  const [byImages, byWeight] = tf.grads((images: tf.Tensor, weight: tf.Tensor) =>
    tf.conv1d(images as tf.Tensor3D, weight as tf.Tensor3D, 1, 1)
  )([images, weight]);
  assertEquals(flatValues(byImages), [11, 111, 111, 110, 11, 111, 111, 110]);
  assertEquals(flatValues(byWeight), [18, 30, 27]);
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
