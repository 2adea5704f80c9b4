"""Convolution, pooling, normalisation and images."""

import numpy as np
import tensorflow as tf

from .case import distinct, floats, given, ints, op, shape
from .products import ACTIVATIONS, KINKED


def spread(filters, rates):
    """A window with zeros between its places: TensorFlow's gradients for the processor are of those."""
    for axis, rate in enumerate(rates):
        if rate == 1:
            continue
        parts = []
        for index, part in enumerate(tf.unstack(filters, axis=axis)):
            parts += [tf.zeros_like(part)] * (rate - 1 if index else 0) + [part]
        filters = tf.stack(parts, axis)
    return filters


def fitted(size, window, stride, rate, pad):
    """Zeros before and after an axis."""
    reach = (window - 1) * rate + 1
    if pad == "same":
        total = max((-(-size // stride) - 1) * stride + reach - size, 0)
        return [total // 2, total - total // 2]
    return [0, 0] if pad == "valid" else [pad, pad]


def windows(rng, axes, size=5, dilate=True):
    """Sizes of maps and windows, with stride, dilation and padding that leave something."""
    while True:
        sizes = [rng.randint(2, size) for _ in range(axes)]
        window = [rng.randint(1, 3) for _ in range(axes)]
        stride, rate = [rng.choice([1, 2]) for _ in range(axes)], [1] * axes
        if dilate and rng.random() < 0.4:
            stride, rate = [1] * axes, [rng.choice([1, 2]) for _ in range(axes)]
        pad = rng.choice(["valid", "same", 1, "sides"])
        if pad == "sides":
            pads = [[rng.randint(0, 1), rng.randint(0, 2)] for _ in range(axes)]
            # An average of nothing but padding is none.
            pads = [[min(side, w - 1) for side in sides] for sides, w in zip(pads, window)]
            pad = [[0, 0], *pads, [0, 0]]
        else:
            pad = pad if pad != 1 or min(window) > 1 else "valid"
            pads = [fitted(*each, pad) for each in zip(sizes, window, stride, rate)]
        reach = [(w - 1) * r + 1 for w, r in zip(window, rate)]
        room = [n + sum(p) for n, p in zip(sizes, pads)]
        if all(r <= n for r, n in zip(reach, room)):
            return sizes, window, stride, rate, pad, pads


def around(pads):
    return [[0, 0], *pads, [0, 0]]


def convolution(rng, axes):
    # TensorFlow's own convolution has a gradient for float64 too.
    sizes, window, stride, rate, pad, pads = windows(rng, axes, 4 if axes == 2 else 3)
    inputs, outputs = rng.randint(1, 2), rng.randint(1, 2)
    x, filters = floats([1, *sizes, inputs]), floats([*window, inputs, outputs])
    attributes = {"strides": stride, "pad": pad, "dilations": rate}

    def compute(x, filters):
        run = tf.nn.conv2d if axes == 2 else tf.nn.conv3d
        return run(tf.pad(x, around(pads)), spread(filters, rate), [1, *stride, 1], "VALID")

    return x, filters, attributes, compute


@op("conv2d")
def conv2d(rng, number):
    x, filters, attributes, compute = convolution(rng, 2)
    if rng.random() < 0.75:
        return [x, filters], {**attributes, "format": "NHWC"}, compute
    x.shape = [x.shape[0], x.shape[3], *x.shape[1:3]]
    if isinstance(attributes["pad"], list):
        attributes["pad"] = [attributes["pad"][axis] for axis in (0, 3, 1, 2)]
    first = lambda x, f: tf.transpose(compute(tf.transpose(x, [0, 2, 3, 1]), f), [0, 3, 1, 2])
    return [x, filters], {**attributes, "format": "NCHW"}, first


@op("conv1d")
def conv1d(rng, number):
    size, window = rng.randint(3, 6), rng.randint(1, 3)
    stride, rate = rng.choice([(1, 1), (2, 1), (1, 2)])
    pad = rng.choice(["valid", "same"])
    if (window - 1) * rate + 1 > size:
        rate = 1
    pads = fitted(size, window, stride, rate, pad)
    attributes = {"stride": stride, "pad": pad, "dilation": rate}
    compute = lambda x, f: tf.nn.conv1d(tf.pad(x, around([pads])), spread(f, [rate]), stride, "VALID")
    return [floats([2, size, 2]), floats([window, 2, 2])], attributes, compute


@op("conv3d")
def conv3d(rng, number):
    while True:
        x, filters, attributes, compute = convolution(rng, 3)
        if not isinstance(attributes["pad"], list):
            break
    return [x, filters], attributes, compute


@op("depthwiseConv2d")
def depthwise_conv2d(rng, number):
    sizes, window, stride, rate, pad, pads = windows(rng, 2, 4)
    stride = [stride[0]] * 2
    pads = pads if isinstance(pad, list) else [fitted(*each, pad) for each in zip(sizes, window, stride, rate)]
    channels, multiplier = rng.randint(1, 2), rng.randint(1, 2)
    compute = lambda x, f: tf.nn.depthwise_conv2d(
        tf.pad(x, around(pads)), spread(f, rate), [1, *stride, 1], "VALID"
    )
    attributes = {"strides": stride, "pad": pad, "dilations": rate}
    return [floats([1, *sizes, channels]), floats([*window, channels, multiplier])], attributes, compute


@op("separableConv2d")
def separable_conv2d(rng, number):
    stride, pad = rng.choice([1, 2]), rng.choice(["valid", "same"])
    compute = lambda x, d, p: tf.nn.separable_conv2d(x, d, p, [1, stride, stride, 1], pad.upper())
    inputs = [floats([1, 4, 3, 2]), floats([2, 2, 2, 1]), floats([1, 1, 2, 2])]
    return inputs, {"stride": stride, "pad": pad}, compute


def transposed(name, axes):
    def make(rng, number):
        stride, window = rng.choice([1, 2]), rng.randint(1, 3)
        pad = rng.choice(["valid", "same"])
        sizes = [rng.randint(1, 2) for _ in range(axes)]
        whole = [n * stride if pad == "same" else (n - 1) * stride + window for n in sizes]
        shape_ = [1, *whole, 2]
        run = tf.nn.conv2d_transpose if axes == 2 else tf.nn.conv3d_transpose
        compute = lambda x, f: run(x, f, shape_, [1, *[stride] * axes, 1], pad.upper())
        attributes = {"shape": shape_, "stride": stride, "pad": pad}
        return [floats([1, *sizes, 1]), floats([*[window] * axes, 2, 1])], attributes, compute

    op(name)(make)


transposed("conv2dTranspose", 2)
transposed("conv3dTranspose", 3)


def fused(name, make_case):
    def make(rng, number):
        x, filters, attributes, compute, outputs = make_case(rng)
        activation = rng.choice(list(ACTIVATIONS))
        run = lambda x, f, b: ACTIVATIONS[activation](compute(x, f) + b)
        attributes = {**attributes, "activation": activation}
        return [x, filters, floats([outputs])], attributes, run, {"kink": activation in KINKED}

    op(name)(make)


def fused_plain(rng):
    x, filters, attributes, compute = convolution(rng, 2)
    return x, filters, attributes, compute, filters.shape[3]


def fused_depthwise(rng):
    (x, filters), attributes, compute = depthwise_conv2d(rng, 0)
    return x, filters, attributes, compute, filters.shape[2] * filters.shape[3]


fused("fused.conv2d", fused_plain)
fused("fused.depthwiseConv2d", fused_depthwise)


@op("dilation2d")
def dilation2d(rng, number):
    pad, rate = rng.choice(["VALID", "SAME"]), rng.choice([1, 2])
    stride = rng.choice([1, 2])
    compute = lambda x, f: tf.nn.dilation2d(x, f, [1, stride, stride, 1], pad, "NHWC", [1, rate, rate, 1])
    attributes = {"strides": stride, "pad": pad.lower(), "dilations": rate}
    return [distinct([1, 5, 4, 2]), distinct([2, 2, 2], -0.04, 0.04)], attributes, compute


# ---- Pooling ------------------------------------------------------------------------------------


def averaged(x, window, stride, pads, run):
    """Padding does not count."""
    wide = run(tf.pad(x, around(pads)), window, stride, "VALID")
    return wide / run(tf.pad(tf.ones_like(x), around(pads)), window, stride, "VALID")


def largest(x, window, stride, pads, run):
    lowest = tf.constant(-1e30, x.dtype)
    return run(tf.pad(x, around(pads), constant_values=lowest), window, stride, "VALID")


def in_float32(run):
    """TensorFlow has pooling over three axes for float32 alone."""
    return lambda x, *rest: tf.cast(run(tf.cast(x, tf.float32), *rest), tf.float64)


def pooling(name, axes, kind):
    def make(rng, number):
        while True:
            sizes, window, stride, _, pad, pads = windows(rng, axes, 4 if axes == 2 else 3, dilate=False)
            # A window over nothing but padding has no average, and tfjs's padding is that of three axes alike.
            narrow = all(max(p) < w for p, w in zip(pads, window))
            if narrow and not (axes == 3 and isinstance(pad, list)):
                break
        run = {
            (2, "max"): tf.nn.max_pool2d,
            (2, "avg"): tf.nn.avg_pool2d,
            (3, "max"): tf.nn.max_pool3d,
            (3, "avg"): tf.nn.avg_pool3d,
        }[axes, kind]
        x = distinct([1, *sizes, 2]) if kind == "max" else floats([1, *sizes, 2])
        if axes == 3:
            run = in_float32(run)
        pool = largest if kind == "max" else averaged
        attributes = {"filterSize": window, "strides": stride, "pad": pad}
        return [x], attributes, lambda x: pool(x, window, stride, pads, run)

    op(name)(make)


pooling("maxPool", 2, "max")
pooling("avgPool", 2, "avg")
pooling("maxPool3d", 3, "max")
pooling("avgPool3d", 3, "avg")


@op("pool")
def pool(rng, number):
    kind, pad = rng.choice(["max", "avg"]), rng.choice(["valid", "same"])
    # TensorFlow has no dilated pooling with "same".
    rate = rng.choice([1, 2]) if pad == "valid" else 1
    stride = 1 if rate > 1 else rng.choice([1, 2])
    run = lambda x: tf.nn.pool(x, [2, 2], kind.upper(), [stride] * 2, pad.upper(), dilations=[rate] * 2)
    attributes = {"kind": kind, "pad": pad, "dilations": rate, "strides": stride}
    return [distinct([1, 4, 4, 2])], attributes, run


@op("maxPoolWithArgmax")
def max_pool_with_argmax(rng, number):
    pad, stride, batch = rng.choice(["valid", "same"]), rng.choice([1, 2]), rng.random() < 0.5
    compute = lambda x: tf.nn.max_pool2d(x, [2, 2], [stride] * 2, pad.upper())
    return [distinct([2, 3, 4, 2])], {"pad": pad, "strides": stride, "batch": batch}, compute


# ---- Normalisation ------------------------------------------------------------------------------


def batch_norm(name, ranks):
    def make(rng, number):
        sizes = shape(rng, rng.choice(ranks), high=3)
        stats = sizes if rng.random() < 0.3 else sizes[-1:]
        scale, offset = rng.random() < 0.6, rng.random() < 0.6
        inputs = [floats(sizes), floats(stats), floats(stats, 0.3, 2)]
        inputs += [floats(stats)] * scale + [floats(stats)] * offset

        def compute(x, mean, variance, *rest):
            rest = list(rest)
            y = (x - mean) * tf.math.rsqrt(variance + 0.01)
            y = y * rest.pop(0) if scale else y
            return y + rest.pop(0) if offset else y

        return inputs, {"scale": scale, "offset": offset}, compute

    op(name)(make)


batch_norm("batchNorm", [2, 3, 4])
for rank in (2, 3, 4):
    batch_norm(f"batchNorm{rank}d", [rank])


@op("localResponseNormalization")
def local_response_normalization(rng, number):
    radius, bias = rng.randint(1, 3), rng.choice([1.0, 2.0])
    alpha, beta = rng.choice([0.3, 1.0]), rng.choice([0.5, 0.75])
    channels = rng.randint(1, 5)

    def compute(x):
        near = np.abs(np.subtract.outer(np.arange(channels), np.arange(channels))) <= radius
        return x / (bias + alpha * tf.square(x) @ near.astype(np.float64)) ** beta

    attributes = {"radius": radius, "bias": bias, "alpha": alpha, "beta": beta}
    return [floats([1, 2, 2, channels])], attributes, compute


# ---- Images -------------------------------------------------------------------------------------


def resizing(from_, to, nearest, corners, half):
    """The matrix by which one axis is resized, as TensorFlow's documentation has it."""
    scale = (from_ - 1) / (to - 1) if corners and to > 1 else from_ / to
    matrix = np.zeros((to, from_))
    for place in range(to):
        centre = (place + 0.5) * scale if half else place * scale
        if nearest:
            at = int(np.floor(centre + 0.5)) if corners else int(np.floor(centre + 1e-6))
            matrix[place, min(max(at, 0), from_ - 1)] = 1
            continue
        centre -= 0.5 if half else 0
        low = int(np.floor(centre))
        matrix[place, max(low, 0)] += 1 - (centre - low)
        matrix[place, min(max(int(np.ceil(centre)), 0), from_ - 1)] += centre - low
    return matrix


def resize(name, nearest):
    """TensorFlow's kernels are for float32 alone: their gradient by its op, in float32."""

    def make(rng, number):
        from_, to = [rng.randint(1, 4), rng.randint(1, 4)], [rng.randint(1, 5), rng.randint(1, 5)]
        corners, half = rng.choice([(False, False), (True, False), (False, True)])
        raw = tf.raw_ops.ResizeNearestNeighbor if nearest else tf.raw_ops.ResizeBilinear

        def compute(x):
            resized = raw(
                images=tf.cast(x, tf.float32), size=to, align_corners=corners, half_pixel_centers=half
            )
            return tf.cast(resized, tf.float64)

        attributes = {"size": to, "alignCorners": corners, "halfPixelCenters": half}
        return [floats([1, *from_, 2])], attributes, compute

    op(name)(make)


resize("image.resizeBilinear", False)
resize("image.resizeNearestNeighbor", True)


@op("image.cropAndResize")
def crop_and_resize(rng, number):
    boxes = floats([2, 4], 0.05, 0.95)
    method, size = rng.choice(["bilinear", "nearest"]), [rng.randint(1, 3), rng.randint(1, 3)]

    def compute(x, boxes, which):
        # TensorFlow has the gradient by the boxes for bilinear reading alone.
        cropped = tf.image.crop_and_resize(
            tf.cast(x, tf.float32), tf.cast(boxes, tf.float32), which, size, method, 0.5
        )
        return tf.cast(cropped, tf.float64)

    attributes = {"method": method, "size": size}
    inputs = [floats([2, 4, 3, 2]), boxes, ints([2], 0, 2)]
    if method == "nearest":
        inputs[1] = given(np.round(np.array(boxes.array(f"box {number}")), 3))
        inputs[1].kind = "constants"
    return inputs, attributes, compute


@op("image.flipLeftRight")
def flip_left_right(rng, number):
    return [floats([rng.randint(1, 2), rng.randint(1, 3), rng.randint(1, 4), 2])], {}, lambda x: tf.reverse(x, [2])


@op("image.rotateWithOffset")
def rotate_with_offset(rng, number):
    height, width = rng.randint(2, 4), rng.randint(2, 4)
    radians, centre = rng.uniform(-3, 3), rng.choice([0.5, [0.3, 0.6]])
    across, down = (centre, centre) if isinstance(centre, float) else centre
    # tfjs's centre is (width · x, height · y), as whole pixels where x is.
    middle_x, middle_y = width * across, height * down
    matrix = np.zeros((height * width, height * width))
    inside = np.zeros(height * width)
    for at in range(height * width):
        y, x = divmod(at, width)
        column = (x - middle_x) * np.cos(radians) - (y - middle_y) * np.sin(radians) + middle_x
        row = (x - middle_x) * np.sin(radians) + (y - middle_y) * np.cos(radians) + middle_y
        column, row = int(np.floor(column + 0.5)), int(np.floor(row + 0.5))
        if 0 <= column < width and 0 <= row < height:
            matrix[at, row * width + column] = 1
            inside[at] = 1
    compute = lambda x: tf.reshape(
        matrix @ tf.reshape(x, [height * width, 2]) + 0.5 * (1 - inside)[:, None], x.shape
    )
    return [floats([1, height, width, 2])], {"radians": radians, "center": centre}, compute


@op("image.transform")
def transform(rng, number):
    """TensorFlow's own gradient moves the gradient back, which is right for whole steps alone: those."""
    down, right = rng.randint(-1, 1), rng.randint(-1, 1)
    move = given(np.array([[1, 0, right, 0, 1, down, 0, 0]], np.float64))
    move.kind = "constants"
    kind = rng.choice(["nearest", "bilinear"])

    def compute(x, move):
        moved = tf.raw_ops.ImageProjectiveTransformV3(
            images=x,
            transforms=tf.cast(move, tf.float32),
            output_shape=x.shape[1:3],
            fill_value=0.0,
            interpolation=kind.upper(),
            fill_mode="CONSTANT",
        )
        return moved

    return [floats([2, 3, 4, 2]), move], {"interpolation": kind}, compute


@op("image.grayscaleToRGB")
def grayscale_to_rgb(rng, number):
    return [floats([rng.randint(1, 2), 2, 3, 1])], {}, tf.image.grayscale_to_rgb


@op("image.rgbToGrayscale")
def rgb_to_grayscale(rng, number):
    weights = np.array([[0.2989], [0.587], [0.114]])
    return [floats([rng.randint(1, 2), 2, 2, 3])], {}, lambda x: tf.tensordot(x, weights, 1)
