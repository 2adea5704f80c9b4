"""Sums, extremes, norms, and what runs along an axis."""

import tensorflow as tf

from .case import away, distinct, floats, given, op, shape
from .elementwise import _count


def axes_of(rng, sizes):
    """No axes, one, some or all of them, counted from either end."""
    rank = len(sizes)
    if rank == 0 or rng.random() < 0.2:
        return None
    chosen = sorted(rng.sample(range(rank), rng.randint(1, rank)))
    chosen = [axis - rank if rng.random() < 0.3 else axis for axis in chosen]
    return chosen[0] if len(chosen) == 1 and rng.random() < 0.5 else chosen


def reduction(name, compute, inputs=lambda sizes: floats(sizes), ties=False):
    def make(rng, number):
        sizes = shape(rng)
        axis, keep = axes_of(rng, sizes), rng.random() < 0.5
        x, note = inputs(sizes), {}
        if ties and number % 3 == 2:
            x = given([rng.choice([0.0, 1.0, -2.0]) for _ in range(_count(sizes))])
            x.shape, note = sizes, {"kink": True}
        attributes = {"axis": axis, "keepDims": keep}
        return [x], attributes, lambda x: compute(x, axis, keep), note

    op(name)(make)


reduction("sum", tf.reduce_sum)
reduction("mean", tf.reduce_mean)
reduction("max", tf.reduce_max, distinct, ties=True)
reduction("min", tf.reduce_min, distinct, ties=True)
reduction("prod", tf.reduce_prod, lambda sizes: floats(sizes, 0.5, 1.5))
reduction("logSumExp", tf.reduce_logsumexp)
reduction("euclideanNorm", tf.math.reduce_euclidean_norm)


def moments(x, axis, keep):
    axes = list(range(len(x.shape))) if axis is None else [axis] if isinstance(axis, int) else axis
    return tf.nn.moments(x, axes, keepdims=keep)


reduction("moments", moments)


@op("norm")
def norm(rng, number):
    sizes = shape(rng, rng.randint(1, 3))
    axis = rng.randrange(len(sizes))
    kind = rng.choice([1, 2, "euclidean", "inf"])
    keep = rng.random() < 0.5
    order = {"inf": float("inf")}.get(kind, kind)
    return (
        [distinct(sizes, 0.5, 4.5)],
        {"ord": kind, "axis": axis, "keepDims": keep},
        lambda x: tf.norm(x, order, axis, keep),
    )


def register_running(name, compute, zeros):
    def make(rng, number):
        sizes = shape(rng, rng.randint(1, 4))
        axis, exclusive, reverse = rng.randrange(len(sizes)), rng.random() < 0.5, rng.random() < 0.5
        attributes = {"axis": axis, "exclusive": exclusive, "reverse": reverse}
        x = floats(sizes, 0.5, 1.5) if zeros else floats(sizes)
        return [x], attributes, lambda x: compute(x, axis, exclusive, reverse)

    op(name)(make)


register_running("cumsum", tf.cumsum, False)
register_running("cumprod", tf.math.cumprod, True)


@op("topk")
def topk(rng, number):
    sizes = shape(rng, rng.randint(1, 3))
    k, ordered = rng.randint(1, sizes[-1]), rng.random() < 0.7
    compute = lambda x: tf.math.top_k(x, k, True).values
    return [distinct(sizes)], {"k": k}, compute


def register_places(name, compute):
    def make(rng, number):
        sizes = shape(rng, rng.randint(1, 3))
        axis = rng.randrange(len(sizes))
        chosen = lambda x: tf.expand_dims(tf.cast(compute(x, axis), x.dtype), axis) * x
        return [distinct(sizes)], {"axis": axis}, chosen

    op(name)(make)


register_places("argMax", tf.argmax)
register_places("argMin", tf.argmin)


def register_tests(name, compute):
    def make(rng, number):
        sizes = shape(rng, rng.randint(1, 3))
        axis = rng.randrange(len(sizes))
        chosen = lambda x: tf.where(compute(x > 1, axis, True), x * x, 3 * x)
        return [away(sizes, -4, 4)], {"axis": axis}, chosen

    op(name)(make)


register_tests("all", tf.reduce_all)
register_tests("any", tf.reduce_any)


