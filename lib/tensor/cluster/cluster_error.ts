/** Why a group of processes cannot go on: one of them ended, does not answer, or was refused something. */
export class ClusterError extends Error {
  override name = "ClusterError";
}

/** Why a group of processes of several machines did not come together: nothing was begun. */
export class NotTogetherError extends ClusterError {}

/** What may lie behind a sum that does not come to its end. */
export const whyLate =
  "one of them is much slower, or the network between two of them is cut or closed for " +
  "TensorFlow's ports";
