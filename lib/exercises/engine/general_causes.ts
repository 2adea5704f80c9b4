/**
 * Causes that say no more than that sizes do not fit each other: which one is wrong, and where it comes from, is
 * still to be looked for.
 */
export const generalCauses = {
  reshape: "a reshape whose sizes do not multiply to the number of values.",
  slice: "more is asked for than there is",
  sum: "two tensors of different shapes are added or multiplied",
  product: "a matrix product of shapes that do not fit",
  concat: "`tf.concat` of tensors that differ in another axis",
  layer: "what goes in has other sizes than the layer was made for",
  angles: "the number of angles",
  squeeze: "`tf.squeeze` drops axes of size 1 alone",
  sizes: "a size that is fixed, such as",
} as const;

/** How a line begins that says what values only make likely, and mending has not proved. */
export const guess = "A guess, which was not tried:";

/** Whether a line of a message gives a general cause and no more. */
export const isGeneral = (line: string) =>
  Object.values(generalCauses).some((each) => line.includes(each));
