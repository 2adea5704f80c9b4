import type { Random } from "../../random.ts";
import { Mlp } from "../../nn/mlp.ts";
import type { Part } from "../../nn/part.ts";
import { type CheckOptions, checkRunner } from "../engine/check.ts";
import { checkedRate, checkModule } from "../engine/module_check.ts";
import { checkOtherSizes } from "../engine/other_sizes.ts";
import { sample } from "../engine/samples.ts";
import { mlp, mlpMistakes } from "./block_mistakes.ts";
import { checkMlpDropout } from "./dropout_check.ts";

const { runCheck } = checkRunner();

/** What a learner's feed-forward part is made from. */
export interface FeedForwardOptions {
  /** Features of a token, D. */
  width: number;
  /** Features of the hidden layer. */
  hiddenWidth: number;
  dropout: number;
  random: Random;
}

/**
 * Checks a learner's feed-forward part (Linear, GELU, dropout, Linear, dropout) against the library's
 * `Mlp`. Throws a `CheckError` that names the first thing wrong and its likely cause.
 */
export function checkFeedForward(
  FeedForward: Part<FeedForwardOptions>,
  options: CheckOptions = {},
): Promise<void> {
  return runCheck("Feed-forward part", options, () => {
    const input = sample([2, 5, 12], { seed: 3, low: -2, high: 2 });
    const sized = {
      name: "FeedForward",
      learner: FeedForward,
      library: Mlp,
      options: { width: 12, hiddenWidth: 7, dropout: checkedRate },
    };
    const found = checkModule<FeedForwardOptions>({
      ...sized,
      input,
      axes: ["B", "N", "D"],
      shapeMistakes: [
        { shape: [2, 5, 7], explanation: "the second Linear layer is missing in `forward`." },
      ],
      readyMade: [Mlp],
      mistakes: mlpMistakes,
      compute: (x, weights, has) => mlp(x, weights, "", has),
      then: (checked) =>
        checkMlpDropout({ name: "FeedForward", checked, output: "output", rate: checkedRate }),
    });
    checkOtherSizes<FeedForwardOptions>({
      ...sized,
      others: { width: 9, hiddenWidth: 14, dropout: 0.25 },
      shape: [1, 6, 9],
    });
    return found;
  });
}
