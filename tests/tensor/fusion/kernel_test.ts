/** Compiled kernels against what their forms mean. */
import { assert, assertEquals } from "@std/assert";
import type {
  KernelForm,
  MapOperation,
  Matrices,
  Value,
} from "../../../lib/tensor/fusion/kernel_form.ts";
import { truths } from "../../../lib/tensor/fusion/kernel_form.ts";
import { Llvm } from "../../../lib/tensor/fusion/llvm/compiler.ts";
import { driverText } from "../../../lib/tensor/fusion/llvm/driver.ts";
import { kernelText } from "../../../lib/tensor/fusion/llvm/kernel.ts";
import { linked } from "../../../lib/tensor/fusion/llvm/object_file.ts";
import { interpreted, meanings } from "./interpreter.ts";
import { compiled, llvm, tunings } from "./kernels.ts";

const ignore = llvm === undefined;

/** A number for each place of its own. */
const own = (input: number, width: number): Value => ({
  ...{ kind: "load", input, type: "float", per: "place" },
  access: { terms: [{ divide: 1, stride: width }], inner: 1 },
});

const numbers = [
  ...[0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, 6, 7, -6.25, 1e-3, -1e-4, 1e-6, 3e-8, 1e-20],
  ...[0.3, -0.7, 11.5, -13.25, 20, -20, 60, -60, 88, 89, 100, -87.5, -104, -120, 1e10, -1e10],
  ...[1e38, -1e38, Infinity, -Infinity, NaN, Math.PI, -Math.E, 0.1, 0.9999, 1.0001, 33.3],
];

const trueOrFalse = new Set<MapOperation>(["and", "or", "not", "fromBool"]);
const wholes = new Set<MapOperation>(["fromInt32"]);

/** One operation on numbers at their places. */
function formOf(operation: MapOperation, count: number, width: number): KernelForm {
  const type = trueOrFalse.has(operation) ? "bool" : wholes.has(operation) ? "int32" : "float";
  const loads = Array.from({ length: count }, (_, input) => {
    const isCondition = operation === "choose" && input === 0;
    return { ...own(input, width), type: isCondition ? "bool" : type } as Value;
  });
  const map: Value = {
    ...{ kind: "map", operation, per: "place" },
    arguments: loads.map((_, index) => index),
  };
  const output = { value: count, type: truths.has(operation) ? "bool" : "float" } as const;
  return { width, inputs: count, values: [...loads, map], outputs: [output] };
}

for (const operation of Object.keys(meanings) as MapOperation[]) {
  Deno.test({
    name: `a kernel's "${operation}" is what it means, at every number`,
    ignore,
    fn() {
      const count = meanings[operation].length || 2;
      const width = numbers.length, rows = count > 1 ? numbers.length : 1;
      const places = Array.from({ length: rows * width }, (_, place) => place);
      const operands = [
        places.map((place) => numbers[place % width]),
        places.map((place) => numbers[Math.floor(place / width)]),
        places.map((place) => numbers[(7 * place + 3) % width]),
      ].slice(0, count);
      const given = operands.map((values, input) => {
        const isCondition = operation === "choose" && input === 0;
        if (trueOrFalse.has(operation) || isCondition) {
          return Uint8Array.from(values, (value) => Number(value > 0));
        }
        if (wholes.has(operation)) return Int32Array.from(values, (value) => Math.trunc(value));
        return Float32Array.from(values);
      });
      const form = formOf(operation, count, width);
      const [expected] = interpreted(form, { rows, width }, given);
      const [actual] = compiled(form, { rows, width }, given);
      expected.forEach((value, place) => {
        const x = given.map((operand) => operand[place]);
        assert(isNear(actual[place], value), `${operation}(${x}) = ${actual[place]}, not ${value}`);
      });
    },
  });
}

