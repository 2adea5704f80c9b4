import type { Part } from "../../nn/part.ts";
import { ResidualBlock } from "../../nn/residual_block.ts";
import { type CheckOptions, checkRunner } from "../engine/check.ts";
import type { Hint } from "../engine/hints.ts";
import {
  blockLayers,
  type CheckedBlockOptions,
  checkResidualCase,
  type ResidualCase,
} from "./residual_case.ts";
import { blockMistakes, residualBlock } from "./residual_mistakes.ts";

const { runCheck } = checkRunner();

/** What a learner's residual block is made from; `outputs` are as many as `inputs`, or more. */
export type ShortcutBlockOptions = CheckedBlockOptions;

/** The library's block with a shortcut without parameters. */
class PaddedBlock extends ResidualBlock {
  constructor(options: ShortcutBlockOptions) {
    super({ ...options, shortcut: "pad" });
  }
}

/**
 * First a block that changes no shape, then one that halves height and width and adds channels, and the same
 * for one map of other sizes.
 */
const cases: Pick<ResidualCase, "sizes" | "maps">[] = [
  { sizes: { inputs: 3, outputs: 3, stride: 1 } },
  { sizes: { inputs: 3, outputs: 7, stride: 2 } },
  { sizes: { inputs: 5, outputs: 6, stride: 2 }, maps: [1, 8, 4] },
];

/**
 * Checks a learner's residual block with identity shortcuts against the library's. Throws a `CheckError`
 * that names the first thing wrong and its likely cause.
 */
export function checkResidualBlock(
  Block: Part<ShortcutBlockOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Residual block", options, () => {
    for (const { sizes, maps } of cases) {
      const { stride } = sizes;
      checkResidualCase({
        name: "ResidualBlock",
        learner: Block,
        library: PaddedBlock,
        sizes,
        maps,
        expected: blockLayers(stride),
        mistakes: blockMistakes,
        compute: (x, weights, has) => residualBlock(x, weights, { prefix: "", stride }, has),
        hints,
      });
    }
    return "values and gradients are right, for equal shapes and for halved ones";
  });
}

const hints: readonly Hint[] = [[
  /tf\.add got shapes/,
  "Likely cause: where the block halves the map and adds channels, the shortcut must do so too. Skip places, " +
  "and pad with channels of zeros.",
]];
