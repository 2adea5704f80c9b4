/** Sets an op's attributes, of an eager op or of an operation in a graph, by the same code. */
import { AttributeType, type CApi } from "./c_api.ts";

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
}

/** The setters for eager ops; `status` receives what goes wrong with a shape. */
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
  };
}

/** The setters for operations that are being added to a graph. */
export function graphAttributes(api: CApi): AttributeFunctions {
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

/** A list's buffer, never empty: FFI passes no pointer to an empty buffer. */
const list = <T>(values: unknown, one: (value: never) => T): T[] =>
  (values as never[]).map((value) => one(value));

/** Sets one attribute. Throws a TypeError where the kind of attribute is not known. */
export function setAttribute(set: AttributeFunctions, op: Op, attribute: OpAttribute): void {
  const { type, value } = attribute;
  const name = cString(attribute.name);
  const isList = Array.isArray(value);
  switch (type) {
    case AttributeType.string:
      if (isList) {
        const texts = list(value, (text: string) => encoder.encode(text + "\0"));
        const pointers = texts.map((text) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(text)));
        const lengths = texts.map((text) => BigInt(text.length - 1));
        set.stringList(
          op,
          name,
          BigUint64Array.from([...pointers, 0n]),
          BigUint64Array.from([...lengths, 0n]),
          texts.length,
        );
      } else {
        const text = encoder.encode(value as string);
        set.string(op, name, text, BigInt(text.length));
      }
      return;
    case AttributeType.int:
      // Whole part only, as tfjs-node does it: tfjs's random seeds have fractions.
      if (isList) set.intList(op, name, dimensionBuffer(value.map(Math.trunc)), value.length);
      else set.int(op, name, BigInt(Math.trunc(value as number)));
      return;
    case AttributeType.float:
      if (isList) set.floatList(op, name, Float32Array.from([...value, 0]), value.length);
      else set.float(op, name, value as number);
      return;
    case AttributeType.bool:
      if (isList) {
        set.boolList(op, name, Uint8Array.from([...list(value, Number), 0]), value.length);
      } else set.bool(op, name, value ? 1 : 0);
      return;
    case AttributeType.type:
      if (isList) set.typeList(op, name, Int32Array.from([...value, 0]), value.length);
      else set.type(op, name, value as number);
      return;
    case AttributeType.shape: {
      const dimensions = Array.from(value as ArrayLike<number>);
      set.shape(op, name, dimensionBuffer(dimensions), dimensions.length);
      return;
    }
    default:
      throw new TypeError(`attribute "${attribute.name}" has kind ${type}, which is not supported`);
  }
}
