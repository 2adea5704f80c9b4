import { assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { eagerAttributes, type OpAttribute, setAttribute } from "../../lib/tensor/attributes.ts";
import { TensorFlowError } from "../../lib/tensor/tensorflow_error.ts";
import { AttributeType, DataType } from "../../lib/tensor/c_api.ts";
import { attribute, nativeBackend } from "../../lib/tensor/native.ts";
import { run } from "./subprocess.ts";

const { binding } = nativeBackend()!;

/** Attributes that `native.ts` has no shorthand for. */
const floats = (name: string, value: number[]) => ({ name, type: AttributeType.float, value });
const texts = (name: string, value: string[]) => ({ name, type: AttributeType.string, value });
const types = (name: string, value: number[]) => ({ name, type: AttributeType.type, value });
const shape = (name: string, value: unknown) => ({ name, type: AttributeType.shape, value });

/** Runs an op on numbers of tensors and gives the first output's metadata and values. */
function execute(name: string, attributes: OpAttribute[], inputs: number[]) {
  const [output] = binding.executeOp(name, attributes, inputs, 1);
  const values = binding.tensorDataSync(output.id);
  binding.deleteTensor(output.id);
  return { ...output, values };
}

const text = (value: string) => new TextEncoder().encode(value);
const floatTensor = (size: number[], values: number[]) =>
  binding.createTensor(size, DataType.float32, Float32Array.from(values));
const intTensor = (size: number[], values: number[]) =>
  binding.createTensor(size, DataType.int32, Int32Array.from(values));

// ---- Tensors --------------------------------------------------------------------------------

const roundTrips: [keyof typeof DataType, number[], Parameters<typeof binding.createTensor>[2]][] =
  [
    ["float32", [2, 3], Float32Array.of(1.5, -2, 0, Infinity, 1e-40, 3)],
    ["float32", [], Float32Array.of(7)],
    ["float32", [2, 0, 3], new Float32Array(0)],
    ["int32", [2], Int32Array.of(2 ** 31 - 1, -(2 ** 31))],
    ["uint8", [3], Uint8Array.of(0, 127, 255)],
    ["bool", [2], Uint8Array.of(1, 0)],
    ["int64", [2], BigInt64Array.of(2n ** 63n - 1n, -5n) as unknown as Int32Array],
    ["complex64", [1, 2], Float32Array.of(1, 2, 3, 4)],
  ];
for (const [dtype, size, values] of roundTrips) {
  Deno.test(`createTensor: ${dtype}[${size}] comes back as it was`, () => {
    const id = binding.createTensor(size, DataType[dtype], values);
    assertEquals(binding.metadata(id), { id, shape: size, dtype: DataType[dtype] });
    assertEquals(binding.tensorDataSync(id) as unknown, values);
    binding.deleteTensor(id);
  });
}

Deno.test("createTensor: an int64 may be given as pairs of int32, low part first", () => {
  const id = binding.createTensor([2], DataType.int64, Int32Array.of(7, 0, -3, -1));
  assertEquals(binding.tensorDataSync(id) as unknown, BigInt64Array.of(7n, -3n));
  binding.deleteTensor(id);
});

Deno.test("createTensor: strings come back byte for byte, short, long, empty and not UTF-8", () => {
  const values = [
    text(""),
    text("x".repeat(22)),
    text("x".repeat(23)),
    text("Fliesen aus Ravenna · ψηφίδα"),
    Uint8Array.of(0, 255, 0, 254),
    new Uint8Array(100_000).fill(7),
  ];
  const id = binding.createTensor([2, 3], DataType.string, values);
  assertEquals(binding.tensorDataSync(id) as unknown, values);
  binding.deleteTensor(id);
});

Deno.test("createTensor: values that do not fit are refused with both counts or types", () => {
  const { float32, string } = DataType;
  assertThrows(
    () => binding.createTensor([2, 2], float32, new Float32Array(3)),
    RangeError,
    "float32[2,2] needs 4 values; 3 were given",
  );
  assertThrows(
    () => binding.createTensor([2], string, [text("one")]),
    RangeError,
    "string[2] needs 2 values; 1 were given",
  );
  assertThrows(
    () => binding.createTensor([2], float32, new Int32Array(2)),
    TypeError,
    "float32 cannot be made from Int32Array",
  );
  assertThrows(
    () => binding.createTensor([1], string, ["text"] as unknown as Uint8Array[]),
    TypeError,
    "array of Uint8Array",
  );
  assertThrows(() => binding.createTensor([1], 1000, [1]), TypeError, "1000");
});

// ---- Attributes and inputs ------------------------------------------------------------------

Deno.test("executeOp: single attributes of every kind reach TensorFlow", () => {
  const x = floatTensor([2, 3], [1, -2, 3, -4, 5, -6]);
  const float = attribute.type("T", "float32");
  const leaky = execute("LeakyRelu", [float, attribute.float("alpha", 0.5)], [x]);
  assertEquals(leaky.values, Float32Array.of(1, -1, 3, -2, 5, -3));

  const product = execute("MatMul", [float, attribute.bool("transpose_b", true)], [x, x]);
  assertEquals([product.shape, [...product.values]], [[2, 2], [14, -32, -32, 77]]);

  const cast = execute("Cast", [attribute.type("DstT", "int32")], [x]);
  assertEquals(cast.values, Int32Array.of(1, -2, 3, -4, 5, -6));

  const axis = intTensor([], [1]);
  const indices = execute("ArgMax", [attribute.type("output_type", "int64")], [x, axis]);
  assertEquals(indices.values as unknown, BigInt64Array.of(2n, 1n));

  const image = floatTensor([1, 3, 3, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const window = [attribute.int("ksize", [1, 2, 2, 1]), attribute.int("strides", [1, 1, 1, 1])];
  const valid = execute("MaxPool", [...window, attribute.string("padding", "VALID")], [image]);
  assertEquals([valid.shape, [...valid.values]], [[1, 2, 2, 1], [5, 6, 8, 9]]);
  const same = execute("MaxPool", [...window, attribute.string("padding", "SAME")], [image]);
  assertEquals(same.shape, [1, 3, 3, 1]);

  assertEquals(execute("EnsureShape", [shape("shape", [2, -1])], [x]).shape, [2, 3]);
  assertEquals(execute("EnsureShape", [shape("shape", null)], [x]).shape, [2, 3]);
  assertThrows(() => execute("EnsureShape", [shape("shape", [3, -1])], [x]), TensorFlowError);
  [x, axis, image].forEach((id) => binding.deleteTensor(id));
});

Deno.test("executeOp: lists of numbers, strings, types and shapes reach TensorFlow", () => {
  const x = floatTensor([4], [-1, 0.5, 1.5, 9]);
  const buckets = execute("Bucketize", [floats("boundaries", [0, 1, 2])], [x]);
  assertEquals(buckets.values, Int32Array.of(0, 1, 2, 3));

  // A tf.train.Example: the feature "label" holds the whole number 7, "weights" two floats.
  const message = (field: number, bytes: number[]) => [field << 3 | 2, bytes.length, ...bytes];
  const half = [...new Uint8Array(Float32Array.of(0.5, -2).buffer)];
  const feature = (name: string, kind: number[]) =>
    message(1, [...message(1, [...text(name)]), ...message(2, kind)]);
  const example = message(1, [
    ...feature("label", message(3, message(1, [7]))),
    ...feature("weights", message(2, message(1, half))),
  ]);
  const serialized = binding.createTensor([], DataType.string, [Uint8Array.from(example)]);
  const noDefaults = [
    binding.createTensor([0], DataType.int64, new Int32Array(0)),
    floatTensor([0], []),
  ];
  const [label, weights] = binding.executeOp(
    "ParseSingleExample",
    [
      attribute.int("num_sparse", 0),
      texts("sparse_keys", []),
      texts("dense_keys", ["label", "weights"]),
      types("sparse_types", []),
      types("Tdense", [DataType.int64, DataType.float32]),
      shape("dense_shapes", [[], [2]]),
    ],
    [serialized, ...noDefaults],
    2,
  );
  assertEquals(binding.tensorDataSync(label.id) as unknown, BigInt64Array.of(7n));
  assertEquals(binding.tensorDataSync(weights.id), Float32Array.of(0.5, -2));
  [x, serialized, ...noDefaults, label.id, weights.id].forEach((id) => binding.deleteTensor(id));
});

Deno.test("executeOp: tensors and functions are attributes too", () => {
  const tensor = binding.allocate([2], DataType.int32, Int32Array.of(5, 6));
  const value = { name: "value", type: AttributeType.tensor, value: tensor };
  const constant = execute("Const", [value, attribute.type("dtype", "int32")], []);
  assertEquals(constant.values, Int32Array.of(5, 6));
  binding.api.TF_DeleteTensor(tensor);

  const missing = { name: "f", type: AttributeType.function, value: "no_such_function" };
  const call = [missing, types("Tin", []), types("Tout", [DataType.float32])];
  const refused = assertThrows(() => execute("PartitionedCall", call, []), TensorFlowError);
  assertStringIncludes(refused.message, "no_such_function");
});

Deno.test("setAttribute: a list of flags becomes bytes, an empty list too", () => {
  const seen: unknown[] = [];
  const set = eagerAttributes(binding.api, null);
  set.boolList = (_op, name, values, count) =>
    seen.push(new TextDecoder().decode(name), [...values.subarray(0, count)]);
  for (const value of [[true, false, true], []]) {
    setAttribute(set, null, { name: "flags", type: AttributeType.bool, value });
  }
  assertEquals(seen, ["flags\0", [1, 0, 1], "flags\0", []]);
});

Deno.test("executeOp: an attribute of the wrong kind is named", () => {
  const x = floatTensor([1], [1]);
  const wrong = { name: "alpha", type: AttributeType.float, value: "steep" };
  assertThrows(
    () => execute("LeakyRelu", [wrong], [x]),
    TypeError,
    'attribute "alpha" must be a number, or a list of such; it is "steep"',
  );
  assertThrows(() => execute("LeakyRelu", [{ ...wrong, type: 99 }], [x]), TypeError, "kind 99");
  binding.deleteTensor(x);
});

Deno.test("executeOp: lists of inputs and thousands of outputs", () => {
  const parts = [1, 2, 3].map((value) => floatTensor([1, 2], [value, -value]));
  const axis = intTensor([], [0]);
  const attributes = [attribute.type("T", "float32"), attribute.int("N", 3)];
  const joined = execute("ConcatV2", attributes, [...parts, axis]);
  assertEquals([joined.shape, [...joined.values]], [[3, 2], [1, -1, 2, -2, 3, -3]]);

  const long = floatTensor([3000], Array.from({ length: 3000 }, (_, index) => index));
  const many = [attribute.type("T", "float32"), attribute.int("num", 3000)];
  const outputs = binding.executeOp("Unpack", many, [long], 3000);
  assertEquals(binding.tensorDataSync(outputs[2999].id), Float32Array.of(2999));
  [...parts, axis, long, ...outputs.map(({ id }) => id)].forEach((id) => binding.deleteTensor(id));
});

Deno.test("executeOp: a type comes from the tensor where tfjs names another", () => {
  const bytes = binding.createTensor([2], DataType.uint8, Uint8Array.of(3, 200));
  const believed = [attribute.type("SrcT", "int32"), attribute.type("DstT", "float32")];
  assertEquals(execute("Cast", believed, [bytes]).values, Float32Array.of(3, 200));
  binding.deleteTensor(bytes);
});

Deno.test("executeOp: resources live and die with their numbers", () => {
  const before = binding.getNumOfTensors();
  const handle = [
    attribute.type("dtype", "float32"),
    shape("shape", [2]),
    attribute.string("container", ""),
    attribute.string("shared_name", "binding_test"),
  ];
  const [variable] = binding.executeOp("VarHandleOp", handle, [], 1);
  assertEquals(variable.dtype, DataType.resource);
  const value = floatTensor([2], [8, 9]);
  const float = attribute.type("dtype", "float32");
  assertEquals(binding.executeOp("AssignVariableOp", [float], [variable.id, value], 0), []);
  assertEquals(execute("ReadVariableOp", [float], [variable.id]).values, Float32Array.of(8, 9));
  [variable.id, value].forEach((id) => binding.deleteTensor(id));
  assertEquals(binding.getNumOfTensors(), before);
});

// ---- Errors ---------------------------------------------------------------------------------

Deno.test("executeOp: an error names the op, the shapes it was given, and TensorFlow's reason", () => {
  const error = assertThrows(
    () => tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([4, 5]))),
    TensorFlowError,
  );
  assertStringIncludes(error.message, "MatMul");
  assertStringIncludes(error.message, "(float32[2,3], float32[4,5])");
  assertStringIncludes(error.message, "Matrix size-incompatible");
  assertEquals(error.outOfMemory, false);
  assertThrows(
    () => execute("NoSuchOp", [], []),
    TensorFlowError,
    "'NoSuchOp' is neither a type of a primitive operation",
  );
});

/** TensorFlow tries for ten seconds before it gives up: started now, looked at below. */
const outOfMemory = run(`
  import * as tf from "@tensorflow/tfjs";
  try {
    tf.fill([1e5, 1e5, 10], 1);
  } catch (error) {
    console.log(error.name, error.outOfMemory, error.message);
  }
`);

Deno.test("disposed tensors are named with the op that met them", () => {
  const gone = tf.ones([2, 3]);
  gone.dispose();
  assertThrows(
    () => tf.add(gone, 1),
    ReferenceError,
    "Add was given a disposed tensor, float32[2,3]",
  );
  assertThrows(() => tf.concat([tf.ones([2, 3]), gone]), ReferenceError, "Concat was given");
  assertThrows(() => binding.tensorDataSync(0), ReferenceError, "there is no tensor 0");
});

// ---- Leaks ----------------------------------------------------------------------------------

Deno.test("getNumOfTensors is flat over ops, gradients, strings and errors", () => {
  const weight = tf.variable(tf.randomNormal([3, 3, 2, 4]) as tf.Tensor4D);
  const rounds: [string, () => void][] = [
    ["ops", () => {
      const x = tf.range(0, 24).reshape([4, 6]) as tf.Tensor2D;
      tf.gather(x, tf.tensor1d([0, 2], "int32"));
      tf.topk(x, 2);
      tf.split(x, 3, 1);
      tf.unique(tf.tensor1d([1, 1, 2]));
      tf.mean(tf.cast(x, "int32"), 0);
      tf.fft(tf.complex(x, x)).dataSync();
    }],
    ["gradient", () => {
      const images = tf.ones([2, 5, 5, 2]) as tf.Tensor4D;
      const loss = () => tf.sum(tf.relu(tf.conv2d(images, weight, 1, "same"))) as tf.Scalar;
      tf.variableGrads(loss);
    }],
    ["strings", () => void tf.tile(tf.tensor(["short", "long".repeat(50)]), [2]).dataSync()],
    ["errors", () => {
      assertThrows(() => tf.matMul(tf.ones([2, 3]), tf.ones([4, 5])));
      assertThrows(() => binding.createTensor([3], DataType.float32, new Float32Array(2)));
    }],
  ];
  for (const [name, round] of rounds) {
    tf.tidy(round);
    const before = [binding.getNumOfTensors(), tf.memory().numTensors];
    for (let count = 0; count < 20; count++) tf.tidy(round);
    assertEquals([binding.getNumOfTensors(), tf.memory().numTensors], before, name);
  }
  weight.dispose();
});

const onLinux = Deno.build.os === "linux";

Deno.test("memory of the process is flat over ops, strings and errors", {
  // Only there does a process read its own memory use from a file.
  ignore: !onLinux,
}, async () => {
  const { code, output, errors } = await run(`
    import * as tf from "@tensorflow/tfjs";
    import { nativeBackend, attribute } from "./lib/tensor/native.ts";
    tf.engine();
    const { binding } = nativeBackend();
    const megabytes = () =>
      Number(/VmRSS:\\s+(\\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))[1]) / 1024;
    const big = tf.ones([1024, 1024]);
    const long = new Uint8Array(1_000_000);
    const float = attribute.type("T", "float32");
    const small = binding.createTensor([1], binding.TF_FLOAT, Float32Array.of(1));
    const rounds = {
      tensors: [100, () => tf.tidy(() => void tf.add(big, 1).dataSync())],
      strings: [300, () =>
        binding.deleteTensor(binding.createTensor([1], binding.TF_STRING, [long]))],
      ops: [30_000, () => {
        const [output] = binding.executeOp("Relu", [float], [small], 1);
        binding.deleteTensor(output.id);
      }],
      errors: [15_000, () => {
        try { binding.executeOp("NoSuchOp", [float], [small, small], 1); } catch { /* expected */ }
      }],
    };
    const grown = {};
    for (const [name, [count, round]] of Object.entries(rounds)) {
      for (let warm = 0; warm < count / 4; warm++) round();
      gc();
      const before = megabytes();
      for (let index = 0; index < count; index++) round();
      gc();
      grown[name] = megabytes() - before;
    }
    console.log(JSON.stringify(grown));
  `);
  assertEquals(code, 0, errors);
  const grown = JSON.parse(output);
  // If one tensor or string a round stayed it would be 300 MB and more; one op, some 30 MB.
  for (const name of ["tensors", "strings"]) assertLess(grown[name], 150, name);
  for (const name of ["ops", "errors"]) assertLess(grown[name], 12, name);
});

Deno.test("executeOp: running out of memory says so, with the size at fault", async () => {
  const { output } = await outOfMemory;
  assertStringIncludes(output, "TensorFlowError true Fill(int32[3], float32[]): out of memory: ");
  assertStringIncludes(output, "[100000,100000,10]");
});
