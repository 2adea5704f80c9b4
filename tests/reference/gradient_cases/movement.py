"""Ops that move values: shapes, padding, slicing, gathering and scattering."""

import numpy as np
import tensorflow as tf

from .case import distinct, floats, given, ints, op, shape


def one(name, make_shape):
    """An op of one tensor: `make_shape` gives its shape, its attributes and what TensorFlow computes."""

    def make(rng, number):
        sizes, attributes, compute = make_shape(rng)
        return [floats(sizes)], attributes, compute

    op(name)(make)


def ranked(low, high):
    return lambda rng: shape(rng, rng.randint(low, high))


@op("reshape")
def reshape(rng, number):
    sizes = shape(rng, rng.randint(1, 4))
    return [floats(sizes)], {"shape": sizes[::-1]}, lambda x: tf.reshape(x, sizes[::-1])


@op("expandDims")
def expand_dims(rng, number):
    sizes = shape(rng)
    axis = rng.randint(-len(sizes) - 1, len(sizes))
    return [floats(sizes)], {"axis": axis}, lambda x: tf.expand_dims(x, axis)


@op("squeeze")
def squeeze(rng, number):
    sizes = shape(rng, rng.randint(1, 3)) + [1]
    rng.shuffle(sizes)
    axes = [axis for axis, size in enumerate(sizes) if size == 1][:1] if rng.random() < 0.5 else None
    return [floats(sizes)], {"axis": axes}, lambda x: tf.squeeze(x, axes)


@op("transpose")
def transpose(rng, number):
    sizes = shape(rng, rng.randint(1, 5), high=3)
    order = rng.sample(range(len(sizes)), len(sizes))
    return [floats(sizes)], {"perm": order}, lambda x: tf.transpose(x, order)


@op("tile")
def tile(rng, number):
    sizes = shape(rng, rng.randint(1, 5), high=2)
    repeats = [rng.randint(1, 2) for _ in sizes]
    return [floats(sizes)], {"reps": repeats}, lambda x: tf.tile(x, repeats)


@op("broadcastTo")
def broadcast_to(rng, number):
    whole = shape(rng, rng.randint(1, 4), high=3)
    sizes = [1 if rng.random() < 0.5 else size for size in whole][rng.randint(0, len(whole)) :]
    return [floats(sizes)], {"shape": whole}, lambda x: tf.broadcast_to(x, whole)


def register_joined(name, compute, same):
    def make(rng, number):
        sizes = shape(rng, rng.randint(1, 4), high=3, most=16)
        axis = rng.randrange(len(sizes))
        count = rng.randint(1, 3)
        parts = [list(sizes) for _ in range(count)]
        if not same:
            for part in parts:
                part[axis] = rng.randint(1, 3)
        return [floats(part) for part in parts], {"axis": axis}, lambda *xs: compute(list(xs), axis)

    op(name)(make)


register_joined("concat", tf.concat, False)
register_joined("stack", tf.stack, True)
for rank in (1, 2, 3, 4):

    def joined(rng, number, rank=rank):
        sizes = shape(rng, rank, high=3, most=16)
        axis = rng.randrange(rank)
        parts = [[rng.randint(1, 3) if i == axis else s for i, s in enumerate(sizes)] for _ in range(2)]
        return [floats(part) for part in parts], {"axis": axis}, lambda *xs: tf.concat(xs, axis)

    op(f"concat{rank}d")(joined)

    def sliced(rng, number, rank=rank):
        sizes = shape(rng, rank)
        begin = [rng.randrange(size) for size in sizes]
        size = [rng.randint(1, whole - first) for whole, first in zip(sizes, begin)]
        return [floats(sizes)], {"begin": begin, "size": size}, lambda x: tf.slice(x, begin, size)

    op(f"slice{rank}d")(sliced)

    def reversed_(rng, number, rank=rank):
        sizes = shape(rng, rank)
        axes = rng.sample(range(rank), rng.randint(1, rank)) if rank > 1 else [0]
        return [floats(sizes)], {"axis": axes}, lambda x: tf.reverse(x, axes)

    op(f"reverse{rank}d")(reversed_)

    def padded(rng, number, rank=rank):
        sizes = shape(rng, rank, high=3)
        sides = [[rng.randint(0, 2), rng.randint(0, 1)] for _ in sizes]
        value = rng.choice([0, 1.5])
        return [floats(sizes)], {"paddings": sides, "value": value}, lambda x: tf.pad(x, sides, constant_values=value)

    op(f"pad{rank}d")(padded)


