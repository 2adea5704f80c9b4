import {
  type Module,
  MultiHeadAttention,
  PatchEmbedding,
  Random,
  TokenEmbedding,
  TransformerBlock,
  VisionTransformer,
} from "../lib/mod.ts";
import type { Sizes } from "./page_data.ts";

/**
 * The sizes from which the page builds the model again.
 *
 * Throws a `TypeError` where the model is not a `VisionTransformer` of the library's own parts, with a
 * class token, for MNIST's images.
 */
export function sizesOf(model: Module): Sizes {
  const refuse = (reason: string): never => {
    throw new TypeError(`playground: ${reason}`);
  };
  if (!(model instanceof VisionTransformer)) {
    return refuse(
      `the model is a ${model.constructor.name}, and the page shows a VisionTransformer; give a model of ` +
        "your own its weights by copyParameters(yours, theirs)",
    );
  }
  const [block] = model.blocks;
  const { embedding, pool, imageShape: [height, width, channels] } = model;
  if (pool !== "class" || !(embedding instanceof TokenEmbedding)) {
    return refuse(`the page shows where a class token looks, and the model pools by "${pool}"`);
  }
  if (height !== 28 || width !== 28 || channels !== 1) {
    return refuse(
      `the page draws images of 28×28×1, and the model takes ${height}×${width}×${channels}`,
    );
  }
  const { patches, positions } = embedding;
  if (
    !(patches instanceof PatchEmbedding) || !(block instanceof TransformerBlock) ||
    !(block.attention instanceof MultiHeadAttention)
  ) {
    return refuse("the model has parts that are not the library's, which the page does not have");
  }
  const sizes: Sizes = {
    imageSize: [height, width],
    channels,
    patchSize: patches.patchSize,
    classes: model.head.weight.shape[1],
    width: model.head.weight.shape[0],
    mlpWidth: block.mlp.hidden.weight.shape[1],
    heads: block.attention.heads,
    depth: model.blocks.length,
    positions: positions.namedVariables().values().next().value!.shape[0] - 1,
  };
  if (sizes.classes !== 10) {
    refuse(`the page shows ten digits, and the model ${sizes.classes} classes`);
  }
  const twin = new VisionTransformer({ ...sizes, random: new Random(0) });
  const list = (each: Module) =>
    [...each.namedVariables()].map(([name, { shape }]) => `${name} [${shape}]`).join();
  const isSame = list(twin) === list(model);
  twin.dispose();
  return isSame ? sizes : refuse("the model has parts that are not the library's");
}