@op("softmax")
def softmax(rng, number):
    return [floats(shape(rng, rng.randint(1, 4)))], {}, tf.nn.softmax


@op("logSoftmax")
def log_softmax(rng, number):
    return [floats(shape(rng, rng.randint(1, 4)))], {}, tf.nn.log_softmax


@op("movingAverage")
def moving_average(rng, number):
    sizes = shape(rng)
    compute = lambda v, x: v - (v - x) * (1 - 0.9)
    return [floats(sizes), floats(sizes)], {"decay": 0.9}, compute


#: In the order of tfjs's numbers.
REDUCTIONS = ["none", "weighted_mean", "weighted_sum", "weighted_sum_by_nonzero_weights"]
V1 = tf.compat.v1.losses


def loss(name, compute, labels=lambda sizes: floats(sizes), predictions=lambda sizes: floats(sizes), low=1):
    def make(rng, number):
        sizes = shape(rng, rng.randint(max(1, low), 2), low=2 if low > 1 else 1)
        weights = floats(rng.choice([[], sizes, [sizes[0]] + [1] * (len(sizes) - 1)]), 0.3, 2)
        kind = rng.randrange(4)
        run = lambda y, x, w: compute(y, x, w, REDUCTIONS[kind])
        return [labels(sizes), predictions(sizes), weights], {"reduction": kind}, run

    op(name)(make)


loss("losses.absoluteDifference", lambda y, x, w, r: V1.absolute_difference(y, x, w, reduction=r), lambda s: distinct(s, -4, 4), lambda s: distinct(s, -3.9, 4.1))
loss("losses.meanSquaredError", lambda y, x, w, r: V1.mean_squared_error(y, x, w, reduction=r))
loss("losses.huberLoss", lambda y, x, w, r: V1.huber_loss(y, x, w, reduction=r), lambda s: distinct(s, -4, 4), lambda s: distinct(s, -3.9, 4.1))
loss("losses.logLoss", lambda y, x, w, r: V1.log_loss(y, x, w, reduction=r), lambda s: floats(s, 0.1, 0.9), lambda s: floats(s, 0.1, 0.9))
loss("losses.hingeLoss", lambda y, x, w, r: V1.hinge_loss(y, x, w, reduction=r), lambda s: floats(s, 0.2, 0.9), lambda s: floats(s, -0.9, 0.9))
loss("losses.sigmoidCrossEntropy", lambda y, x, w, r: V1.sigmoid_cross_entropy(y, x, w, reduction=r), lambda s: floats(s, 0.1, 0.9))


@op("losses.cosineDistance")
def cosine_distance(rng, number):
    sizes = shape(rng, 2)
    axis = rng.randrange(2)
    kind = rng.randrange(4)
    compute = lambda y, x: V1.cosine_distance(y, x, axis, reduction=REDUCTIONS[kind])
    return [floats(sizes), floats(sizes)], {"axis": axis, "reduction": kind}, compute


@op("losses.softmaxCrossEntropy")
def softmax_cross_entropy(rng, number):
    sizes = shape(rng, 2, low=2)
    kind, smoothing = rng.randrange(4), rng.choice([0, 0.1])
    weights = floats(rng.choice([[], [sizes[0]]]), 0.3, 2)

    def compute(y, x, w):
        # TensorFlow's gradient is right for labels that add up to 1.
        y = y / tf.reduce_sum(y, -1, keepdims=True)
        smooth = y * (1 - smoothing) + smoothing / sizes[1] if smoothing else y
        losses = tf.nn.softmax_cross_entropy_with_logits(smooth, x)
        return V1.compute_weighted_loss(losses, w, reduction=REDUCTIONS[kind])

    attributes = {"labelSmoothing": smoothing, "reduction": kind}
    return [floats(sizes, 0.1, 0.9), floats(sizes), weights], attributes, compute


@op("losses.computeWeightedLoss")
def compute_weighted_loss(rng, number):
    sizes = shape(rng, rng.randint(1, 2))
    kind = rng.randrange(4)
    compute = lambda x, w: V1.compute_weighted_loss(x, w, reduction=REDUCTIONS[kind])
    return [floats(sizes), floats(rng.choice([[], sizes]), 0.3, 2)], {"reduction": kind}, compute