@op("pad")
def pad(rng, number):
    sizes = shape(rng, rng.randint(1, 5), high=3, most=24)
    sides = [[rng.randint(0, 1), rng.randint(0, 1)] for _ in sizes]
    return [floats(sizes)], {"paddings": sides}, lambda x: tf.pad(x, sides)


@op("mirrorPad")
def mirror_pad(rng, number):
    sizes = shape(rng, rng.randint(1, 4), low=2, high=4, most=36)
    mode = rng.choice(["reflect", "symmetric"])
    most = [size - 1 if mode == "reflect" else size for size in sizes]
    sides = [[rng.randint(0, min(2, m)), rng.randint(0, min(2, m))] for m in most]
    return [floats(sizes)], {"paddings": sides, "mode": mode}, lambda x: tf.pad(x, sides, mode.upper())


@op("slice")
def slice_(rng, number):
    sizes = shape(rng, rng.randint(1, 5), high=3)
    begin = [rng.randrange(size) for size in sizes]
    size = [rng.choice([-1, rng.randint(1, whole - first)]) for whole, first in zip(sizes, begin)]
    return [floats(sizes)], {"begin": begin, "size": size}, lambda x: tf.slice(x, begin, size)


@op("stridedSlice")
def strided_slice(rng, number):
    sizes = shape(rng, rng.randint(1, 4), low=2, high=5)
    begin, end, strides = [], [], []
    for size in sizes:
        stride = rng.choice([1, 2, 3, -1, -2])
        low, high = sorted(rng.sample(range(size + 1), 2))
        begin.append(low if stride > 0 else high - 1 if high else 0)
        end.append(high if stride > 0 else low - 1)
        if stride < 0 and low == 0:
            end[-1] = -size - 1
        strides.append(stride)
    masks = [rng.randrange(1 << len(sizes)) if rng.random() < 0.4 else 0 for _ in range(2)]
    shrink = 0
    for axis, stride in enumerate(strides):
        if stride == 1 and rng.random() < 0.3:
            shrink |= 1 << axis
            masks = [mask & ~(1 << axis) for mask in masks]
    attributes = {"begin": begin, "end": end, "strides": strides}
    attributes.update(beginMask=masks[0], endMask=masks[1], shrinkAxisMask=shrink)
    compute = lambda x: tf.strided_slice(
        x, begin, end, strides, begin_mask=masks[0], end_mask=masks[1], shrink_axis_mask=shrink
    )
    return [floats(sizes)], attributes, compute


@op("reverse")
def reverse(rng, number):
    sizes = shape(rng, rng.randint(1, 5), high=3)
    axes = rng.sample(range(len(sizes)), rng.randint(1, len(sizes)))
    return [floats(sizes)], {"axis": axes}, lambda x: tf.reverse(x, axes)


@op("split")
def split(rng, number):
    parts = [rng.randint(1, 2) for _ in range(rng.randint(1, 3))]
    sizes = shape(rng, rng.randint(1, 3), high=3, most=8)
    axis = rng.randrange(len(sizes))
    sizes[axis] = sum(parts)
    if len(set(parts)) == 1 and rng.random() < 0.5:
        return [floats(sizes)], {"parts": len(parts), "axis": axis}, lambda x: tf.split(x, len(parts), axis)
    return [floats(sizes)], {"parts": parts, "axis": axis}, lambda x: tf.split(x, parts, axis)


@op("unstack")
def unstack(rng, number):
    sizes = shape(rng, rng.randint(1, 4), high=3)
    axis = rng.randrange(len(sizes))
    return [floats(sizes)], {"axis": axis}, lambda x: tf.unstack(x, axis=axis)


def blocks(rng):
    block = [rng.randint(1, 2), rng.randint(1, 2)]
    return block, [[0, 0], [0, 0]] if rng.random() < 0.5 else [[block[0] - 1, 1], [0, block[1]]]


