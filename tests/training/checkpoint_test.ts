import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "../../lib/tensor/tf.ts";
import { Module } from "../../lib/nn/module.ts";
import { Random } from "../../lib/random.ts";
import { FileError } from "../../lib/platform/files.ts";
import {
  loadTraining,
  loadWeights,
  modelState,
  readCheckpointInfo,
  saveTraining,
  saveWeights,
} from "../../lib/training/checkpoint.ts";
import { loadTrained } from "../../lib/training/callbacks.ts";
import { readSafetensors, writeSafetensors } from "../../lib/training/safetensors.ts";
import { SmallNet } from "./small.ts";

class Layer extends Module {
  weight: tf.Variable;
  random = new Random(3);
  constructor(shape: number[], start: number) {
    super();
    const size = shape.reduce((product, axis) => product * axis, 1);
    const values = Float32Array.from({ length: size }, (_, index) => start + index / 3);
    this.weight = tf.variable(tf.tensor(values, shape));
  }
  forward(x: tf.Tensor): tf.Tensor {
    return x;
  }
}

class Net extends Module {
  first: Layer;
  blocks: Layer[];
  count = tf.variable(tf.scalar(7, "int32"), false);
  constructor({ start = 0, shape = [2, 3], blocks = 2 } = {}) {
    super();
    this.first = new Layer(shape, start);
    this.blocks = Array.from({ length: blocks }, (_, index) => new Layer([4], start + index));
  }
  forward(x: tf.Tensor): tf.Tensor {
    return x;
  }
}

const values = (model: Module) =>
  [...model.namedVariables()].map(([path, variable]) => [path, [...variable.dataSync()]]);

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("saveWeights and loadWeights keep every variable and the description", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/deep/best.safetensors`;
    const saved = new Net({ start: 5 });
    await saveWeights(saved, path, { epoch: 3, note: "größe" });
    const model = new Net();
    const info = await loadWeights(model, path);
    assertEquals(values(model), values(saved));
    assertEquals(info, { epoch: 3, note: "größe", model: { name: "Net", parameters: 14 } });
    assertEquals(await readCheckpointInfo(path), info);
    assertEquals([...Deno.readDirSync(`${folder}/deep`)].length, 1, "no temporary file is left");
  });
});

Deno.test("loadTraining restores the states of random generators; loadWeights takes its weights", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/last.safetensors`;
    const saved = new Net({ start: 1 });
    const state = [...saved.blocks[1].random.state.dataSync()];
    state[1] = 1234;
    saved.blocks[1].random.state.assign(tf.tensor1d(state, "int32"));
    await saveTraining(path, modelState(saved), { epoch: 2 });
    const model = new Net();
    assertEquals(await loadTraining(path, modelState(model)), { epoch: 2 });
    assertEquals(values(model), values(saved));
    assertEquals([...model.blocks[1].random.state.dataSync()], state);
    const other = new Net();
    await loadWeights(other, path);
    assertEquals(values(other), values(saved));
    await saveWeights(saved, path);
    await assertRejects(() => loadTraining(path, modelState(model)), FileError, "weights only");
  });
});

Deno.test("loadWeights names the first parameter of another model and changes nothing", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/weights.safetensors`;
    const cases: [Net, string][] = [
      [new Net({ start: 9, shape: [3, 2] }), "its first.weight is [3,2], the model's is [2,3]"],
      [new Net({ start: 9, blocks: 1 }), "it has no blocks.1.weight"],
      [new Net({ start: 9, blocks: 3 }), "it has blocks.2.weight, which the model lacks"],
    ];
    for (const [other, reason] of cases) {
      await saveWeights(other, path);
      const model = new Net();
      const before = values(model);
      await assertRejects(() => loadWeights(model, path), FileError, reason);
      assertEquals(values(model), before);
    }
  });
});

Deno.test("loadWeights refuses a file that is cut short, damaged or something else", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/weights.safetensors`;
    await saveWeights(new Net(), path);
    const bytes = await Deno.readFile(path);
    const flipped = bytes.slice();
    flipped[flipped.length - 3] ^= 1;
    const brokenHeader = bytes.slice();
    brokenHeader[20] = 0;
    const cases: [Uint8Array, string][] = [
      [bytes.slice(0, 4), "cut short: it has 4 bytes"],
      [bytes.slice(0, 40), "cut short: it has 40 bytes, its header alone"],
      [bytes.slice(0, bytes.length - 1), `it has ${bytes.length - 1} bytes of ${bytes.length}`],
      [flipped, "is damaged: its checksum is wrong"],
      [brokenHeader, "has a damaged header"],
      [new TextEncoder().encode("PK a zip file, perhaps"), "is not a safetensors file"],
    ];
    for (const [content, reason] of cases) {
      await Deno.writeFile(path, content);
      await assertRejects(() => loadWeights(new Net(), path), FileError, reason);
    }
    await assertRejects(() => loadWeights(new Net(), `${folder}/none`), Deno.errors.NotFound);
  });
});

