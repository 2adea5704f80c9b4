"""One case: what an op is given, by a seed that both sides share, and TensorFlow's gradients."""

import random

import numpy as np
import tensorflow as tf

OPS = {}


def op(name):
    """Registers a function that makes one random case: inputs, attributes, and what TensorFlow computes."""

    def register(make):
        OPS[name] = make
        return make

    return register


class Input:
    """A tensor by its kind, shape and range; `values` are given for kinds that are no random numbers."""

    def __init__(self, kind, shape, low=0, high=1, values=None):
        self.kind, self.shape, self.low, self.high = kind, list(shape), low, high
        self.values = values

    def json(self):
        if self.values is not None:
            return [self.kind, self.shape, self.values]
        return [self.kind, self.shape, self.low, self.high]

    def array(self, seed):
        count = int(np.prod(self.shape))
        if self.values is not None:
            numbers = self.values
        elif self.kind == "distinct":
            numbers = shuffled(seed, count, self.low, self.high)
        elif self.kind == "away":
            span = self.high - self.low
            numbers = [int(self.low + span * u) + 0.125 + u * 53 % 1 / 4 for u in uniform(seed, count)]
        else:
            numbers = [self.low + (self.high - self.low) * u for u in uniform(seed, count)]
        array = np.array(numbers, np.float64).reshape(self.shape)
        if self.kind in ("int", "ints"):
            return np.floor(array).astype(np.int32)
        if self.kind in ("bool", "bools"):
            return array >= 0.5
        return array.astype(np.float32).astype(np.float64)

    @property
    def differentiated(self):
        return self.kind in ("float", "floats", "distinct", "away")


def floats(shape, low=-2, high=2):
    """Random numbers."""
    return Input("float", shape, low, high)


def distinct(shape, low=-4, high=4):
    """Numbers no two of which are near, for what has a kink where two are equal."""
    return Input("distinct", shape, low, high)


def away(shape, low=0, high=5):
    """Numbers that are neither near to whole ones nor to those between, where others have kinks."""
    return Input("away", shape, low, high)


def ints(shape, low, high):
    return Input("int", shape, low, high)


def bools(shape):
    return Input("bool", shape)


def given(array, kind="floats"):
    """Numbers that are written out."""
    array = np.asarray(array)
    if array.dtype.kind in "iu":
        kind = "ints"
    return Input(kind, array.shape, values=array.flatten().tolist())


def hashed(text):
    """FNV-1a, 32 bits."""
    value = 2166136261
    for byte in text.encode():
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


def mulberry(seed):
    """Mulberry32: whole numbers of 32 bits."""
    state = hashed(seed)
    while True:
        state = state + 0x6D2B79F5 & 0xFFFFFFFF
        mixed = (state ^ state >> 15) * (state | 1) & 0xFFFFFFFF
        mixed = mixed ^ mixed + ((mixed ^ mixed >> 7) * (mixed | 61) & 0xFFFFFFFF) & 0xFFFFFFFF
        yield mixed ^ mixed >> 14


def uniform(seed, count):
    """Numbers in [0, 1) of 12 bits."""
    source = mulberry(seed)
    return [(next(source) >> 20) / 4096 for _ in range(count)]


def shuffled(seed, count, low, high):
    source = mulberry(seed)
    numbers = [low + (high - low) * (index + 0.5) / count for index in range(count)]
    for index in range(count - 1, 0, -1):
        other = next(source) % (index + 1)
        numbers[index], numbers[other] = numbers[other], numbers[index]
    return numbers


def shape(rng, rank=None, low=1, high=4, most=48):
    """A random shape of at most so many values."""
    rank = rng.randint(0, 4) if rank is None else rank
    while True:
        sizes = [rng.randint(low, high) for _ in range(rank)]
        if np.prod(sizes) <= most:
            return sizes


def broadcast(rng):
    """Two shapes that meet: equal, or one of them shorter or of ones here and there."""
    whole = shape(rng, rng.randint(0, 4), high=3)
    pair = [list(whole), list(whole)]
    if rng.random() < 0.75:
        small = pair[rng.randint(0, 1)]
        for axis in range(len(small)):
            if rng.random() < 0.5:
                small[axis] = 1
        del small[: rng.randint(0, len(small))]
    return pair


def rounded(values):
    return [float(f"{value:.7g}") for value in np.asarray(values, np.float64).flatten().tolist()]


def solve(name, number):
    """A case with its value and gradients, as JSON; the value is the sum of the outputs times weights."""
    rng = random.Random(f"{name} {number}")
    case = OPS[name](rng, number)
    inputs, attributes, compute = case[:3]
    arrays = [each.array(f"{name}/{number}/{index}") for index, each in enumerate(inputs)]
    tensors = [tf.constant(each) for each in arrays]
    watched = [each for each, spec in zip(tensors, inputs) if spec.differentiated]
    with tf.GradientTape(persistent=False) as tape:
        tape.watch(watched)
        outputs = compute(*tensors)
        outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        outputs = [
            part
            for y in outputs
            for part in ([tf.math.real(y), tf.math.imag(y)] if y.dtype.is_complex else [y])
        ]
        total = tf.constant(0.0, tf.float64)
        for index, y in enumerate(outputs):
            weights = np.array(uniform(f"{name}/{number}/w{index}", int(np.prod(y.shape))))
            weights = (2 * weights - 1).reshape(y.shape)
            total += tf.reduce_sum(tf.cast(y, tf.float64) * weights)
    gradients = tape.gradient(total, watched)
    found = iter(gradients)
    listed = []
    for spec, array in zip(inputs, arrays):
        gradient = next(found) if spec.differentiated else None
        if isinstance(gradient, tf.IndexedSlices):
            gradient = tf.convert_to_tensor(gradient)
        if not spec.differentiated:
            listed.append(None)
        else:
            listed.append(rounded(np.zeros(array.shape) if gradient is None else gradient))
    result = {"inputs": [each.json() for each in inputs], "value": rounded(total)[0]}
    if attributes:
        result["attributes"] = attributes
    result["gradients"] = listed
    if len(case) > 3:
        result.update(case[3])
    return result
