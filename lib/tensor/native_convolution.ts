/**
 * Two-dimensional convolution with the gradients that are fastest for its size.
 *
 * oneDNN's kernels are made for maps of many places. On the last maps of a ResNet, with few places and many
 * channels, they spend their time on padding: there a convolution is matrix products. Its value, and its input's
 * gradient where no place is skipped, are made *by places*: one product for each place of the result, of the part
 * of the map and of the window that meet there. The weight's gradient is made by *taps*: one product for each
 * place of the window with those places of the map that it meets; so is the input's gradient where places are
 * skipped. (cuDNN needs none of this: `device_settings.ts`.) For 512 channels on a map of 1×1 the gradient of the
 * weight takes 2 ms so, and 56 ms otherwise (batch 128, two cores).
 */
import * as tf from "tfjs";
import { type DeviceSettings, settings } from "./settings.ts";
import { attribute, type NativeBackend } from "./native.ts";

/** Zeros before and after an axis. */
export type Zeros = readonly [before: number, after: number];

const float = attribute.type("T", "float32");
const channelsLast = attribute.string("data_format", "NHWC");

/** Where one place of the window meets the map, along one axis. */
interface Overlap {
  /** First place of the output, and of the input, and how many there are. */
  output: number;
  input: number;
  count: number;
}

/** A convolution of one size. Sizes are those of NHWC images and a `[rows, columns, in, out]` weight. */
export class NativeConvolution {
  readonly #backend: NativeBackend;
  readonly #input: [number, number, number, number];
  readonly #weight: [number, number, number, number];
  readonly #stride: number;
  readonly #zeros: readonly [Zeros, Zeros];
  /** Height and width of the output. */
  readonly #places: [number, number];