Deno.test("saveWeights keeps the old file when the new one cannot be written", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/weights.safetensors`;
    await writeSafetensors(path, { tensors: new Map(), metadata: { old: "yes" } });
    // The shell lets no file grow beyond 4 kB and ignores the signal, so that writing fails.
    const program = `
      import { writeSafetensors } from "./lib/training/safetensors.ts";
      const tensors = new Map([["large", { shape: [50000], values: new Float32Array(50000) }]]);
      try {
        await writeSafetensors(Deno.args[0], { tensors, metadata: {} });
      } catch (error) {
        console.log(error.name + ": " + error.message);
      }`;
    const script = `${folder}/write.ts`;
    const root = new URL("../../", import.meta.url).href;
    await Deno.writeTextFile(script, program.replace("./lib/", `${root}lib/`));
    const shell = `trap '' XFSZ; ulimit -f 4; exec "$0" run --no-check --allow-all "$1" "$2"`;
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", shell, Deno.execPath(), script, path],
      env: { DENO_NO_UPDATE_CHECK: "1" },
    }).output();
    const message = new TextDecoder().decode(stdout);
    assert(message.startsWith(`FileError: ${path} was not written: `), message);
    assert(message.includes("A file that was there before is unchanged."), message);
    assertEquals((await readSafetensors(path)).metadata, { old: "yes" });
    assertEquals([...Deno.readDirSync(folder)].length, 2, "no temporary file is left");
  });
});

Deno.test("no bit of a checkpoint can flip unnoticed, in its description or its weights", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/weights.safetensors`;
    const info = { epoch: 3, log: [{ epoch: 3, isBest: true }], note: 'a "checksum":"00000000"' };
    await saveWeights(new SmallNet(), path, info);
    assertEquals((await readCheckpointInfo(path)).epoch, 3);
    const whole = await Deno.readFile(path);
    const accepted: number[] = [];
    for (let bit = 0; bit < 8 * whole.length; bit += 3) {
      const flipped = whole.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      await Deno.writeFile(path, flipped);
      const error = await readSafetensors(path).then(() => undefined, (error: Error) => error);
      if (!(error instanceof FileError && error.message.includes(path))) accepted.push(bit);
    }
    assertEquals(accepted, []);
  });
});

Deno.test("a checkpoint of an older version is read, and refused where its weights are damaged", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/best.safetensors`;
    const given = new URL("../../checkpoints/mnist-vit/best.safetensors", import.meta.url);
    await Deno.copyFile(given, path);
    assertEquals((await readCheckpointInfo(path)).model!.name, "VisionTransformer");
    const bytes = await Deno.readFile(path);
    bytes[bytes.length - 1] ^= 1;
    await Deno.writeFile(path, bytes);
    await assertRejects(() => readCheckpointInfo(path), FileError, "its checksum is wrong");
  });
});

Deno.test("a damaged description names the file", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/best.safetensors`;
    await saveWeights(new SmallNet(), path);
    for (const text of ["", "{", "null", "3"]) {
      const { tensors, metadata } = await readSafetensors(path);
      await writeSafetensors(path, { tensors, metadata: { ...metadata, info: text } });
      const error = await assertRejects(() => loadWeights(new SmallNet(), path), FileError);
      assertStringIncludes(error.message, `${path} is damaged in its description`);
    }
    await saveWeights(new SmallNet(), path, { best: null, log: 3 });
    await assertRejects(() => loadTrained(new SmallNet(), folder), FileError, path);
  });
});

Deno.test("loadWeights says that weights are not finite", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/weights.safetensors`;
    const model = new SmallNet();
    const bias = model.namedVariables().get("first.bias")!;
    bias.assign(tf.fill(bias.shape, NaN));
    await saveWeights(model, path);
    const said: string[] = [];
    const { warn } = console;
    console.warn = (text: string) => said.push(text);
    try {
      await loadWeights(new SmallNet(), path);
    } finally {
      console.warn = warn;
    }
    assertEquals(said.length, 1);
    assertStringIncludes(said[0], `${path} holds NaN or infinity in first.bias`);
  });
});
