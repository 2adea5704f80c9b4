"""Writes kernels.json: what TensorFlow gives for the kernels that tests/tensor/kernels_test.ts looks at.

Run from the project's root with the Python that has TensorFlow:
    .venv/bin/python tests/reference/kernels.py
"""

import json
import pathlib

import numpy as np
import tensorflow as tf

random = np.random.default_rng(7)
cases = {}


def values(x):
    if isinstance(x, np.ndarray) and x.dtype == np.float32:
        return [float(f"{value:.6g}") for value in x.flatten().tolist()]
    flat = np.asarray(x).flatten().tolist()
    return [value.decode() if isinstance(value, bytes) else value for value in flat]


def tensor(x):
    x = x.numpy() if hasattr(x, "numpy") else np.asarray(x)
    dtype = {"float32": "float32", "int32": "int32", "int64": "int32", "bool": "bool"}
    return {
        "shape": list(x.shape),
        "dtype": dtype.get(str(x.dtype), "string"),
        "values": values(x if x.dtype != np.int64 else x.astype(np.int32)),
    }


def case(name, inputs, attributes, *outputs):
    """One call: its tensors, its other arguments, and what TensorFlow gives."""
    cases.setdefault(name, []).append(
        {
            "inputs": [tensor(x) for x in inputs],
            "attributes": attributes,
            "outputs": [tensor(x) for x in outputs],
        }
    )


def floats(*shape):
    """Few digits, so that both sides have the same numbers."""
    return (random.normal(size=shape).astype(np.float32) * 100).round() / 100


def ints(low, high, *shape):
    return random.integers(low, high, size=shape).astype(np.int32)


a, b = ints(0, 1000, 7), ints(0, 1000, 7)
case("bitwiseAnd", [a, b], {}, tf.bitwise.bitwise_and(a, b))

for side in ("left", "right"):
    sequence, wanted = np.sort(ints(0, 9, 3, 6), axis=1), ints(-1, 10, 3, 4)
    found = tf.searchsorted(sequence, wanted, side=side)
    case("searchSorted", [sequence, wanted], {"side": side}, found)
    sequence, wanted = np.sort(floats(5)), floats(3)
    bound = "lowerBound" if side == "left" else "upperBound"
    case(bound, [sequence, wanted], {}, tf.searchsorted(sequence, wanted, side=side))

for shape in ((9,), (3, 5)):
    for binary in (False, True):
        x, weights = ints(0, 6, *shape), floats(*shape)
        # TensorFlow's own function takes no weights for a binary count.
        for given in (np.zeros(0, np.float32),) if binary else (np.zeros(0, np.float32), weights):
            counts = tf.raw_ops.DenseBincount(input=x, size=5, weights=given, binary_output=binary)
            case("denseBincount", [x, given], {"size": 5, "binaryOutput": binary}, counts)

for interpolation in ("nearest", "bilinear"):
    for mode in ("constant", "reflect", "wrap", "nearest"):
        image = floats(2, 4, 5, 2)
        moves = np.float32(
            [[0.9, 0.2, -0.7, -0.1, 1.1, 0.4, 0.01, 0.02], [1.2, -0.3, 2.3, 0.2, 0.8, -1.6, 0, 0]]
        )
        moved = tf.raw_ops.ImageProjectiveTransformV3(
            images=image,
            transforms=moves,
            output_shape=[3, 6],
            fill_value=0.5,
            interpolation=interpolation.upper(),
            fill_mode=mode.upper(),
        )
        attributes = {"interpolation": interpolation, "fillMode": mode, "fillValue": 0.5}
        case("transform", [image, moves], {**attributes, "outputShape": [3, 6]}, moved)

