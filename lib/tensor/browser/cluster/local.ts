/** A browser starts no processes. */
export interface LocalClusterOptions {
  threads?: number;
  trustNetwork?: boolean;
  patienceSeconds?: number;
}

export const mostProcesses = 1;

export function localCluster(_size: number, _options?: LocalClusterOptions): Promise<never> {
  return Promise.reject(
    new Error("a browser trains in one process: several need native TensorFlow"),
  );
}