@op("spaceToBatchND")
def space_to_batch(rng, number):
    block = [rng.randint(1, 2), rng.randint(1, 3)]
    counts = [rng.randint(1, 2), rng.randint(1, 2)]
    sides = [[rng.randint(0, 1), 0] for _ in block]
    sizes = [1, *(b * n - sum(s) if b * n > sum(s) else b * n for b, n, s in zip(block, counts, sides)), 2]
    sides = [s if b * n > sum(s) else [0, 0] for b, n, s in zip(block, counts, sides)]
    attributes = {"block": block, "sides": sides}
    return [floats(sizes)], attributes, lambda x: tf.space_to_batch(x, block, sides)


@op("batchToSpaceND")
def batch_to_space(rng, number):
    block = [rng.randint(1, 2), rng.randint(1, 2)]
    sizes = [block[0] * block[1], rng.randint(2, 3), rng.randint(2, 3), 1]
    crops = [[rng.randint(0, 1), rng.randint(0, 1)] for _ in block]
    attributes = {"block": block, "sides": crops}
    return [floats(sizes)], attributes, lambda x: tf.batch_to_space(x, block, crops)


@op("depthToSpace")
def depth_to_space(rng, number):
    block = 2
    sizes = [rng.randint(1, 2), rng.randint(1, 2), rng.randint(1, 2), 4 * rng.randint(1, 2)]
    if rng.random() < 0.5:
        return [floats(sizes)], {"block": block, "format": "NHWC"}, lambda x: tf.nn.depth_to_space(x, block)
    first = [sizes[0], sizes[3], sizes[1], sizes[2]]
    compute = lambda x: tf.transpose(tf.nn.depth_to_space(tf.transpose(x, [0, 2, 3, 1]), block), [0, 3, 1, 2])
    return [floats(first)], {"block": block, "format": "NCHW"}, compute


@op("diag")
def diag(rng, number):
    sizes = shape(rng, rng.randint(1, 2), high=3, most=6)
    return [floats(sizes)], {}, tf.linalg.tensor_diag


@op("linalg.bandPart")
def band_part(rng, number):
    sizes = shape(rng, rng.randint(2, 3))
    low, high = rng.randint(-1, sizes[-2]), rng.randint(-1, sizes[-1])
    return [floats(sizes)], {"low": low, "high": high}, lambda x: tf.linalg.band_part(x, low, high)


@op("meshgrid")
def meshgrid(rng, number):
    sizes = [rng.randint(1, 4), rng.randint(1, 4)]
    indexing = rng.choice(["xy", "ij"])
    return [floats([n]) for n in sizes], {"indexing": indexing}, lambda a, b: tf.meshgrid(a, b, indexing=indexing)


@op("ensureShape")
def ensure_shape(rng, number):
    sizes = shape(rng)
    return [floats(sizes)], {"shape": sizes}, lambda x: tf.ensure_shape(x, sizes)


# ---- Gathering and scattering -------------------------------------------------------------------


@op("gather")
def gather(rng, number):
    sizes = shape(rng, rng.randint(1, 4), high=3, most=24)
    axis = rng.randrange(len(sizes))
    batch = rng.randint(0, axis)
    places = sizes[:batch] + shape(rng, rng.randint(0 if batch == 0 else 1, 2), high=3, most=6)
    attributes = {"axis": axis, "batchDims": batch}
    compute = lambda x, i: tf.gather(x, i, axis=axis, batch_dims=batch)
    return [floats(sizes), ints(places, 0, sizes[axis])], attributes, compute


def places_in(rng, sizes, count, repeated):
    """Indices `[count, depth]` into a tensor's first axes."""
    depth = rng.randint(1, len(sizes))
    every = [list(index) for index in np.ndindex(*sizes[:depth])]
    count = min(count, len(every)) if not repeated else count
    chosen = [rng.choice(every) for _ in range(count)] if repeated else rng.sample(every, count)
    return np.array(chosen, np.int32).reshape(count, depth), depth


@op("gatherND")
def gather_nd(rng, number):
    sizes = shape(rng, rng.randint(1, 3))
    places, _ = places_in(rng, sizes, rng.randint(1, 5), True)
    return [floats(sizes), given(places)], {}, tf.gather_nd


@op("scatterND")
def scatter_nd(rng, number):
    sizes = shape(rng, rng.randint(1, 3))
    places, depth = places_in(rng, sizes, rng.randint(1, 5), True)
    updates = floats([len(places), *sizes[depth:]])
    return [given(places), updates], {"shape": sizes}, lambda i, x: tf.scatter_nd(i, x, sizes)