Deno.test({
  name: "tanh and erf end in exactly 1, and are nowhere beyond it",
  ignore,
  fn() {
    const width = 4096;
    const x = Float32Array.from({ length: width }, (_, at) => (at - 2048) / 170);
    x.set([-1e38, -88, -13, 13, 88, 1e38], 0);
    for (const [operation, end] of [["tanh", 9.02], ["erf", 4]] as const) {
      for (const tuning of tunings) {
        const form = formOf(operation, 1, width);
        const [actual] = compiled(form, { rows: 1, width }, [x], 1, tuning);
        x.forEach((each, at) => {
          const text = `${operation}(${each}) = ${actual[at]}`;
          assert(Math.abs(actual[at]) <= 1, text);
          if (Math.abs(each) >= end) assertEquals(actual[at], Math.sign(each), text);
        });
      }
    }
  },
});

/** Some units in the last place, and nothing at all between numbers that have no neighbours. */
function isNear(actual: number, expected: number): boolean {
  if (!Number.isFinite(expected)) return Object.is(actual, expected);
  return Math.abs(actual - expected) <= 4e-6 * Math.abs(expected) + 1e-37;
}

Deno.test({
  name: "stages between reductions, outputs of several stages, and sums over rows are right",
  ignore,
  fn() {
    for (const [rows, width] of [[1, 1], [1, 5], [7, 1], [5, 3], [33, 17], [40, 64], [64, 100]]) {
      const x = Float32Array.from({ length: rows * width }, (_, at) => Math.sin(1.7 * at) * 3);
      const bias = Float32Array.from({ length: width }, (_, at) => Math.cos(at));
      const row = (value: object) => ({ ...value, per: "row" }) as Value;
      const map = (operation: MapOperation, ...given: number[]): Value => ({
        ...{ kind: "map", operation, arguments: given, per: "place" },
      });
      const values: Value[] = [
        rows === 1 ? { ...own(0, width), access: { terms: [], inner: 1 } } as Value : own(0, width),
        {
          ...{ kind: "load", input: 1, type: "float", per: "place" },
          access: { terms: [], inner: 1 },
        },
        map("add", 0, 1),
        row({ kind: "reduce", operation: "maximum", argument: 2 }),
        map("subtract", 2, 3),
        map("exp", 4),
        row({ kind: "reduce", operation: "sum", argument: 5 }),
        row({ kind: "map", operation: "reciprocal", arguments: [6] }),
        map("multiply", 5, 7),
        { kind: "total", argument: 8, factor: 0.5, per: "column" },
        map("greater", 8, 5),
        row({ kind: "reduce", operation: "minimum", argument: 8 }),
        { kind: "total", argument: 0, factor: 1, per: "column" },
      ];
      const form: KernelForm = {
        ...{ width, inputs: 2, values },
        outputs: [8, 3, 9, 10, 11, 12, 5, 8].map((value) => ({
          ...{ value, type: value === 10 ? "bool" : "float" as const },
        })),
      };
      const expected = interpreted(form, { rows, width }, [x, bias]);
      for (
        const [tuning, blocks] of [[tunings[0], 4], [tunings[1], 1], [tunings[1], 32]] as const
      ) {
        const actual = compiled(form, { rows, width }, [x, bias], blocks, tuning);
        expected.forEach((output, index) =>
          output.forEach((value, at) =>
            assert(
              Math.abs(actual[index][at] - value) <= 1e-5 * (1 + Math.abs(value)),
              `${rows}×${width}, output ${index}[${at}]: ${actual[index][at]}, not ${value}`,
            )
          )
        );
      }
    }
  },
});

