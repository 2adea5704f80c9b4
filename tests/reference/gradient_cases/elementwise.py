"""Ops of one and of two tensors, value by value."""

import tensorflow as tf

from .case import away, bools, broadcast, distinct, floats, given, ints, op, shape

#: Each op of one tensor: what TensorFlow calls it, and between which values it is tried.
SMOOTH = {
    "acos": (tf.acos, -0.8, 0.8),
    "acosh": (tf.acosh, 1.2, 4),
    "asin": (tf.asin, -0.8, 0.8),
    "asinh": (tf.asinh, -3, 3),
    "atan": (tf.atan, -3, 3),
    "atanh": (tf.atanh, -0.8, 0.8),
    "cos": (tf.cos, -4, 4),
    "cosh": (tf.cosh, -2, 2),
    "erf": (tf.math.erf, -2, 2),
    "exp": (tf.exp, -2, 2),
    "expm1": (tf.math.expm1, -2, 2),
    "log": (tf.math.log, 0.3, 4),
    "log1p": (tf.math.log1p, -0.6, 3),
    "logSigmoid": (tf.math.log_sigmoid, -4, 4),
    "neg": (tf.negative, -3, 3),
    "reciprocal": (tf.math.reciprocal, 0.5, 3),
    "rsqrt": (tf.math.rsqrt, 0.4, 4),
    "sigmoid": (tf.sigmoid, -4, 4),
    "sin": (tf.sin, -4, 4),
    "sinh": (tf.sinh, -2, 2),
    "softplus": (tf.math.softplus, -4, 4),
    "sqrt": (tf.sqrt, 0.3, 4),
    "square": (tf.square, -3, 3),
    "tan": (tf.tan, -1.2, 1.2),
    "tanh": (tf.tanh, -2, 2),
    "clone": (tf.identity, -2, 2),
}
#: With a kink, or flat between steps. Every third case has its values at the kinks themselves.
KINKED = {
    "abs": tf.abs,
    "ceil": tf.math.ceil,
    "elu": tf.nn.elu,
    "floor": tf.floor,
    "onesLike": tf.ones_like,
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "round": tf.round,
    "selu": tf.nn.selu,
    "sign": tf.sign,
    "zerosLike": tf.zeros_like,
}


def smooth(compute, low, high):
    return lambda rng, number: ([floats(shape(rng), low, high)], {}, compute)


for name, (compute, low, high) in SMOOTH.items():
    op(name)(smooth(compute, low, high))


def _count(sizes):
    count = 1
    for size in sizes:
        count *= size
    return count


def kinked(rng, number, sizes=None, kinks=(-1.0, 0.0, 6.0, 2.5)):
    """Values away from kinks, or in every third case values at them."""
    sizes = shape(rng) if sizes is None else sizes
    if number % 3 < 2:
        return away(sizes, -5, 8), {}
    spec = given([float(rng.choice(kinks)) for _ in range(_count(sizes))])
    spec.shape = list(sizes)
    return spec, {"kink": True}


def register_kinked(name, compute):
    def make(rng, number):
        x, note = kinked(rng, number)
        return [x], {}, compute, note

    op(name)(make)


for name, compute in KINKED.items():
    register_kinked(name, compute)


@op("leakyRelu")
def leaky_relu(rng, number):
    x, note = kinked(rng, number)
    alpha = rng.choice([0.1, 0.2, 0.35])
    return [x], {"alpha": alpha}, lambda x: tf.nn.leaky_relu(x, alpha), note


@op("step")
def step(rng, number):
    x, note = kinked(rng, number)
    alpha = rng.choice([0.0, 0.5, -1.0])

    def compute(x):
        low = tf.fill(x.shape, tf.constant(alpha, x.dtype))
        return tf.stop_gradient(tf.where(x > 0, tf.ones_like(x), low))

    return [x], {"alpha": alpha}, compute, note


@op("clipByValue")
def clip_by_value(rng, number):
    x, note = kinked(rng, number, kinks=(-1.0, 0.0, 2.0, 4.0))
    return [x], {"low": -1, "high": 2}, lambda x: tf.clip_by_value(x, -1.0, 2.0), note


@op("prelu")
def prelu(rng, number):
    sizes = shape(rng, rng.randint(1, 3))
    alpha = [1 if rng.random() < 0.4 else size for size in sizes[rng.randint(0, len(sizes) - 1) :]]
    x, note = kinked(rng, number, sizes)
    compute = lambda x, alpha: tf.where(x > 0, x, alpha * x)
    return [x, floats(alpha, 0.1, 0.9)], {}, compute, note


