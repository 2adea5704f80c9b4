/** An error that the user can act on: shown as one line, without a stack. */
export class CommandError extends Error {
  constructor(message: string, readonly exitCode = 1) {
    super(message);
  }
}
