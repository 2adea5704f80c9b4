/** What the site's kernel knows of a place in a cell. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { complete, inspect } from "../../site/kernel/help.ts";
import type { Words } from "../../site/kernel/words.ts";

const words: Words = {
  "tessera": {
    Trainer: {
      declared: "class Trainer\nnew Trainer(options: TrainerOptions)",
      says: "Trains a model.",
      members: { run: { declared: "async run(): Promise<void>", says: "Trains to the end." } },
    },
    trainingCurves: { declared: "function trainingCurves(log: Log): Chart" },
  },
  "@tensorflow/tfjs": {
    softmax: { declared: "function softmax(logits: Tensor): Tensor;", says: "Normalises." },
    reshape: { declared: "function reshape(x: Tensor, shape: number[]): Tensor;" },
  },
};

class Trainer {
  epochs = 3;
  #hidden = 1;
  run() {
    return this.#hidden;
  }
}
let asked = 0;
const scope = Object.create(null, {
  trainer: { value: new Trainer(), enumerable: true },
  trainLoss: { value: [1, 2], enumerable: true },
  images: { value: { dataId: {}, shape: [2, 3] }, enumerable: true },
  costly: { get: () => ++asked, enumerable: true },
});
/** The place of `|`. */
const at = (text: string): [code: string, cursor: number] => [
  text.replace("|", ""),
  text.indexOf("|"),
];
const completed = (text: string) => complete(...at(text), scope, words);
const explained = (text: string) => inspect(...at(text), scope, words);

Deno.test("complete knows earlier cells' names, the library's, and the cell's own", () => {
  const { matches, start, end } = completed("const trained = 1;\nf(tra|)");
  assertEquals(matches, ["trained", "trainer", "trainingCurves", "trainLoss", "Trainer"]);
  assertEquals([start, end], [21, 24]);
  assertEquals(completed("import { Tr|").matches, ["Trainer", "trainingCurves"]);
  assertEquals(completed('import { a } from "te|').matches, ["tessera"]);
  assertEquals(completed("awa|").matches, ["await"]);
});

Deno.test("complete gives the members of what a name holds, and asks no getter", () => {
  assertEquals(completed("trainer.r|").matches, ["run"]);
  assertEquals(completed("await trainer?.e|").matches, ["epochs"]);
  assertEquals(completed("tf.so|").matches, ["softmax"]);
  assertEquals(completed("costly.x|").matches, []);
  assertEquals(asked, 0);
  assertEquals(completed("1.5|").matches, []);
  assertEquals(completed('"text".|').matches, []);
});

Deno.test("inspect shows declarations and comments, of what is called too", () => {
  assertEquals(
    explained("new Trai|ner({})"),
    "```typescript\nclass Trainer\nnew Trainer(options: TrainerOptions)\n```\nTrains a model.",
  );
  assertMatch(explained("await trainer.ru|n()")!, /Trains to the end/);
  assertStringIncludes(explained("tf.softmax(|")!, "function softmax");
  assertStringIncludes(explained("tf.softmax([1, 2], |)")!, "Normalises");
  assertStringIncludes(explained("images.resha|pe")!, "function reshape");
  assertEquals(explained("images|"), "`images` is an Object of shape [2, 3].");
  assertEquals(explained("trainLoss|"), "`trainLoss` is an Array of 2.");
  assertEquals(explained("nowhere|"), undefined);
  assert(explained("costly|") === undefined && asked === 0);
});
