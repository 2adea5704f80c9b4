import type { Sizes } from "./page_data.ts";

/** What the page shows, in plain words, with the model's own numbers. */
export function explanation(
  { imageSize: [height, width], patchSize, heads, depth }: Sizes,
): string {
  const [down, across] = [height / patchSize, width / patchSize];
  const paragraphs = [
    `<b>Your drawing</b> is first brought to the form of the digits that the network has learned: scaled
    to 20 pixels, its weight in the middle of ${height} × ${width}. What it gets is the small picture
    below the pad. It has seen
    little else, so a drawing that looks odd there is hard for it.`,
    `<b>The network</b> cuts this picture into ${down} × ${across} patches of ${patchSize} × ${patchSize}
    pixels, and makes a list of numbers of each, a token. One more token, the class token, stands for no
    patch: it gathers what is needed to name the digit. In each of ${depth} blocks every token looks at
    all others and takes something from each. How much it takes from which is the attention; it sums
    to 1.`,
    `<b>Bright patches</b> are those from which the class token takes most in the last block; a blue frame
    marks the brightest. Each of the ${heads} heads looks for something else; <i>mean</i> is their
    average. Earlier blocks have mixed the patches already: <i>rollout</i> follows the attention back
    through all blocks to the patches of the picture. Point at a patch to see where that patch itself looks. The
    brightness of each picture goes from its smallest weight to its largest.`,
    `<b>The bars</b> are the network's shares for the ten digits; they sum to 1, too. It has to choose:
    a scribble, or a letter, is a digit to it, and often it is sure of it. Bright patches are a hint at what it
    used, and no proof.`,
  ];
  return paragraphs.map((text) => `<p>${text.replace(/\s+/g, " ")}</p>`).join("\n");
}