for padding in ("valid", "same", 1):
    for with_batch in (False, True):
        x = (random.permutation(2 * 5 * 6 * 3).astype(np.float32) / 8).reshape(2, 5, 6, 3)
        pads = [[0, 0], [1, 1], [1, 1], [0, 0]]
        wide = np.pad(x, pads, constant_values=-np.inf) if padding == 1 else x
        pooled, places = tf.nn.max_pool_with_argmax(
            wide, 3, 2, "VALID" if padding == 1 else padding.upper(), include_batch_in_index=True
        )
        places = np.stack(np.unravel_index(places.numpy(), wide.shape), -1)
        if padding == 1:
            places = places - [0, 1, 1, 0]
        if not with_batch:
            places[..., 0] = 0
        flat = np.ravel_multi_index(np.moveaxis(places, -1, 0), x.shape).astype(np.int32)
        attributes = {"size": 3, "stride": 2, "pad": padding, "includeBatch": with_batch}
        case("maxPoolWithArgmax", [x], attributes, pooled, flat)

# Whole numbers, and numbers for each side, as padding.
sides = [[0, 0], [2, 1], [0, 1], [0, 0]]
for pad, stride in ((1, 1), (2, 2), (sides, 1)):
    paddings = pad if isinstance(pad, list) else [[0, 0], [pad, pad], [pad, pad], [0, 0]]
    x, filters, depthwise = floats(2, 5, 6, 2), floats(3, 2, 2, 3), floats(3, 2, 2, 2)
    attributes = {"stride": stride, "pad": pad}
    y = tf.nn.conv2d(x, filters, stride, paddings)
    case("conv2d", [x, filters], attributes, y)
    wide = np.pad(x, paddings)
    strides = [1, stride, stride, 1]
    y = tf.nn.depthwise_conv2d(wide, depthwise, strides, "VALID")
    case("depthwiseConv2d", [x, depthwise], attributes, y)
    pool = {"size": 3, **attributes}
    lowest = np.pad(x, paddings, constant_values=-np.inf)
    case("maxPool", [x], pool, tf.nn.max_pool(lowest, 3, stride, "VALID"))
    within = np.pad(np.ones_like(x), paddings)
    average = tf.nn.avg_pool(wide, 3, stride, "VALID") / tf.nn.avg_pool(within, 3, stride, "VALID")
    case("avgPool", [x], pool, average)
    channels = np.moveaxis(x, -1, 1)
    y = np.moveaxis(tf.nn.conv2d(x, filters, stride, paddings).numpy(), -1, 1)
    first = [paddings[axis] for axis in (0, 3, 1, 2)] if isinstance(pad, list) else pad
    case("conv2d", [channels, filters], {"stride": stride, "pad": first, "format": "NCHW"}, y)

for pad in (1, "same"):
    paddings = [[0, 0], *[[pad, pad]] * 3, [0, 0]] if pad == 1 else None
    x, filters = floats(1, 4, 3, 4, 2), floats(2, 2, 3, 2, 2)
    wide, how = (np.pad(x, paddings), "VALID") if pad == 1 else (x, "SAME")
    case("conv3d", [x, filters], {"stride": 1, "pad": pad}, tf.nn.conv3d(wide, filters, [1] * 5, how))
    lowest = np.pad(x, paddings, constant_values=-np.inf) if pad == 1 else x
    case("maxPool3d", [x], {"size": 2, "stride": 2, "pad": pad}, tf.nn.max_pool3d(lowest, 2, 2, how))
    average = tf.nn.avg_pool3d(wide, 2, 2, how)
    if pad == 1:
        average = average / tf.nn.avg_pool3d(np.pad(np.ones_like(x), paddings), 2, 2, how)
    case("avgPool3d", [x], {"size": 2, "stride": 2, "pad": pad}, average)

# Dilated windows: the reference has the zeros between their places written out.
for name in ("conv2d", "depthwiseConv2d", "conv3d"):
    axes = 3 if name == "conv3d" else 2
    x, filters = floats(1, *[6] * axes, 2), floats(*[3] * axes, 2, 2)
    spread = np.zeros((*[5] * axes, 2, 2), np.float32)
    spread[tuple([slice(None, None, 2)] * axes)] = filters
    run = {
        "conv2d": lambda: tf.nn.conv2d(x, spread, 1, "SAME"),
        "depthwiseConv2d": lambda: tf.nn.depthwise_conv2d(x, spread, [1] * 4, "SAME"),
        "conv3d": lambda: tf.nn.conv3d(x, spread, [1] * 5, "SAME"),
    }[name]
    case(name, [x, filters], {"stride": 1, "pad": "same", "dilation": 2}, run())

