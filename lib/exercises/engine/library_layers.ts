/** The library's layers, whose calls a learner's code is made of. */
import * as activation from "../../nn/activation.ts";
import * as attention from "../../nn/attention.ts";
import * as attentionHead from "../../nn/attention_head.ts";
import * as classToken from "../../nn/class_token.ts";
import * as convolution from "../../nn/convolution.ts";
import * as crossAttention from "../../nn/cross_attention.ts";
import * as dropout from "../../nn/dropout.ts";
import * as linear from "../../nn/linear.ts";
import * as mlp from "../../nn/mlp.ts";
import { Module } from "../../nn/module.ts";
import * as normalization from "../../nn/normalization.ts";
import * as patchEmbedding from "../../nn/patch_embedding.ts";
import * as pooling from "../../nn/pooling.ts";
import * as positionEncoding from "../../nn/position_encoding.ts";
import * as residualBlock from "../../nn/residual_block.ts";
import * as selfAttention2d from "../../nn/self_attention_2d.ts";
import * as tokenEmbedding from "../../nn/token_embedding.ts";
import * as transformerBlock from "../../nn/transformer_block.ts";
import * as transformerEncoder from "../../nn/transformer_encoder.ts";

const classes = new Set<unknown>(
  [
    ...[activation, attention, attentionHead, classToken, convolution, crossAttention, dropout],
    ...[linear, mlp, normalization, patchEmbedding, pooling, positionEncoding, residualBlock],
    ...[selfAttention2d, tokenEmbedding, transformerBlock, transformerEncoder],
  ].flatMap((each) => Object.values(each)),
);

/** The modules inside a learner's that are the library's own, not of a class that extends one. */
export function libraryLayers(module: Module): Module[] {
  return [...module.namedModules().values()].filter((each) =>
    each !== module && each instanceof Module && classes.has(each.constructor)
  );
}

/** Whether a class is the library's own. */
export const isLibraryClass = (each: unknown): boolean => classes.has(each);
