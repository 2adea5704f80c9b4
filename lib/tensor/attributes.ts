/** Sets an op's attributes, of an eager op or of an operation in a graph, by the same code. */
import { AttributeType, type CApi, DataType } from "./c_api.ts";
import { firstDevice } from "./device_settings.ts";

/** One attribute as tfjs describes it: a single value, or a list of them. */
export interface OpAttribute {
  name: string;
  type: number;
  value: unknown;
}

type Name = Uint8Array<ArrayBuffer>;
type Op = Deno.PointerValue;

/** The C functions that set attributes: one set for eager ops, one for graph operations. */
export interface AttributeFunctions {
  string(op: Op, name: Name, value: Name, length: bigint): void;
  int(op: Op, name: Name, value: bigint): void;
  float(op: Op, name: Name, value: number): void;
  bool(op: Op, name: Name, value: number): void;
  type(op: Op, name: Name, value: number): void;
  shape(op: Op, name: Name, dimensions: BigInt64Array<ArrayBuffer>, rank: number): void;
  stringList(
    op: Op,
    name: Name,
    values: BigUint64Array<ArrayBuffer>,
    lengths: BigUint64Array<ArrayBuffer>,
    count: number,
  ): void;
  intList(op: Op, name: Name, values: BigInt64Array<ArrayBuffer>, count: number): void;
  floatList(op: Op, name: Name, values: Float32Array<ArrayBuffer>, count: number): void;
  boolList(op: Op, name: Name, values: Uint8Array<ArrayBuffer>, count: number): void;
  typeList(op: Op, name: Name, values: Int32Array<ArrayBuffer>, count: number): void;
  shapeList(
    op: Op,
    name: Name,
    dimensions: BigUint64Array<ArrayBuffer>,
    ranks: Int32Array<ArrayBuffer>,
    count: number,
  ): void;
  tensor(op: Op, name: Name, value: Deno.PointerValue): void;
  function(op: Op, name: Name, value: Name, length: bigint): void;
  device(op: Op, device: Name): void;
}

/** The setters for eager ops; `status` receives what goes wrong with a shape or a tensor. */
export function eagerAttributes(api: CApi, status: Deno.PointerValue): AttributeFunctions {
  return {
    string: api.TFE_OpSetAttrString,
    int: api.TFE_OpSetAttrInt,
    float: api.TFE_OpSetAttrFloat,
    bool: api.TFE_OpSetAttrBool,
    type: api.TFE_OpSetAttrType,
    shape: (op, name, dimensions, rank) =>
      api.TFE_OpSetAttrShape(op, name, dimensions, rank, status),
    stringList: api.TFE_OpSetAttrStringList,
    intList: api.TFE_OpSetAttrIntList,
    floatList: api.TFE_OpSetAttrFloatList,
    boolList: api.TFE_OpSetAttrBoolList,
    typeList: api.TFE_OpSetAttrTypeList,
    shapeList: (op, name, dimensions, ranks, count) =>
      api.TFE_OpSetAttrShapeList(op, name, dimensions, ranks, count, status),
    tensor: (op, name, value) => api.TFE_OpSetAttrTensor(op, name, value, status),
    function: api.TFE_OpSetAttrFunctionName,
    device: (op, device) => api.TFE_OpSetDevice(op, device, status),
  };
}

/** The setters for operations that are being added to a graph; `status` as for eager ops. */
export function graphAttributes(api: CApi, status: Deno.PointerValue): AttributeFunctions {
  return {
    string: api.TF_SetAttrString,
    int: api.TF_SetAttrInt,
    float: api.TF_SetAttrFloat,
    bool: api.TF_SetAttrBool,
    type: api.TF_SetAttrType,
    shape: api.TF_SetAttrShape,
    stringList: api.TF_SetAttrStringList,
    intList: api.TF_SetAttrIntList,
    floatList: api.TF_SetAttrFloatList,
    boolList: api.TF_SetAttrBoolList,
    typeList: api.TF_SetAttrTypeList,
    shapeList: api.TF_SetAttrShapeList,
    tensor: (op, name, value) => api.TF_SetAttrTensor(op, name, value, status),
    function: api.TF_SetAttrFuncName,
    device: api.TF_SetDevice,
  };
}

const encoder = new TextEncoder();
const names = new Map<string, Name>();

/** `text` as a C string. The few hundred names of ops and attributes are encoded once. */
export function cString(text: string): Name {
  let bytes = names.get(text);
  if (bytes === undefined) names.set(text, bytes = encoder.encode(text + "\0"));
  return bytes;
}

/** `dimensions` as int64; a scalar's is a dummy, since FFI has no pointer to an empty buffer. */
export function dimensionBuffer(dimensions: readonly number[]): BigInt64Array<ArrayBuffer> {
  return dimensions.length === 0 ? new BigInt64Array(1) : BigInt64Array.from(dimensions, BigInt);
}

/** The addresses of buffers, with one more so that FFI has a pointer to pass for an empty list. */
const addresses = (buffers: readonly (Uint8Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>)[]) =>
  BigUint64Array.from([
    ...buffers.map((buffer) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer))),
    0n,
  ]);