Deno.test({
  name:
    "the greatest and the smallest number of a row are found among all numbers, and NaN comes out",
  ignore,
  fn() {
    const finite = numbers.filter((number) => Number.isFinite(number));
    const rowsOf = [
      ...[finite, finite.map((number) => -Math.abs(number)), finite.map(() => -Infinity)],
      ...[finite.map(() => Infinity), finite.map((number, at) => at === 20 ? NaN : number)],
      ...[finite.map((number, at) => at === 41 ? -NaN : number), finite.map(() => NaN)],
      ...[finite.map((_, at) => at === 5 ? 0 : -0), finite.map((_, at) => at === 9 ? -0 : 0)],
    ];
    const width = finite.length, rows = rowsOf.length;
    const reduce = (operation: "maximum" | "minimum"): Value => ({
      ...{ kind: "reduce", operation, argument: 0, per: "row" },
    });
    const form: KernelForm = {
      ...{ width, inputs: 1, values: [own(0, width), reduce("maximum"), reduce("minimum")] },
      outputs: [1, 2].map((value) => ({ value, type: "float" })),
    };
    for (const tuning of tunings) {
      const actual = compiled(form, { rows, width }, [Float32Array.from(rowsOf.flat())], 1, tuning);
      assertEquals(actual[0], rowsOf.map((row) => Math.fround(Math.max(...row))));
      assertEquals(actual[1], rowsOf.map((row) => Math.fround(Math.min(...row))));
    }
  },
});

/** Matrices that lie one after the other, or as parts of longer rows. */
const matrices = (input: number, rows: number, columns: number, options = {}): Matrices => ({
  ...{ input, offset: 0, terms: [{ divide: 1, stride: rows * columns }], row: columns, column: 1 },
  ...{ factor: 1, ...options },
});

/** Softmax of a product, times another matrix, and the transposed, as attention has it. */
function attentionForm(height: number, width: number, depth: number, columns: number): KernelForm {
  const values: Value[] = [
    {
      ...{ kind: "product", depth, per: "place" },
      left: matrices(0, height, depth, { factor: 0.5 }),
      // Heads side by side: the rows of a matrix are twice as far apart as they are long.
      right: {
        ...matrices(1, depth, width),
        ...{ offset: 3, terms: [{ divide: 1, modulo: 2, stride: depth }] },
        ...{ row: 1, column: 2 * depth },
      },
    },
    { ...{ kind: "reduce", operation: "maximum", argument: 0 }, per: "row" },
    { ...{ kind: "map", operation: "subtract", arguments: [0, 1] }, per: "place" },
    { ...{ kind: "map", operation: "exp", arguments: [2] }, per: "place" },
    { ...{ kind: "reduce", operation: "sum", argument: 3 }, per: "row" },
    { ...{ kind: "map", operation: "divide", arguments: [3, 4] }, per: "place" },
  ];
  const result = matrices(-1, height, columns), other = matrices(-1, width, columns);
  return {
    ...{ width, height, inputs: 4, values, outputs: [{ value: 5, type: "float" }] },
    products: [
      {
        ...{ value: 5, transposed: false, right: matrices(2, width, columns), columns },
        ...{ output: 1, to: result, factor: 1 },
      },
      {
        ...{ value: 5, transposed: true, right: matrices(3, height, columns), columns },
        ...{ output: 2, to: { ...other, row: 1, column: width }, factor: 0.25 },
      },
      {
        ...{ value: 0, transposed: false, right: matrices(2, width, columns), columns },
        ...{ output: 3, to: result, factor: 1 },
      },
    ],
  };
}

Deno.test({
  name: "products of matrices, and what is computed of them and multiplied again, are right",
  ignore,
  fn() {
    const sizes = [[1, 1, 1, 1], [7, 5, 3, 2], [6, 16, 8, 16], [13, 9, 4, 24], [50, 50, 16, 16]];
    // Keys of 16, 24 or 32 numbers are turned in registers, of which the last ones are no whole square.
    const turned = [[1, 65, 32, 32], [13, 29, 24, 24], [9, 27, 16, 8], [4, 34, 16, 16]];
    for (
      const [height, width, depth, columns] of [...sizes, ...turned, [65, 65, 32, 32], [
        20,
        33,
        17,
        40,
      ]]
    ) {
      const count = 3, rows = count * height;
      const form = attentionForm(height, width, depth, columns);
      const numbers = (length: number, seed: number) =>
        Float32Array.from({ length }, (_, at) => Math.sin((1.3 + seed) * at + seed));
      const inputs = [
        ...[numbers(rows * depth, 1), numbers(2 * width * depth + 3, 2)],
        ...[numbers(count * width * columns, 3), numbers(rows * columns, 4)],
      ];
      const expected = interpreted(form, { rows, width }, inputs);
      for (
        const [tuning, blocks] of [[tunings[0], 1], [tunings[1], 1], [tunings[1], 32]] as const
      ) {
        const actual = compiled(form, { rows, width }, inputs, blocks, tuning);
        assertEquals(actual.map(({ length }) => length), expected.map(({ length }) => length));
        expected.forEach((output, index) =>
          output.forEach((value, at) =>
            assert(
              Math.abs(actual[index][at] - value) <= 1e-5 * (1 + Math.abs(value)),
              `${height}×${width}, output ${index}[${at}]: ${actual[index][at]}, not ${value}`,
            )
          )
        );
      }
    }
  },
});

