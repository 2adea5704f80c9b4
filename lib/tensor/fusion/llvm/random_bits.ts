/**
 * The bits of TensorFlow's `StatelessRandomUniformFullInt`, bit for bit: the generator Philox 4×32 ("Parallel
 * random numbers: as easy as 1, 2, 3", Salmon et al., 2011), whose key and counter TensorFlow makes of the seed
 * by the same generator (`GenerateKey` in its `stateless_random_ops.cc`). Block `b` of a stream are four words
 * of it, which depend on the seed and on `b` alone.
 */
import type { Imports } from "./imports.ts";
import { Body, functionText } from "./text.ts";

/** The driver has it; kernels call it. */
export const BITS = "tessera_bits";
export const bitsImport: Imports = { [BITS]: ["void", "ptr, i64, i64, ptr"] };

const ROUNDS = 10;
const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57];
const KEY_STEPS = [0x9e3779b9, 0xbb67ae85];
/** What TensorFlow's own key is made with. */
const FIRST_KEY = [0x3ec8f720, 0x02461e29];

/** Both halves of a 64-bit product. */
function product(body: Body, a: string, b: number): { high: string; low: string } {
  const wide = body.value(`mul i64 ${body.value(`zext i32 ${a} to i64`)}, ${b}`);
  return {
    high: body.value(`trunc i64 ${body.value(`lshr i64 ${wide}, 32`)} to i32`),
    low: body.value(`trunc i64 ${wide} to i32`),
  };
}

/** Four words of the generator. */
function philox(body: Body, counter: readonly string[], key: readonly string[]): string[] {
  let [a, b, c, d] = counter;
  let keys = [...key];
  for (let round = 0; round < ROUNDS; round++) {
    const first = product(body, a, MULTIPLIERS[0]), second = product(body, c, MULTIPLIERS[1]);
    const mixed = (high: string, word: string, key: string) =>
      body.value(`xor i32 ${body.value(`xor i32 ${high}, ${word}`)}, ${key}`);
    [a, b, c, d] = [
      mixed(second.high, b, keys[0]),
      second.low,
      mixed(first.high, d, keys[1]),
      first.low,
    ];
    if (round < ROUNDS - 1) {
      keys = keys.map((each, at) => body.value(`add i32 ${each}, ${KEY_STEPS[at]}`));
    }
  }
  return [a, b, c, d];
}

/** `tessera_bits(seed, first block, end of blocks, to)`: the blocks' words, one after another. */
function randomBits(): string {
  const body = new Body();
  const words = [0, 1].flatMap((index) => {
    const given = body.load("i32", body.at("%seed", index, "i32"));
    // TensorFlow widens the seed with its sign.
    return [given, body.value(`ashr i32 ${given}, 31`)];
  });
  const [k0, k1, c2, c3] = philox(body, words, FIRST_KEY.map(String));
  body.loop("blocks", ["%first", "%end"], (index) => {
    const counter = [
      body.value(`trunc i64 ${index} to i32`),
      body.value(`trunc i64 ${body.value(`lshr i64 ${index}, 32`)} to i32`),
    ];
    const drawn = philox(body, [...counter, c2, c3], [k0, k1]);
    const block = body.value(`shl i64 ${body.value(`sub i64 ${index}, %first`)}, 2`);
    drawn.forEach((word, at) => {
      body.store("i32", word, body.at("%to", body.value(`add i64 ${block}, ${at}`), "i32"));
    });
  });
  body.do("ret void");
  return functionText(
    `void @${BITS}(ptr noalias readonly %seed, i64 %first, i64 %end, ptr noalias %to) #0`,
    body,
  );
}

export const randomBitsText: string = randomBits();