/** The value, or the values of a list, if all are of the kind; throws a TypeError otherwise. */
function ofKind<T>(attribute: OpAttribute, kind: string, isOne: (value: unknown) => value is T) {
  const { name, value } = attribute;
  const isList = Array.isArray(value);
  const values: unknown[] = isList ? value : [value];
  if (!values.every(isOne)) {
    const given = JSON.stringify(value) ?? String(value);
    throw new TypeError(`attribute "${name}" must be ${kind}, or a list of such; it is ${given}`);
  }
  return { isList, values };
}

const isText = (value: unknown) => typeof value === "string";
const isFlag = (value: unknown) => typeof value === "boolean";
const isNumber = (value: unknown) => typeof value === "number";
const isWhole = (value: unknown): value is number | bigint =>
  typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value));
/** Whole parts only, as tfjs-node takes them: tfjs's random seeds have fractions. */
const whole = (value: number | bigint) =>
  typeof value === "bigint" ? value : BigInt(Math.trunc(value));

/** Sets one attribute. Throws a TypeError where its kind is not known, or its value of another. */
export function setAttribute(set: AttributeFunctions, op: Op, attribute: OpAttribute): void {
  const name = cString(attribute.name);
  switch (attribute.type) {
    case AttributeType.string: {
      const { isList, values } = ofKind(attribute, "a string", isText);
      const texts = values.map((value) => encoder.encode(value));
      const lengths = texts.map(({ length }) => BigInt(length));
      if (!isList) return set.string(op, name, texts[0], lengths[0]);
      const buffers = values.map((value) => encoder.encode(value + "\0"));
      const list = BigUint64Array.from([...lengths, 0n]);
      return set.stringList(op, name, addresses(buffers), list, values.length);
    }
    case AttributeType.int: {
      const { isList, values } = ofKind(attribute, "a number", isWhole);
      if (!isList) return set.int(op, name, whole(values[0]));
      return set.intList(op, name, BigInt64Array.from([...values.map(whole), 0n]), values.length);
    }
    case AttributeType.float: {
      const { isList, values } = ofKind(attribute, "a number", isNumber);
      if (!isList) return set.float(op, name, values[0]);
      return set.floatList(op, name, Float32Array.from([...values, 0]), values.length);
    }
    case AttributeType.bool: {
      const { isList, values } = ofKind(attribute, "true or false", isFlag);
      if (!isList) return set.bool(op, name, Number(values[0]));
      const flags = Uint8Array.from([...values.map(Number), 0]);
      return set.boolList(op, name, flags, values.length);
    }
    case AttributeType.type: {
      const { isList, values } = ofKind(attribute, "a TF_DataType", isNumber);
      if (!isList) return set.type(op, name, values[0]);
      return set.typeList(op, name, Int32Array.from([...values, 0]), values.length);
    }
    case AttributeType.shape: {
      // null: of unknown rank.
      if (attribute.value === null) return set.shape(op, name, dimensionBuffer([]), -1);
      const shape = Array.from(attribute.value as ArrayLike<number | ArrayLike<number>>);
      if (shape.every(isNumber)) {
        return set.shape(op, name, dimensionBuffer(shape), shape.length);
      }
      const shapes = shape.map((each) => Array.from(each as ArrayLike<number>));
      const buffers = shapes.map(dimensionBuffer);
      const ranks = Int32Array.from([...shapes.map(({ length }) => length), 0]);
      return set.shapeList(op, name, addresses(buffers), ranks, shapes.length);
    }
    case AttributeType.tensor:
      return set.tensor(op, name, attribute.value as Deno.PointerValue);
    case AttributeType.function: {
      const text = encoder.encode(attribute.value as string);
      return set.function(op, name, text, BigInt(text.length));
    }
    case AttributeType.device:
      return set.device(op, cString(attribute.value as string));
    case AttributeType.sumOverProcesses:
      return; // in one process the sum is the value itself
    default:
      throw new TypeError(
        `attribute "${attribute.name}" has kind ${attribute.type}, which is not supported`,
      );
  }
}

/** Shorthands for the attributes of TensorFlow ops. */
export const attribute = {
  type: (name: string, dtype: keyof typeof DataType): OpAttribute => ({
    name,
    type: AttributeType.type,
    value: DataType[dtype],
  }),
  int: (name: string, value: number | number[]): OpAttribute => ({
    name,
    type: AttributeType.int,
    value,
  }),
  float: (name: string, value: number): OpAttribute => ({ name, type: AttributeType.float, value }),
  bool: (name: string, value: boolean): OpAttribute => ({ name, type: AttributeType.bool, value }),
  /** Makes an op run on the processor, whose errors TensorFlow raises; `name` says what it checks. */
  onProcessor: (name: string): OpAttribute => ({
    name,
    type: AttributeType.device,
    value: firstDevice.cpu,
  }),
  string: (name: string, value: string): OpAttribute => ({
    name,
    type: AttributeType.string,
    value,
  }),
  /** Makes of an `Identity` the sum over all processes, where the step runs on several: the numbers travel as `type`. */
  sumOverProcesses: (type: "float32" | "bfloat16"): OpAttribute => ({
    name: "sum over processes",
    type: AttributeType.sumOverProcesses,
    value: DataType[type],
  }),
};

/** TensorFlow's graph optimizer works on a function that is called with a configuration, if an empty one. */
export const optimized = attribute.string("config_proto", "");
