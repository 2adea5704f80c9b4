/**
 * The table of gradients: TensorFlow's own, differences, second derivatives and compiled steps, some cases of
 * each op; `./tessera specs gradients` does all.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import * as tf from "../../lib/tensor/tf.ts";
import { root } from "../../tools/command.ts";
import { type Case, cases, sizeOf } from "./gradient_table/cases.ts";
import {
  kernelsWithoutOp,
  namespaces,
  notInTable,
  otherObjects,
} from "./gradient_table/exports.ts";
import {
  againstDifferences,
  againstTensorFlow,
  compiledAgainstTensorFlow,
  type Judgement,
  secondAgainstDifferences,
} from "./gradient_table/judge.ts";
import { casesOf, page, rightRow } from "./gradient_table/page.ts";
import { families, table } from "./gradient_table/table.ts";

const native = tf.getBackend();

Deno.test("the table has 20 cases of at most 64 values a tensor for each op, and no op without them", () => {
  assertEquals([...cases.keys()].sort(), Object.keys(table).sort());
  for (const [name, each] of cases) {
    assert(each.length >= 20, name);
    for (const { inputs, gradients } of each) {
      inputs.forEach(([, shape]) => assert(sizeOf(shape) <= 64, name));
      assert(gradients.some((gradient) => gradient !== null), name);
    }
  }
});

/** Names of functions; objects that hold ops are looked into. */
function* exported(): Generator<string> {
  for (const [name, value] of Object.entries(tf as unknown as Record<string, unknown>)) {
    if (typeof value === "function") {
      if (/^[a-z]/.test(name)) yield name;
    } else if (namespaces.includes(name)) {
      for (const inner of Object.keys(value as object)) yield `${name}.${inner}`;
    } else if (typeof value === "object" && value !== null && !otherObjects.includes(name)) {
      yield name;
    }
  }
  yield* Object.getOwnPropertyNames(tf.Tensor.prototype);
}

Deno.test("every exported op is in the table, or is explained", () => {
  const explained = new Set(Object.values(notInTable).flat());
  const names = new Set(exported());
  const enums = (name: string) => /^[A-Z]/.test(name);
  const unknown = [...names].filter((name) =>
    !(name in table) && !explained.has(name) && !enums(name)
  );
  assertEquals(unknown, []);
  assertEquals([...explained].filter((name) => !names.has(name)), [], "explained and not there");
});

/** Fails with all that is not right. */
function assertRight(judgements: [Case, Judgement][]): void {
  const faults = judgements.filter(([, { verdict }]) => verdict !== "right")
    .map(([{ name }, { verdict, reason }]) => `${name} is ${verdict}: ${reason}`);
  assertEquals(faults, []);
}

/** The first cases of each op of a family. */
const some = (family: string, column: Parameters<typeof casesOf>[1], count: number) =>
  Object.keys(families[family]).flatMap((name) => casesOf(name, column).slice(0, count));

const kernels = new Set<string>();

for (const family of Object.keys(families)) {
  Deno.test(`gradients are TensorFlow's: ${family}`, () => {
    const engine = tf.engine(), { runKernel } = engine;
    engine.runKernel = ((...call: Parameters<typeof runKernel>) => {
      kernels.add(call[0]);
      return runKernel.apply(engine, call);
    }) as typeof runKernel;
    try {
      const all = some(family, "tensorflow", 8);
      assertRight(all.map((each) => [each, againstTensorFlow(each, table[each.name])]));
    } finally {
      engine.runKernel = runKernel;
    }
  });

  Deno.test(`gradients are differences of values: ${family}`, () =>
    assertRight(
      some(family, "differences", 2)
        .map((each) => [each, againstDifferences(each, table[each.name])]),
    ));

  Deno.test(`gradients of gradients are differences of gradients: ${family}`, () =>
    assertRight(
      some(family, "second", 1)
        .map((each) => [each, secondAgainstDifferences(each, table[each.name])]),
    ));

  Deno.test(`gradients of compiled steps are TensorFlow's: ${family}`, async () => {
    const judgements: [Case, Judgement][] = [];
    for (const each of some(family, "compiled", 1)) {
      judgements.push([each, await compiledAgainstTensorFlow(each, table[each.name])]);
    }
    assertRight(judgements);
  });

  Deno.test(`gradients on plain JavaScript are TensorFlow's: ${family}`, async () => {
    await tf.setBackend("cpu");
    try {
      const able = some(family, "tensorflow", 3).filter(({ nativeOnly }) => !nativeOnly);
      assertRight(able.map((each) => [each, againstTensorFlow(each, table[each.name])]));
    } finally {
      await tf.setBackend(native);
    }
  });
}

Deno.test("the table runs every kernel that has a gradient", () => {
  const names = Object.entries(tf as unknown as Record<string, unknown>)
    .filter(([name, value]) => /^[A-Z]/.test(name) && typeof value === "string")
    .map(([, kernel]) => kernel as string);
  const differentiable = names.filter((kernel) => tf.getGradient(kernel));
  assert(differentiable.length > 120);
  const missed = differentiable.filter((kernel) =>
    !kernels.has(kernel) && !kernelsWithoutOp.includes(kernel)
  );
  assertEquals(missed, []);
});

Deno.test("docs/gradients.md is the table in which all is right", () => {
  const rows = new Map([...cases.keys()].map((name) => [name, rightRow(name)]));
  assertEquals(Deno.readTextFileSync(join(root, "docs/gradients.md")), page(rows));
});
