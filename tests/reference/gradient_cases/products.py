"""Products of matrices, decompositions, recurrent cells, spectra and complex values."""

import numpy as np
import tensorflow as tf

from .case import bools, distinct, floats, given, ints, op, shape


@op("matMul")
def mat_mul(rng, number):
    rows, inner, columns = (rng.randint(1, 3) for _ in range(3))
    a, b = rng.choice([([], []), ([2], [2]), ([2], []), ([], [2]), ([2, 1], [3]), ([1], [3]), ([2, 2], [2, 2]), ([2, 2], [])])
    left, right = rng.random() < 0.5, rng.random() < 0.5
    x = [*a, inner, rows] if left else [*a, rows, inner]
    y = [*b, columns, inner] if right else [*b, inner, columns]
    attributes = {"transposeA": left, "transposeB": right}
    compute = lambda x, y: tf.matmul(x, y, left, right)
    return [floats(x), floats(y)], attributes, compute


@op("dot")
def dot(rng, number):
    n, m, k = (rng.randint(1, 4) for _ in range(3))
    a, b = rng.choice([([n], [n]), ([m, n], [n]), ([n], [n, k]), ([m, n], [n, k])])
    return [floats(a), floats(b)], {}, lambda x, y: tf.tensordot(x, y, 1)


@op("outerProduct")
def outer_product(rng, number):
    sizes = [rng.randint(1, 5), rng.randint(1, 5)]
    return [floats([n]) for n in sizes], {}, lambda x, y: tf.tensordot(x, y, 0)


EQUATIONS = [
    "ij,jk->ik", "bij,bjk->bik", "bij,jk->bik", "ij->ji", "ij->", "ij->i", "ij,ij->",
    "i,j->ij", "ij,ij->ij", "bhqd,bhkd->bhqk", "ij,kj->ik", "ijk->kj", "ij,k->i", "ijk,jil->kl",
]
#: What plain JavaScript's kernel refuses: repeated labels, and ellipses.
NATIVE_EQUATIONS = ["ii->i", "ii->", "iij->ij", "ii,ij->j", "...ij,...jk->...ik", "...i->...", "...ij,jk->...ik"]


@op("einsum")
def einsum(rng, number):
    native = number % 3 == 2
    equation = rng.choice(NATIVE_EQUATIONS if native else EQUATIONS)
    sizes = {label: rng.randint(1, 3) for label in "bdhijklq"}
    inputs = []
    batch = [rng.randint(1, 2) for _ in range(rng.randint(0, 2))]
    for index, labels in enumerate(equation.split("->")[0].split(",")):
        lead = []
        if "..." in labels:
            # One of two may be shorter, or repeated along an axis.
            lead = [1 if index and rng.random() < 0.4 else n for n in batch]
            lead = lead[rng.randint(0, len(lead)) :] if index else lead
        inputs.append(floats([*lead, *(sizes[label] for label in labels if label != ".")]))
    note = {"nativeOnly": True} if native else {}
    return inputs, {"equation": equation}, lambda *xs: tf.einsum(equation, *xs), note


ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "sigmoid": tf.sigmoid,
    "elu": tf.nn.elu,
}


#: Where a sum may lie near a kink, a difference says nothing.
KINKED = ("relu", "relu6", "elu")


@op("fused.matMul")
def fused_mat_mul(rng, number):
    rows, inner, columns = (rng.randint(1, 4) for _ in range(3))
    left, right = rng.random() < 0.5, rng.random() < 0.5
    activation = rng.choice(list(ACTIVATIONS))
    inputs = [
        floats([inner, rows] if left else [rows, inner]),
        floats([columns, inner] if right else [inner, columns]),
        floats([columns]),
    ]
    attributes = {"transposeA": left, "transposeB": right, "activation": activation}
    compute = lambda x, y, b: ACTIVATIONS[activation](tf.matmul(x, y, left, right) + b)
    return inputs, attributes, compute, {"kink": activation in KINKED}


@op("linalg.gramSchmidt")
def gram_schmidt(rng, number):
    count, width = rng.choice([(1, 2), (2, 2), (2, 3), (3, 3), (2, 4)])

    def compute(x):
        rows = []
        for row in tf.unstack(x):
            for other in rows:
                row = row - tf.reduce_sum(row * other) * other
            rows.append(row / tf.norm(row))
        return tf.stack(rows)

    return [floats([count, width])], {}, compute