Deno.test("keys are turned in registers as wide as the processor's, and loops of calls stay loops", () => {
  const turns = (depth: number, longVectors: boolean) =>
    kernelText(attentionForm(50, 50, depth, 16), { longVectors }).text.match(/call void @turn/g);
  assertEquals([turns(24, false)?.length, turns(24, true)], [1, null]);
  const lines = kernelText(attentionForm(50, 50, 16, 16)).text.split("\n");
  lines.forEach((line, at) => {
    if (!/call void @(multiply|turn)/.test(line)) return;
    const end = lines.slice(at).find((later) => later.startsWith("  br i1"))!;
    assert(end.includes("!llvm.loop"), end);
  });
});

Deno.test("a kernel's text defines the elementary functions that it calls, and no others", () => {
  const definedFor = (operation: MapOperation) =>
    [...kernelText(formOf(operation, 1, 8)).text.matchAll(/^define .*@tessera\.(\w+)\(/gm)]
      .map(([, name]) => name).sort();
  assertEquals(definedFor("negate"), []);
  assertEquals(definedFor("tanh"), ["tanh"]);
  assertEquals(definedFor("softplus"), ["exp", "log", "logOfOnePlus"]);
});

Deno.test({
  name:
    "the same text becomes vectors of every processor, and code that needs nothing from outside",
  ignore,
  fn() {
    const compiler = new Llvm(llvm!.path);
    const { text } = kernelText(formOf("tanh", 1, 256));
    const products = kernelText(attentionForm(50, 50, 16, 16)).text;
    const masked = kernelText(attentionForm(50, 50, 16, 16), { longVectors: true }).text;
    const targets = [
      ["x86_64", "haswell", "+avx2,+fma", /%ymm\d/],
      ["x86_64", "icelake-server", "+avx512f,+fma,-prefer-256-bit", /%zmm\d/],
      ["aarch64", "generic", "+neon,+reserve-x18", /\bv\d+\.4s/],
    ] as const;
    // Left to itself, LLVM takes half of such vectors, and the rest of a row one by one.
    const server = { architecture: "x86_64", processor: "sapphirerapids", features: "" } as const;
    assert(/%zmm\d+ \{%k\d\}/.test(compiler.assemblyOf(masked, server)));
    for (const [architecture, processor, features, vectors] of targets) {
      const target = { architecture, processor, features };
      for (const module of [text, products]) {
        assert(vectors.test(compiler.assemblyOf(module, target)), processor);
      }
      for (const module of [text, products, masked, driverText(architecture)]) {
        const { symbols, bytes, writableFrom } = linked(compiler.objectOf(module, target));
        assertEquals(writableFrom % 16_384, 0);
        assert(
          bytes.length > 0 && Object.keys(symbols).some((name) => name.startsWith("tessera_")),
        );
      }
    }
  },
});

Deno.test({
  name: "what LLVM does not understand is an error that says so",
  ignore,
  fn() {
    const compiler = new Llvm(llvm!.path);
    let message = "";
    try {
      compiler.objectOf("define nothing", compiler.host());
    } catch (error) {
      message = (error as Error).message;
    }
    assert(message.startsWith("LLVM does not understand a kernel: "), message);
  },
});