  constructor(
    backend: NativeBackend,
    { input, weight, stride, zeros }: {
      input: [number, number, number, number];
      weight: [number, number, number, number];
      stride: number;
      zeros: readonly [Zeros, Zeros];
    },
  ) {
    this.#backend = backend;
    this.#input = input;
    this.#weight = weight;
    this.#stride = stride;
    this.#zeros = zeros;
    this.#places = [0, 1].map((axis) =>
      Math.floor((input[axis + 1] + zeros[axis][0] + zeros[axis][1] - weight[axis]) / stride) + 1
    ) as [number, number];
  }

  forward(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
    const isSmall = this.#placeCount <= settings().placeProducts;
    if (this.#isPointwise && (isSmall || this.#isSkipping)) return this.#pointwise(x, weight);
    if (isSmall) return this.#forwardByPlaces(x, weight);
    return this.#run("Conv2D", this.#padded(x), weight);
  }

  weightGradient(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
    if (this.#isByTaps("weightGradient")) return this.#weightGradientByTaps(x, dy);
    const shape = tf.tensor1d(this.#weight, "int32");
    return this.#run("Conv2DBackpropFilter", this.#padded(x), shape, dy);
  }

  inputGradient(weight: tf.Tensor, dy: tf.Tensor): tf.Tensor {
    if (this.#isInputByPlaces) return this.#inputGradientByPlaces(weight, dy);
    if (this.#isByTaps("inputGradient")) return this.#inputGradientByTaps(weight, dy);
    const [batch, height, width, channels] = this.#input;
    const [rows, columns] = this.#isSame || this.#isExplicit ? [[0, 0], [0, 0]] : this.#zeros;
    const padded = [
      batch,
      height + rows[0] + rows[1],
      width + columns[0] + columns[1],
      channels,
    ];
    const dx = this.#run("Conv2DBackpropInput", tf.tensor1d(padded, "int32"), weight, dy);
    return rows.every((zeros) => zeros === 0) && columns.every((zeros) => zeros === 0)
      ? dx
      : tf.slice(dx, [0, rows[0], columns[0], 0], this.#input);
  }

  /** Whether the products of the taps are faster on this device. */
  #isByTaps(what: keyof DeviceSettings["tapPlaces"]): boolean {
    // TensorFlow's kernel may write beyond its memory for a window of one place that skips some (`windows.ts`).
    return this.#placeCount <= settings().tapPlaces[what] || this.#isPlace && this.#isSkipping;
  }

  get #isInputByPlaces(): boolean {
    const [, height, width] = this.#input;
    return this.#stride === 1 && !this.#isPointwise && height * width <= settings().placeProducts;
  }

  /** A 1×1 window: one matrix product over all places that it takes. */
  get #isPointwise(): boolean {
    return this.#isPlace && this.#zeros.flat().every((zeros) => zeros === 0);
  }

  /** Whether the window is a single place. */
  get #isPlace(): boolean {
    const [rows, columns] = this.#weight;
    return rows === 1 && columns === 1;
  }

  /** Whether places are skipped, and this device is better off without those. */
  get #isSkipping(): boolean {
    return settings().pointwiseTaps && this.#stride > 1;
  }

  get #placeCount(): number {
    return this.#places[0] * this.#places[1];
  }

  // ---- By TensorFlow's kernels --------------------------------------------------------------

  /** Whether these zeros are what TensorFlow's "same" adds; explicit ones are slow. */
  get #isSame(): boolean {
    return this.#zeros.every(([before, after], axis) => {
      const size = this.#input[axis + 1];
      const total = Math.max(
        (Math.ceil(size / this.#stride) - 1) * this.#stride + this.#weight[axis] - size,
        0,
      );
      return before === total >> 1 && after === total - (total >> 1);
    });
  }

  /** Zeros that the kernel adds itself: the same before and after each axis, and asked for. */
  get #isExplicit(): boolean {
    return settings().explicitPadding && !this.#isSame &&
      this.#zeros.every(([before, after]) => before === after);
  }

  #padded(x: tf.Tensor): tf.Tensor {
    const [rows, columns] = this.#zeros;
    if (this.#isSame || this.#isExplicit || [...rows, ...columns].every((zeros) => zeros === 0)) {
      return x;
    }
    return tf.pad(x, [[0, 0], [...rows], [...columns], [0, 0]]);
  }

  #run(name: string, ...inputs: tf.Tensor[]): tf.Tensor {
    return this.#backend.executeSingleOutput(name, [
      float,
      attribute.int("strides", [1, this.#stride, this.#stride, 1]),
      attribute.int("dilations", [1, 1, 1, 1]),
      attribute.string(
        "padding",
        this.#isSame ? "SAME" : this.#isExplicit ? "EXPLICIT" : "VALID",
      ),
      attribute.int(
        "explicit_paddings",
        this.#isExplicit ? [0, 0, ...this.#zeros.flat(), 0, 0] : [],
      ),
      channelsLast,
      attribute.bool("use_cudnn_on_gpu", true),
    ], inputs);
  }

  // ---- By taps ------------------------------------------------------------------------------

  /** The places of the map that one row (or column) of the window meets. */
  #overlap(axis: 0 | 1, tap: number): Overlap {
    const size = this.#input[axis + 1];
    const shift = tap - this.#zeros[axis][0];
    const output = Math.max(0, Math.ceil(-shift / this.#stride));
    const last = Math.min(this.#places[axis] - 1, Math.floor((size - 1 - shift) / this.#stride));
    return {
      output,
      input: output * this.#stride + shift,
      count: Math.max(0, last - output + 1),
    };
  }

  /** Every place of the window, in the weight's order, with what it meets in both axes. */
  #taps(): { index: number; rows: Overlap; columns: Overlap }[] {
    const [height, width] = this.#weight;
    return Array.from({ length: height * width }, (_, index) => ({
      index,
      rows: this.#overlap(0, Math.floor(index / width)),
      columns: this.#overlap(1, index % width),
    }));
  }

  #strides(): [number, number, number, number] {
    return [1, this.#stride, this.#stride, 1];
  }

  /** The input's places that a tap meets: `[B, rows, columns, C] → [B·n, C]`. */
  #inputRows(x: tf.Tensor, rows: Overlap, columns: Overlap): tf.Tensor2D {
    const [begin, end] = this.#inputRange(rows, columns);
    const isWhole = begin.every((at) => at === 0) && this.#stride === 1 &&
      end.every((at, axis) => at === this.#input[axis]);
    const part = isWhole ? x : tf.stridedSlice(x, begin, end, this.#strides());
    return tf.reshape(part, [-1, this.#input[3]]);
  }

  #inputRange(rows: Overlap, columns: Overlap): [begin: number[], end: number[]] {
    const last = (overlap: Overlap) => overlap.input + (overlap.count - 1) * this.#stride + 1;
    return [
      [0, rows.input, columns.input, 0],
      [this.#input[0], last(rows), last(columns), this.#input[3]],
    ];
  }

  /** The output's places that a tap meets: `[B, rows, columns, C] → [B·n, C]`. */
  #outputRows(y: tf.Tensor, rows: Overlap, columns: Overlap): tf.Tensor2D {
    const [batch, , , channels] = y.shape as number[];
    const begin = [0, rows.output, columns.output, 0];
    const part = tf.slice(y, begin, [batch, rows.count, columns.count, channels]);
    return tf.reshape(part, [-1, channels]);
  }

  /** A 1×1 window meets every place of the output in one product. */
  #pointwise(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
    const [inputs, outputs] = this.#weight.slice(2);
    const [{ rows, columns }] = this.#taps();
    const matrix = tf.reshape(weight, [inputs, outputs]) as tf.Tensor2D;
    const product = tf.matMul(this.#inputRows(x, rows, columns), matrix);
    return tf.reshape(product, [this.#input[0], ...this.#places, outputs]);
  }

  #weightGradientByTaps(x: tf.Tensor, dy: tf.Tensor): tf.Tensor {
    const [inputs, outputs] = this.#weight.slice(2);
    const gradients = this.#taps().map(({ rows, columns }) =>
      rows.count === 0 || columns.count === 0 ? tf.zeros([inputs, outputs]) : tf.matMul(
        this.#inputRows(x, rows, columns),
        this.#outputRows(dy, rows, columns),
        true,
        false,
      )
    );
    return tf.reshape(tf.stack(gradients), this.#weight);
  }

  #inputGradientByTaps(weight: tf.Tensor, dy: tf.Tensor): tf.Tensor {
    const [, width, inputs, outputs] = this.#weight;
    const parts = this.#taps()
      .filter(({ rows, columns }) => rows.count > 0 && columns.count > 0)
      .map(({ index, rows, columns }) => {
        // Of a large weight on a small map most taps meet nothing: only the others are cut out.
        const begin = [Math.floor(index / width), index % width, 0, 0];
        const tap = tf.slice(weight, begin, [1, 1, inputs, outputs]);
        const gradient = tf.matMul(
          this.#outputRows(dy, rows, columns),
          tf.reshape(tap, [inputs, outputs]) as tf.Tensor2D,
          false,
          true,
        );
        return this.#spread(gradient, rows, columns);
      });
    // A window of one place may meet nothing but zeros.
    return parts.length > 0 ? tf.addN(parts) : tf.zeros(this.#input);
  }

  /** Puts the gradient of a tap's places back among zeros: `[B·n, C] → [B, height, width, C]`. */
  #spread(gradient: tf.Tensor, rows: Overlap, columns: Overlap): tf.Tensor {
    const [batch, , , channels] = this.#input;
    const part = tf.reshape(gradient, [batch, rows.count, columns.count, channels]);
    const [begin, end] = this.#inputRange(rows, columns);
    const masks = ["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"];
    return this.#backend.executeSingleOutput("StridedSliceGrad", [
      float,
      attribute.type("Index", "int32"),
      ...masks.map((mask) => attribute.int(mask, 0)),
    ], [
      tf.tensor1d(this.#input, "int32"),
      tf.tensor1d(begin, "int32"),
      tf.tensor1d(end, "int32"),
      tf.tensor1d(this.#strides(), "int32"),
      part,
    ]);
  }

  // ---- By places ----------------------------------------------------------------------------

  /** What one row (or column) of the output meets: `count` of the window's from `tap` on, and of the map's. */
  #meeting(axis: 0 | 1, place: number): { tap: number; input: number; count: number } {
    const first = place * this.#stride - this.#zeros[axis][0];
    const input = Math.max(0, first);
    const last = Math.min(this.#input[axis + 1], first + this.#weight[axis]);
    return { tap: input - first, input, count: Math.max(0, last - input) };
  }

  #forwardByPlaces(x: tf.Tensor, weight: tf.Tensor): tf.Tensor {
    const [batch] = this.#input;
    const [inputs, outputs] = this.#weight.slice(2);
    const [height, width] = this.#places;
    const products = Array.from({ length: height * width }, (_, place) => {
      const rows = this.#meeting(0, Math.floor(place / width));
      const columns = this.#meeting(1, place % width);
      const [n, m] = [rows.count, columns.count];
      if (n * m === 0) return tf.zeros([batch, outputs]);
      const part = tf.slice(x, [0, rows.input, columns.input, 0], [batch, n, m, inputs]);
      const window = tf.slice(weight, [rows.tap, columns.tap, 0, 0], [n, m, inputs, outputs]);
      return tf.matMul(
        tf.reshape(part, [batch, n * m * inputs]) as tf.Tensor2D,
        tf.reshape(window, [n * m * inputs, outputs]) as tf.Tensor2D,
      );
    });
    return tf.reshape(tf.stack(products, 1), [batch, height, width, outputs]);
  }

  /** The gradient of a convolution that skips nothing is one by the window turned round, of what it meets. */
  #inputGradientByPlaces(weight: tf.Tensor, dy: tf.Tensor): tf.Tensor {
    const [, , inputs, outputs] = this.#weight;
    const [rows, columns] = ([0, 1] as const).map((axis) => {
      const [before] = this.#zeros[axis];
      const begin = Math.max(0, before - this.#places[axis] + 1);
      const end = Math.min(this.#weight[axis], this.#input[axis + 1] + before);
      const count = Math.max(0, end - begin);
      const turnedBefore = end - 1 - before;
      const after = this.#input[axis + 1] + count - 1 - this.#places[axis] - turnedBefore;
      return { begin, count, zeros: [turnedBefore, after] as const };
    });
    const met = tf.slice(weight, [rows.begin, columns.begin, 0, 0], [
      ...[rows.count, columns.count],
      ...[inputs, outputs],
    ]);
    return new NativeConvolution(this.#backend, {
      input: dy.shape as [number, number, number, number],
      weight: [rows.count, columns.count, outputs, inputs],
      stride: 1,
      zeros: [rows.zeros, columns.zeros],
    }).#forwardByPlaces(dy, tf.transpose(tf.reverse(met, [0, 1]), [0, 1, 3, 2]));
  }
}
