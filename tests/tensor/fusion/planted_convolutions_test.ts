/** Kernels of convolutions with a mistake in them: what the comparison after recording finds in a ResNet-20. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { run } from "../subprocess.ts";
import { llvm } from "./kernels.ts";

/** What is wrong in the text of some kernels, which are known by two of their parts. */
interface Mistake {
  name: string;
  /** Those kernels that match this and not that. */
  which: RegExp;
  not: RegExp;
  /** Replaced wherever it stands; once without the flag `g`. */
  right: RegExp;
  wrong: string;
}

const mistakes: Mistake[] = [
  {
    name: "of maps of 8×8 the last row counts as nothing",
    which: /%map\.lines/,
    not: /%slope\.lines/,
    right: /(icmp ult i64 %v\d+), 8$/gm,
    wrong: "$1, 7",
  },
  {
    name: "of 64 channels, of which eight are made at a time, a sum of one is an eighth too large",
    which: /%window[^]*i64 61440\b/,
    not: /%map/,
    right: /0x3FE0000000000000/,
    wrong: "0x3FE2000000000000",
  },
  {
    name: "the last image gives the windows of 64 channels no gradient",
    which: /%slope\.lines/,
    not: /$^/,
    right: /(call i64 @llvm\.umin\.i64\(i64 %v\d+, i64) 64\)/g,
    wrong: "$1 63)",
  },
];

/** How many kernels were changed, how many convolutions ran in kernels after all, and what was said of the step. */
async function tried({ which, not, right, wrong }: Omit<Mistake, "name">) {
  const source = `
    import { crossEntropy, compile, Random, smallResNet } from "./lib/mod.ts";
    import { KernelMaker } from "./lib/tensor/fusion/llvm/kernel_maker.ts";
    import * as ops from "./lib/tensor/ops.ts";
    import * as tf from "./lib/tensor/tf.ts";
    let changed = 0;
    const { imagesOf } = KernelMaker.prototype;
    KernelMaker.prototype.imagesOf = function (texts) {
      return imagesOf.call(this, texts.map((text) => {
        if (!${which}.test(text) || ${not}.test(text)) return text;
        const other = text.replace(${right}, ${JSON.stringify(wrong)});
        if (other !== text) changed++;
        return other;
      }));
    };
    const random = new Random(3), batch = 64;
    const model = smallResNet({ depth: 20, classes: 10, random });
    model.setTraining(true);
    const parameters = [...model.namedParameters().values()];
    const step = compile((images, labels) => {
      const { value, gradients } = ops.valueAndGradients(
        () => crossEntropy(model.forward(images), labels),
        parameters,
      );
      return [value, ...gradients];
    }, { name: "step" });
    const labels = tf.tensor1d(Array.from({ length: batch }, (_, at) => at % 10), "int32");
    await step(random.normal([batch, 32, 32, 3]), labels);
    const [{ mode, convolutions }] = step.reports();
    console.log(JSON.stringify({ changed, convolutions, mode }));`;
  const { output, errors } = await run(source, { TESSERA_FUSION: "on" });
  const said = output.split("\n").findLast((line) => line.startsWith("{"));
  assert(said, output + errors);
  const found: { changed: number; convolutions: number; mode: string } = JSON.parse(said!);
  return { ...found, errors };
}

Deno.test({
  name: "a ResNet-20 whose kernels are right runs with them",
  ignore: llvm === undefined,
  async fn() {
    const { changed, convolutions, mode, errors } = await tried({
      ...{ which: /$^/, not: /$^/, right: /$^/, wrong: "" },
    });
    assertEquals({ changed, mode, errors }, { changed: 0, mode: "compiled", errors: "" });
    assert(convolutions > 30, `${convolutions}`);
  },
});

for (const { name, ...mistake } of mistakes) {
  Deno.test({
    name: `a mistake in kernels leaves a ResNet-20's step without them: ${name}`,
    ignore: llvm === undefined,
    async fn() {
      const { changed, convolutions, mode, errors } = await tried(mistake);
      assert(changed > 0, "no kernel has what is to be changed");
      assertEquals({ mode, convolutions }, { mode: "compiled", convolutions: 0 });
      assertMatch(errors, /step runs without fused kernels.*: compiled and eager results differ: /);
    },
  });
}
