/** Why a group of processes cannot go on: one of them ended, does not answer, or was refused something. */
export class ClusterError extends Error {
  override name = "ClusterError";
}

/** Why a group of processes did not come together: nothing was begun. */
export class NotTogetherError extends ClusterError {}

/** What may lie behind a sum that does not come to its end. */
export const whyLate =
  "one of them is much slower, or the network between two of them is cut or closed for " +
  "TensorFlow's ports";

/** What is said of a process that gives no sign of life. */
export const silent = (name: string, seconds: number) =>
  `${name} has given no sign of life for ${seconds} seconds: it was stopped, its machine is overloaded, or the ` +
  "network between is cut";