@op("cast")
def cast(rng, number):
    dtype = rng.choice(["float32", "int32", "bool"])
    to = {"float32": tf.float64, "int32": tf.int32, "bool": tf.bool}[dtype]
    return [away(shape(rng), -3, 3)], {"dtype": dtype}, lambda x: tf.cast(tf.cast(x, to), tf.float64)


# ---- Of two tensors -----------------------------------------------------------------------------


def two(rng, low=-2, high=2, low2=None, high2=None, whole=False):
    """Two tensors that meet; one of them sometimes of whole numbers, which have no gradient."""
    a, b = broadcast(rng)
    second = floats(b, low if low2 is None else low2, high if high2 is None else high2)
    if whole and rng.random() < 0.25:
        second = ints(b, 1, 5)
    return [floats(a, low, high), second]


def register_two(name, compute, **ranges):
    def make(rng, number):
        cast = lambda a, b: compute(a, tf.cast(b, a.dtype))
        return two(rng, **ranges), {}, cast

    op(name)(make)


register_two("add", tf.add, whole=True)
register_two("sub", tf.subtract, whole=True)
register_two("mul", tf.multiply, whole=True)
register_two("div", tf.divide, low2=0.5, high2=3, whole=True)
register_two("atan2", tf.atan2, low=0.3, high=2)
register_two("pow", tf.pow, low=0.3, high=2, low2=-2, high2=3, whole=True)
register_two("squaredDifference", tf.math.squared_difference, whole=True)
register_two("floorDiv", tf.math.floordiv, low=0.3, high=7, low2=1, high2=3)
register_two("mod", tf.math.floormod, low=-5, high=5, low2=1.1, high2=3)


@op("divNoNan")
def div_no_nan(rng, number):
    a, b = broadcast(rng)
    if number % 3 < 2:
        return [floats(a), floats(b, 0.5, 3)], {}, tf.math.divide_no_nan
    divisor = given([rng.choice([0.0, 2.0, -1.5]) for _ in range(_count(b))])
    divisor.shape = b
    return [floats(a), divisor], {}, tf.math.divide_no_nan, {"kink": True}


def extremes(name, compute):
    def make(rng, number):
        a, b = broadcast(rng)
        if number % 3 < 2:
            # No two of them near: one lies between the other's places.
            return [distinct(a, -4, 4), distinct(b, -3.94, 4.06)], {}, compute
        pick = lambda sizes: given([rng.choice([0.0, 1.0, -2.0]) for _ in range(_count(sizes))])
        one, other = pick(a), pick(b)
        one.shape, other.shape = a, b
        return [one, other], {}, compute, {"kink": True}

    op(name)(make)


extremes("maximum", tf.maximum)
extremes("minimum", tf.minimum)


@op("addN")
def add_n(rng, number):
    sizes = shape(rng, high=3)
    return [floats(sizes) for _ in range(rng.randint(1, 4))], {}, lambda *xs: tf.add_n(list(xs))


@op("where")
def where(rng, number):
    t, e = broadcast(rng)
    condition = rng.choice([t, e])
    return [bools(condition), floats(t), floats(e)], {}, tf.where


#: Their values are no numbers to be differentiated; what is chosen by them is.
COMPARISONS = {
    "equal": tf.equal,
    "notEqual": tf.not_equal,
    "greater": tf.greater,
    "greaterEqual": tf.greater_equal,
    "less": tf.less,
    "lessEqual": tf.less_equal,
}


def register_comparison(name, compare):
    def make(rng, number):
        a, b = broadcast(rng)
        chosen = lambda a, b: tf.where(compare(a, b), a * a, a * b)
        return [distinct(a, -4, 4), distinct(b, -3.94, 4.06)], {}, chosen

    op(name)(make)


for name, compare in COMPARISONS.items():
    register_comparison(name, compare)


def register_logic(name, logic, inputs):
    def make(rng, number):
        sizes = shape(rng)
        chosen = lambda *xs: tf.where(logic(*[x > 0 for x in xs]), xs[0] ** 2, 3 * xs[-1])
        return [away(sizes, -4, 4) for _ in range(inputs)], {}, chosen

    op(name)(make)


register_logic("logicalAnd", tf.logical_and, 2)
register_logic("logicalOr", tf.logical_or, 2)
register_logic("logicalXor", tf.math.logical_xor, 2)
register_logic("logicalNot", tf.logical_not, 1)


def register_test(name, test):
    def make(rng, number):
        return [floats(shape(rng))], {}, lambda x: tf.where(test(x), x * x, 2 * x)

    op(name)(make)


register_test("isFinite", tf.math.is_finite)
register_test("isInf", tf.math.is_inf)
register_test("isNaN", tf.math.is_nan)
