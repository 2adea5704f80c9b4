/** Products of matrices, decompositions, recurrent cells, spectra and complex values. */
import * as tf from "../../../lib/tensor/tf.ts";
import type { Entry } from "./judge.ts";

const complex = (compute: (z: tf.Tensor) => tf.Tensor): Entry => ({
  compute: ([a, b]) => compute(tf.complex(a, b)),
});

export const products: Record<string, Entry> = {
  matMul: {
    compute: ([a, b], { transposeA, transposeB }) => tf.matMul(a, b, transposeA, transposeB),
  },
  dot: { compute: ([a, b]) => tf.dot(a, b) },
  outerProduct: { compute: ([a, b]) => tf.outerProduct(a, b) },
  einsum: { compute: (xs, { equation }) => tf.einsum(equation, ...xs) },
  "fused.matMul": {
    compute: ([a, b, bias], { transposeA, transposeB, activation }) =>
      tf.fused.matMul({ a, b, transposeA, transposeB, bias, activation }),
  },
  "linalg.gramSchmidt": {
    compute: ([x]) => tf.linalg.gramSchmidt(x),
    ...{ tolerance: 4e-2, rounding: 5e-3 },
  },
  "linalg.qr": {
    compute: ([x]) => {
      const [q, r] = tf.linalg.qr(x);
      const width = r.shape[0];
      const signs = tf.sign(tf.sum(tf.mul(r, tf.eye(width)), 1));
      return [tf.mul(q, signs), tf.mul(r, tf.reshape(signs, [width, 1]))];
    },
    ...{ tolerance: 2e-2, rounding: 5e-3 },
  },
  basicLSTMCell: {
    compute: ([kernel, bias, data, cell, hidden], { forgetBias }) =>
      tf.basicLSTMCell(tf.scalar(forgetBias), kernel, bias, data, cell, hidden),
  },
  multiRNNCell: {
    compute: ([kernel, bias, data, cell, hidden]) => {
      const one = (data: tf.Tensor2D, cell: tf.Tensor2D, hidden: tf.Tensor2D) =>
        tf.basicLSTMCell(tf.scalar(1), kernel, bias, data, cell, hidden);
      const [cells, outputs] = tf.multiRNNCell([one, one], data, [cell, cell], [hidden, hidden]);
      return [cells[0], outputs[0], cells[1], outputs[1]];
    },
  },
  complex: complex((z) => tf.mul(z, z)),
  real: complex((z) => tf.real(tf.mul(tf.mul(z, z), z))),
  imag: complex((z) => tf.imag(tf.mul(tf.mul(z, z), z))),
  complexAbs: complex((z) => tf.abs(z)),
  "spectral.fft": complex((z) => tf.spectral.fft(z)),
  "spectral.ifft": complex((z) => tf.spectral.ifft(z)),
  "spectral.rfft": { compute: ([x], { length }) => tf.spectral.rfft(x, length ?? undefined) },
  "spectral.irfft": complex((z) => tf.spectral.irfft(z)),
  "signal.frame": { compute: ([x], { length, step }) => tf.signal.frame(x, length, step) },
  "signal.stft": {
    compute: ([x], { length, step }) =>
      tf.signal.stft(x, length, step, length, tf.signal.hammingWindow),
  },
};
