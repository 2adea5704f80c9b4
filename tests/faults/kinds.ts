/** The ways in which a command, or a file that it wrote, can come to harm. */

export interface Kind {
  /** What is done, for the table's head. */
  title: string;
  /** What must be so afterwards. */
  promise: string;
}

export const kinds = {
  killed: {
    title: "killed",
    promise: "the same command works, and nothing of a person's is lost",
  },
  asked: {
    title: "SIGTERM, SIGHUP, Ctrl-C",
    promise: "it ends, and the same command works",
  },
  full: { title: "disk full", promise: "a line says what is missing, and what was there stays" },
  closed: { title: "read-only", promise: "a line says what cannot be written" },
  twice: { title: "twice at once", promise: "both end in order, and the same command works" },
  flipped: { title: "a bit flipped", promise: "it works, or a line names what is damaged" },
  short: { title: "cut short", promise: "it works, or a line names what is damaged" },
} as const satisfies Record<string, Kind>;

export type KindName = keyof typeof kinds;

/** How a kind of fault went for one command. */
export interface Tally {
  tried: number;
  /** What was not as it should be, in words; nothing where all was. */
  faults: string[];
}
