/** TensorFlow's number for memory that ran out. */
export const RESOURCE_EXHAUSTED = 8;

/** How a card's memory runs out where no allocator of TensorFlow's says so: libraries, copies, the driver. */
const FULL_CARD =
  /CUDA_ERROR_OUT_OF_MEMORY|Dst tensor is not initialized|CU(BLAS|DNN|SOLVER|SPARSE)_STATUS_ALLOC_FAILED|CUFFT_ALLOC_FAILED/;

/** What CUDA says where the card itself is gone or its work was spoiled: nothing runs on it any more. */
const LOST_CARD =
  /CUDA_ERROR_(DEVICE_UNAVAILABLE|ECC_UNCORRECTABLE|ILLEGAL_ADDRESS|LAUNCH_FAILED|NO_DEVICE|NOT_INITIALIZED|UNKNOWN|SYSTEM_NOT_READY)|device (is|was) lost|GPU has fallen off the bus/i;
/** Machine code for the card that the wheel does not have. */
const NO_CODE = /no kernel image is available|CUDA_ERROR_NO_BINARY_FOR_GPU|CUDA_ERROR_INVALID_PTX/;

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

/** The error for what TensorFlow says of a call: `subject` is what was called. */
export function refused(subject: string, message: string, code: number): TensorFlowError {
  const itsCode = FULL_CARD.test(message) ? RESOURCE_EXHAUSTED : code;
  return new TensorFlowError(`${subject}: ${causeOf(message, itsCode)}`, itsCode);
}

function causeOf(message: string, code: number): string {
  const [first] = message.split("\n");
  if (code === RESOURCE_EXHAUSTED) return `out of memory: ${message}`;
  if (LOST_CARD.test(message)) {
    return "the graphics card does not answer any more. Start the kernel anew; a training goes on from its " +
      `last checkpoint, with TESSERA_DEVICE=cpu on the processor (${first})`;
  }
  if (NO_CODE.test(message)) {
    return "TensorFlow's build has no code for this graphics card; TESSERA_DEVICE=cpu uses the processor " +
      `(${first})`;
  }
  return message;
}
