/** Parts that a learner wrote for another task, inside a module: what of them is whose mistake. */
import { checkMultiHeadAttention } from "../../../lib/exercises/attention/attention_heads.ts";
import { checkFusion } from "../../../lib/exercises/cross_attention/cross_attention.ts";
import { checkEncoder } from "../../../lib/exercises/transformer/encoder.ts";
import { checkTransformerBlock } from "../../../lib/exercises/transformer/transformer_block.ts";
import { cell } from "../cells.ts";
import { fails, passes } from "../verdict.ts";

const block = (
  attention: string,
  forward = "tf.add(y, this.mlp.forward(this.mlpNorm.forward(y)))",
) =>
  `class Own extends MultiHeadAttention {}
class Block extends Module {
  attentionNorm; attention; mlpNorm; mlp;
  constructor({ width, mlpWidth, heads, dropout, random }) {
    super();
    this.attentionNorm = new LayerNorm(width);
    this.attention = new Own(${attention});
    this.mlpNorm = new LayerNorm(width);
    this.mlp = new Mlp({ width, hiddenWidth: mlpWidth, dropout, random });
  }
  forward(x) {
    const y = tf.add(x, this.attention.forward(this.attentionNorm.forward(x)));
    return ${forward};
  }
}`;
const right = "{ width, heads, random }";

Deno.test("a part that is right and only made wrongly here is the module's mistake", async () => {
  const encoder = (options: string) =>
    cell<never>(
      `class Block extends TransformerBlock {
  constructor(options) { super({ ...options, attention: ConcatenatedHeads }); this.heads = options.heads; }
}
class Encoder extends Module {
  constructor({ depth, ...options }) {
    super();
    this.blocks = Array.from({ length: depth }, () => new Block(${options}));
  }
  forward(x) { return this.blocks.reduce((y, block) => block.forward(y), x); }
}`,
      "Encoder",
    );
  await passes(async () => checkEncoder(await encoder("options")));
  await fails(
    async () => checkEncoder(await encoder("{ ...options, heads: 1 }")),
    "the number of outputs is 12, but should be 4, which is `width / heads` of the options",
  );
  await passes(async () => checkTransformerBlock(await cell<never>(block(right), "Block")));
  // Another attention than the library's own: it has one head, whatever the options say.
  const Block = await cell<never>(block("{ width, heads: 1, random }"), "Block");
  await fails(() => checkTransformerBlock(Block), "with one head of the whole width");
});

Deno.test("the outer mistake shows behind a wrong part, and no right part is blamed", async () => {
  const wrongHead = `class Head extends AttentionHead {
  forward(x) { return tf.matMul(tf.softmax(this.query.forward(x).matMul(this.key.forward(x), false, true)), this.value.forward(x)); }
}`;
  const heads = (join: string) =>
    cell<never>(
      `${wrongHead}
class Heads extends Module {
  constructor({ width, heads, random }) {
    super();
    this.heads = Array.from({ length: heads }, () => new Head({ width, headWidth: width / heads, random }));
    this.output = new Linear(width, width, { random });
  }
  forward(x) { return ${join}; }
}`,
      "Heads",
    );
  await fails(
    async () =>
      checkMultiHeadAttention(
        await heads(
          "this.output.forward(tf.concat(this.heads.map((h) => h.forward(x)).reverse(), -1))",
        ),
      ),
    "with the heads in reverse order",
  );
});

Deno.test("a right attention in a wrong fusion is not blamed", async () => {
  const Fusion = await cell<never>(
    `class ClassAttention extends CrossAttention {}
class Fusion extends Module {
  constructor({ width, otherWidth, heads, random }) {
    super();
    const map = (from, to) => new Sequential(new LayerNorm(from), new Gelu(), new Linear(from, to, { random }));
    this.there = map(width, otherWidth);
    this.norm = new LayerNorm(otherWidth);
    this.attention = new ClassAttention({ width: otherWidth, heads: 1, random });
    this.back = map(otherWidth, width);
  }
  forward(own, other) {
    const first = this.there.forward(own.slice([0, 0, 0], [-1, 1, -1]));
    const seen = this.norm.forward(tf.concat([first, other.slice([0, 1, 0])], 1));
    return tf.concat([this.back.forward(tf.add(first, this.attention.forward(seen))), own.slice([0, 1, 0])], 1);
  }
}`,
    "Fusion",
  );
  await fails(
    () => checkFusion(Fusion),
    "ClassAttention is right by itself, but is made with `heads` 1 in place of 3",
  );
});