@op("tensorScatterUpdate")
def tensor_scatter_update(rng, number):
    sizes = shape(rng, rng.randint(1, 3))
    places, depth = places_in(rng, sizes, rng.randint(1, 4), False)
    updates = floats([len(places), *sizes[depth:]])
    return [floats(sizes), given(places), updates], {}, tf.tensor_scatter_nd_update


@op("sparseToDense")
def sparse_to_dense(rng, number):
    sizes = shape(rng, rng.randint(1, 3), low=2)
    every = [list(index) for index in np.ndindex(*sizes)]
    places = np.array(sorted(rng.sample(every, rng.randint(1, min(4, len(every))))), np.int32)
    values = floats([] if rng.random() < 0.3 else [len(places)])
    if len(sizes) == 1 and rng.random() < 0.5:
        places = places[:, 0]

    def compute(i, values, default):
        i = tf.reshape(i, [-1, len(sizes)])
        whole = tf.broadcast_to(values, [i.shape[0]])
        return tf.tensor_scatter_nd_update(tf.fill(sizes, default), i, whole)

    return [given(places), values, floats([])], {"shape": sizes}, compute


@op("unsortedSegmentSum")
def unsorted_segment_sum(rng, number):
    sizes = shape(rng, rng.randint(1, 3))
    count = rng.randint(1, 4)
    compute = lambda x, ids: tf.math.unsorted_segment_sum(x, ids, count)
    return [floats(sizes), ints([sizes[0]], -1 if number % 2 else 0, count)], {"count": count}, compute


def segments(name, compute):
    def make(rng, number):
        sizes = shape(rng, rng.randint(1, 3))
        count = rng.randint(1, 5)
        ids = np.sort(np.array([rng.randint(0, 3) for _ in range(count)], np.int32))
        ids = ids - ids[0]
        return [floats(sizes), ints([count], 0, sizes[0]), given(ids)], {}, compute

    op(name)(make)


segments("sparse.sparseSegmentSum", tf.sparse.segment_sum)
segments("sparse.sparseSegmentMean", tf.sparse.segment_mean)


@op("sparse.sparseFillEmptyRows")
def sparse_fill_empty_rows(rng, number):
    rows = rng.randint(1, 5)
    taken = sorted(rng.sample(range(rows), rng.randint(1, rows)))
    places = np.array([[row, column] for row in taken for column in range(rng.randint(1, 2))], np.int32)

    def compute(i, values, default):
        filled = tf.raw_ops.SparseFillEmptyRows(
            indices=tf.cast(i, tf.int64), values=values, dense_shape=[rows, 3], default_value=default
        )
        return filled[1]

    return [given(places), floats([len(places)]), floats([])], {"shape": [rows, 3]}, compute


@op("raggedGather")
def ragged_gather(rng, number):
    lengths = [rng.randint(0, 3) for _ in range(rng.randint(1, 4))]
    splits = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    sizes = [int(splits[-1]) or 1, *shape(rng, rng.randint(0, 1), high=3)]
    if splits[-1] == 0:
        splits[-1] = 1
    indices = ints([rng.randint(1, 3)], 0, len(lengths))

    def compute(splits, values, indices):
        return tf.gather(tf.RaggedTensor.from_row_splits(values, splits), indices).flat_values

    return [given(splits), floats(sizes), indices], {}, compute


@op("raggedTensorToTensor")
def ragged_tensor_to_tensor(rng, number):
    lengths = [rng.randint(0, 3) for _ in range(rng.randint(1, 4))]
    lengths[-1] += 1
    splits = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    inner = shape(rng, rng.randint(0, 1), high=2)
    whole = [len(lengths), max(lengths), *inner]

    def compute(splits, values, default):
        return tf.RaggedTensor.from_row_splits(values, splits).to_tensor(default)

    return [given(splits), floats([int(splits[-1]), *inner]), floats([])], {"shape": whole}, compute


@op("oneHot")
def one_hot(rng, number):
    depth = rng.randint(2, 4)
    compute = lambda i, x: tf.one_hot(i, depth, dtype=x.dtype) * x
    return [ints([3], 0, depth), floats([3, depth])], {"depth": depth}, compute