splits, inner = np.int32([0, 2, 2, 5]), np.int32([0, 1, 3, 3, 6, 7])
dense, indices = floats(7, 2), np.int32([[2, 0], [1, 2]])
gathered = tf.raw_ops.RaggedGather(
    params_nested_splits=[splits, inner],
    params_dense_values=dense,
    indices=indices,
    OUTPUT_RAGGED_RANK=3,
)
case("raggedGather", [dense, indices, splits, inner], {"rank": 3}, *gathered[0], gathered[1])

starts, limits, deltas = np.int32([0, 5, 8]), np.int32([3, 5, 2]), np.int32([1, 1, -2])
ranges = tf.raw_ops.RaggedRange(starts=starts, limits=limits, deltas=deltas, Tsplits=tf.int32)
case("raggedRange", [starts, limits, deltas], {}, *ranges)

rows = np.int32([0, 2, 2, 3])
ragged, default = floats(3), np.float32(-1)
whole = tf.raw_ops.RaggedTensorToTensor(
    shape=np.int32([4, 3]),
    values=ragged,
    default_value=default,
    row_partition_tensors=[rows],
    row_partition_types=["ROW_SPLITS"],
)
case("raggedTensorToTensor", [np.int32([4, 3]), ragged, default, rows], {"types": ["ROW_SPLITS"]}, whole)

data, taken, segments = floats(5, 3), np.int32([4, 0, 2, 0]), np.int32([0, 0, 2, 2])
for name in ("Sum", "Mean"):
    reduced = getattr(tf.sparse, f"segment_{name.lower()}")(data, taken, segments)
    case(f"sparseSegment{name}", [data, taken, segments], {}, reduced)

places, given, shape = np.int64([[0, 1], [2, 0], [2, 2]]), floats(3), np.int64([4, 3])
filled = tf.raw_ops.SparseFillEmptyRows(
    indices=places, values=given, dense_shape=shape, default_value=np.float32(9)
)
case("sparseFillEmptyRows", [places, given, shape, np.float32(9)], {}, *filled)
reshaped = tf.raw_ops.SparseReshape(input_indices=places, input_shape=shape, new_shape=np.int64([2, -1]))
case("sparseReshape", [places, shape, np.int64([2, -1])], {}, *reshaped)

words, bounds = np.array(["a", "b", "c", "d", "ef", "ψ"]), np.int32([0, 4, 4, 6])
grams = tf.raw_ops.StringNGrams(
    data=words,
    data_splits=bounds,
    separator="|",
    ngram_widths=[2, 3],
    left_pad="<",
    right_pad=">",
    pad_width=1,
    preserve_short_sequences=False,
)
case("stringNGrams", [words, bounds], {}, *grams)
for skip in (False, True):
    text = np.array(["a  b", "", "tesserae of ψηφίς"])
    split = tf.raw_ops.StringSplit(input=text, delimiter=" ", skip_empty=skip)
    case("stringSplit", [text, np.array(" ")], {"skipEmpty": skip}, *split)
hashed = tf.raw_ops.StringToHashBucketFast(input=words, num_buckets=1000)
case("stringToHashBucketFast", [words], {"buckets": 1000}, hashed)

path = pathlib.Path(__file__).with_suffix(".json")
lines = ",\n".join(f'"{name}": {json.dumps(each, ensure_ascii=False)}' for name, each in cases.items())
path.write_text(f"{{\n{lines}\n}}\n")
print(f"{sum(map(len, cases.values()))} cases of {len(cases)} ops, {path.stat().st_size} bytes")
