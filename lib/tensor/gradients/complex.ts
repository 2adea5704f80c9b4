/**
 * Complex values, after TensorFlow's convention: the gradient of a real loss by z = x + iy is
 * ∂/∂x + i ∂/∂y, so that a product passes on the conjugate of the other factor.
 */
import * as tf from "tfjs";
import { gradient, unbroadcast } from "./register.ts";

const isComplex = (x: tf.Tensor) => x.dtype === "complex64";
const zerosFor = (x: tf.Tensor) => tf.zeros(x.shape, "float32");
const conjugate = (z: tf.Tensor) => isComplex(z) ? tf.complex(tf.real(z), tf.neg(tf.imag(z))) : z;
const scaled = (z: tf.Tensor, factor: tf.Tensor | number) =>
  tf.complex(tf.mul(tf.real(z), factor), tf.mul(tf.imag(z), factor));

gradient("Complex", {}, (dy) => ({ real: () => tf.real(dy), imag: () => tf.imag(dy) }));
gradient("Real", {}, (dy) => ({ input: () => tf.complex(dy, zerosFor(dy)) }));
gradient("Imag", {}, (dy) => ({ input: () => tf.complex(zerosFor(dy), dy) }));

// 0 has no direction: TensorFlow's sign of it is 0.
gradient("ComplexAbs", { inputs: ["x"], outputs: [true] }, (dy, [x, y]) => ({
  x: () => {
    const isZero = tf.equal(y, 0);
    const share = tf.div(dy, tf.where(isZero, tf.onesLike(y), y));
    return scaled(x, tf.where(isZero, tf.zerosLike(y), share));
  },
}));

// tfjs's cast the gradient to float32, which loses the imaginary part without a word.
gradient(
  "Identity",
  {},
  (dy) => ({ x: () => isComplex(dy) ? dy.clone() : tf.cast(dy, "float32") }),
);
// What was cut to whole numbers does not follow its input, as in TensorFlow; whole numbers that are cast among
// themselves keep tfjs's gradient.
gradient("Cast", { inputs: ["x"] }, (dy, [x], { dtype }) => ({
  x: () => {
    if (isComplex(dy) && !isComplex(x)) return tf.real(dy);
    const isCut = x.dtype === "float32" && (dtype === "int32" || dtype === "bool");
    return isCut ? zerosFor(x) : dy.clone();
  },
}));

const size = (z: tf.Tensor) => z.shape[z.rank - 1];
gradient("FFT", {}, (dy) => ({ input: () => scaled(tf.ifft(dy), size(dy)) }));
gradient("IFFT", {}, (dy) => ({ input: () => scaled(tf.fft(dy), 1 / size(dy)) }));

// Real factors are cast as tfjs does it: whole numbers among them.
const factor = (z: tf.Tensor) => isComplex(z) ? conjugate(z) : tf.cast(z, "float32");
gradient("Multiply", { inputs: ["a", "b"] }, (dy, [a, b]) => ({
  a: () => unbroadcast(tf.mul(dy, factor(b)), a.shape),
  b: () => unbroadcast(tf.mul(dy, factor(a)), b.shape),
}));
