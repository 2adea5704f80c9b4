/** Why a group of processes cannot go on: one of them ended, does not answer, or was refused something. */
export class ClusterError extends Error {
  override name = "ClusterError";
}

/** Why a group of processes of several machines did not come together: nothing was begun. */
export class NotTogetherError extends ClusterError {}
