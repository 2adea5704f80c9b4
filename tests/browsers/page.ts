/** A page of any browser, as trials use it. */
export interface Page extends AsyncDisposable {
  /** Opens an address and waits until it is loaded. */
  open(address: string): Promise<void>;
  /** The value of an expression on the page, awaited, as JSON carries it; throws what it throws. */
  // deno-lint-ignore no-explicit-any
  evaluate(expression: string): Promise<any>;
  /** Writes what the window shows as a PNG. */
  screenshot(path: string): Promise<void>;
  /** Opens another tab and goes on with it; gives what closes it and goes back to the one before. */
  anotherTab(): Promise<() => Promise<void>>;
  /** Lets downloads come into a folder. */
  downloadInto(folder: string): Promise<void>;
  /** The most memory that its programs had together, in MB, where that is known. */
  peakMemory?(): number;
}
