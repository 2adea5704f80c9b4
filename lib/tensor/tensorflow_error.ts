/** TensorFlow's number for memory that ran out. */
export const RESOURCE_EXHAUSTED = 8;

/** What TensorFlow refused, with the op and the shapes that it was given. */
export class TensorFlowError extends Error {
  override name = "TensorFlowError";
  constructor(message: string, readonly code: number) {
    super(message);
  }
  /** Whether memory ran out. */
  get outOfMemory(): boolean {
    return this.code === RESOURCE_EXHAUSTED;
  }
}
