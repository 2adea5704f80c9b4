"""Writes models as TensorFlow does, with what they give: tests/reference/saved_model/.

Run with .venv/bin/python from the project's folder.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

folder = Path(__file__).parent / "saved_model"


class Classifier(tf.Module):
    """A dense layer on a convolution, and a signature with whole numbers and text."""

    def __init__(self):
        super().__init__()
        random = np.random.default_rng(7)
        self.kernel = tf.Variable(random.normal(size=(2, 2, 1, 2)).astype(np.float32))
        self.weight = tf.Variable(random.normal(size=(8, 3)).astype(np.float32))
        self.bias = tf.Variable(np.float32([0.5, -0.5, 0.25]))

    @tf.function(input_signature=[tf.TensorSpec([None, 4, 4, 1], tf.float32, name="images")])
    def classify(self, images):
        features = tf.nn.relu(tf.nn.conv2d(images, self.kernel, 2, "SAME"))
        logits = tf.matmul(tf.reshape(features, [-1, 8]), self.weight) + self.bias
        return {"probabilities": tf.nn.softmax(logits), "best": tf.argmax(logits, 1)}

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.int64, name="numbers"),
            tf.TensorSpec([], tf.string, name="unit"),
        ]
    )
    def describe(self, numbers, unit):
        texts = tf.strings.join([tf.strings.as_string(numbers), unit], separator=" ")
        return {"texts": texts, "halves": tf.cast(numbers, tf.float32) / 2}


model = Classifier()
shutil.rmtree(folder, ignore_errors=True)
signatures = {"serving_default": model.classify, "describe": model.describe}
tf.saved_model.save(model, str(folder / "classifier"), signatures=signatures)
# What no reader needs.
(folder / "classifier" / "fingerprint.pb").unlink()
(folder / "classifier" / "assets").rmdir()

images = np.arange(32, dtype=np.float32).reshape(2, 4, 4, 1) / 16 - 1
expected = model.classify(tf.constant(images))

# The same function as TensorFlow.js's graph model: a GraphDef in JSON, and the constants beside it.
frozen = convert_variables_to_constants_v2(model.classify.get_concrete_function())
graph = frozen.graph.as_graph_def()
weights, data = [], b""
for node in graph.node:
    if node.op != "Const":
        continue
    value = tf.make_ndarray(node.attr["value"].tensor)
    weights.append({
        "name": node.name,
        "shape": list(value.shape),
        "dtype": {"float32": "float32", "int32": "int32", "int64": "int32"}[str(value.dtype)],
    })
    data += value.astype(np.int32 if value.dtype == np.int64 else value.dtype).tobytes()
    node.attr["value"].tensor.ClearField("tensor_content")
    node.attr["value"].tensor.ClearField("float_val")
    node.attr["value"].tensor.ClearField("int_val")
graph_model = folder / "graph_model"
graph_model.mkdir()
(graph_model / "weights.bin").write_bytes(data)
topology = MessageToDict(graph)
topology.pop("library", None)
(graph_model / "model.json").write_text(
    json.dumps({
        "format": "graph-model",
        "generatedBy": tf.__version__,
        "modelTopology": topology,
        "weightsManifest": [{"paths": ["weights.bin"], "weights": weights}],
    }, separators=(",", ":"))
)

(folder / "expected.json").write_text(
    json.dumps({
        "images": images.flatten().tolist(),
        "probabilities": expected["probabilities"].numpy().flatten().tolist(),
        "best": expected["best"].numpy().tolist(),
        "outputs": [each.name for each in frozen.outputs],
    })
)