@op("linalg.qr")
def qr(rng, number):
    rows, columns = rng.choice([(2, 2), (3, 2), (3, 3), (4, 3)])

    def compute(x):
        # Signs are a matter of taste: those that make R's diagonal positive.
        q, r = tf.linalg.qr(x)
        signs = tf.sign(tf.linalg.diag_part(r))
        return [q * signs, r * signs[:, None]]

    return [floats([rows, columns])], {}, compute


@op("basicLSTMCell")
def basic_lstm_cell(rng, number):
    batch, width, units = rng.randint(1, 2), rng.randint(1, 3), rng.randint(1, 2)
    forget = rng.choice([0.0, 1.0])

    def compute(kernel, bias, data, cell, hidden):
        gates = tf.concat([data, hidden], 1) @ kernel + bias
        i, j, f, o = tf.split(gates, 4, 1)
        new = cell * tf.sigmoid(f + forget) + tf.sigmoid(i) * tf.tanh(j)
        return [new, tf.tanh(new) * tf.sigmoid(o)]

    inputs = [
        floats([width + units, 4 * units], -1, 1),
        floats([4 * units]),
        floats([batch, width]),
        floats([batch, units]),
        floats([batch, units]),
    ]
    return inputs, {"forgetBias": forget}, compute


@op("multiRNNCell")
def multi_rnn_cell(rng, number):
    batch, width = rng.randint(1, 2), rng.randint(1, 2)

    def compute(kernel, bias, data, cell, hidden):
        outputs = []
        for _ in range(2):
            gates = tf.concat([data, hidden], 1) @ kernel + bias
            i, j, f, o = tf.split(gates, 4, 1)
            new = cell * tf.sigmoid(f + 1.0) + tf.sigmoid(i) * tf.tanh(j)
            data = tf.tanh(new) * tf.sigmoid(o)
            outputs += [new, data]
        return outputs

    inputs = [
        floats([2 * width, 4 * width], -1, 1),
        floats([4 * width]),
        *(floats([batch, width]) for _ in range(3)),
    ]
    return inputs, {}, compute


# ---- Complex values -----------------------------------------------------------------------------


def complex_op(name, compute):
    def make(rng, number):
        sizes = shape(rng, rng.randint(1, 2), high=5)
        return [floats(sizes), floats(sizes)], {}, lambda a, b: compute(tf.complex(a, b))

    op(name)(make)


complex_op("complex", lambda z: z * z)
complex_op("real", lambda z: tf.math.real(z * z * z))
complex_op("imag", lambda z: tf.math.imag(z * z * z))
complex_op("complexAbs", lambda z: tf.abs(z))
complex_op("spectral.fft", tf.signal.fft)
complex_op("spectral.ifft", tf.signal.ifft)


@op("spectral.rfft")
def rfft(rng, number):
    sizes = [rng.randint(1, 2), rng.randint(2, 6)]
    length = rng.choice([None, sizes[1], sizes[1] + 2, max(1, sizes[1] - 1)])

    def compute(x):
        # TensorFlow's gradient of it refuses lengths other than the tensor's.
        whole = length or sizes[1]
        fitted = tf.pad(x, [[0, 0], [0, max(0, whole - sizes[1])]])[:, :whole]
        return tf.signal.fft(tf.cast(fitted, tf.complex128))[:, : whole // 2 + 1]

    return [floats(sizes)], {"length": length}, compute


@op("spectral.irfft")
def irfft(rng, number):
    sizes = [rng.randint(1, 2), rng.randint(2, 4)]
    compute = lambda a, b: tf.signal.irfft(tf.complex(a, b))
    return [floats(sizes), floats(sizes)], {}, compute


@op("signal.frame")
def frame(rng, number):
    size, length, step = rng.randint(4, 9), rng.randint(2, 4), rng.randint(1, 3)
    attributes = {"length": length, "step": step}
    return [floats([size])], attributes, lambda x: tf.signal.frame(x, length, step)


@op("signal.stft")
def stft(rng, number):
    size, length, step = rng.randint(6, 10), 4, rng.randint(1, 3)
    window = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(length) / length)
    transform = lambda x: tf.signal.rfft(tf.signal.frame(x, length, step) * window, [length])
    return [floats([size])], {"length": length, "step": step}, transform
