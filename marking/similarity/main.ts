/**
 * Which submissions are alike: reads JSON with the texts on its standard input, writes the pairs as JSON. A
 * program of its own, whose packages have a lock of their own (`deno.lock` beside it) and are fetched at its
 * first use: Dolos' fingerprints by winnowing (Maertens et al., 2022; Schleimer et al., 2003).
 */
import { codeTokens, type RawToken, type Token, wordTokens } from "./tokens.ts";

export interface Request {
  /** What each learner wrote; a group's text stands there once. */
  submissions: { id: string; code: string; answers: string }[];
  /** What everybody was given: what is in it too is not taken for copied. */
  handedOut: { code: string; answers: string };
  /** How many pairs are wanted at most. */
  pairs: number;
}

export interface AlikePair {
  left: string;
  right: string;
  /** Which kind of text is alike. */
  kind: "code" | "answers";
  /** Share of what both wrote that is in both, from 0 to 1. */
  similarity: number;
  /** The longest piece that is alike, as each has it. */
  leftPiece: string;
  rightPiece: string;
}

/** What is used of Dolos. */
interface Dolos {
  File: new (path: string, content: string) => unknown;
  TokenizedFile: new (file: unknown, tokens: string[], mapping: unknown[]) => unknown;
  Region: new (row: number, column: number, endRow: number, endColumn: number) => RegionOf;
  FingerprintIndex: new (length: number, window: number, keep: boolean, most: number) => {
    addFiles(files: unknown[]): void;
    addIgnoredFile(file: unknown): void;
    allPairs(): PairOf[];
  };
}
interface RegionOf {
  startRow: number;
  startCol: number;
  endRow: number;
  endCol: number;
}
interface FileOf {
  path: string;
  lines: string[];
}
interface EntryOf {
  file: FileOf;
  /** Fingerprints that count; those of what was handed out, and of what many have, do not. */
  shared: Set<{ occurrencesOf(file: FileOf): unknown[] }>;
}
interface PairOf {
  leftFile: FileOf;
  rightFile: FileOf;
  leftEntry: EntryOf;
  rightEntry: EntryOf;
  /** How many of each one's fingerprints are in both. */
  leftCovered: number;
  rightCovered: number;
  buildFragments(): {
    pairs: unknown[];
    leftSelection: RegionOf;
    rightSelection: RegionOf;
  }[];
}

/** Named here, so that nothing fetches them before they are used. */
const packages = { dolos: "npm:@dodona/dolos-core@1.2.1", tokens: "npm:js-tokens@10.0.0" };

/** Tokens in a fingerprint and fingerprints in a window: what is shorter than both may be chance. */
const settings = { code: { length: 16, window: 8 }, answers: { length: 6, window: 4 } };

/** Fewer fingerprints in common may be chance, however short the texts are. */
const fewest = 4;

/** A pair below is no news: right solutions of small tasks have much in common. */
const least = { code: 0.5, answers: 0.25 };

export async function alikePairs(request: Request): Promise<AlikePair[]> {
  const dolos: Dolos = await import(packages.dolos);
  const { default: jsTokens } = await import(packages.tokens) as {
    default: (text: string) => Iterable<RawToken>;
  };
  const tokensOf = {
    code: (text: string) => codeTokens(jsTokens(text)),
    answers: wordTokens,
  };
  const found: AlikePair[] = [];
  for (const kind of ["code", "answers"] as const) {
    const file = (id: string, text: string) => tokenized(dolos, id, text, tokensOf[kind](text));
    const written = request.submissions.filter((each) => each[kind].trim() !== "");
    const { length, window } = settings[kind];
    // What a fifth of a class has is how that task is solved.
    const most = Math.max(5, Math.ceil(written.length / 5));
    const index = new dolos.FingerprintIndex(length, window, false, most);
    index.addFiles(written.map((each) => file(each.id, each[kind])));
    index.addIgnoredFile(file("handed out", request.handedOut[kind])); // last: it takes away from those before
    const pairs = index.allPairs().map((pair) => ({ pair, similarity: similarityOf(pair) }))
      .filter(({ similarity }) => similarity >= least[kind])
      .sort((a, b) => b.similarity - a.similarity).slice(0, request.pairs);
    found.push(...pairs.map(({ pair, similarity }) => ({ kind, similarity, ...piecesOf(pair) })));
  }
  return found.sort((a, b) => b.similarity - a.similarity).slice(0, request.pairs);
}

/**
 * The share of both texts' own fingerprints that are in both. Dolos' number counts what is taken away from the
 * left text for the right one too.
 */
function similarityOf({ leftEntry, rightEntry, leftCovered, rightCovered }: PairOf): number {
  if (Math.min(leftCovered, rightCovered) < fewest) return 0;
  const own = ({ file, shared }: EntryOf) =>
    [...shared].reduce((sum, fingerprint) => sum + fingerprint.occurrencesOf(file).length, 0);
  return (leftCovered + rightCovered) / (own(leftEntry) + own(rightEntry));
}

function tokenized(dolos: Dolos, id: string, text: string, tokens: readonly Token[]): unknown {
  const regions = tokens.map(({ line, column, endLine, endColumn }) =>
    new dolos.Region(line, column, endLine, endColumn)
  );
  return new dolos.TokenizedFile(new dolos.File(id, text), tokens.map(({ text }) => text), regions);
}

function piecesOf(pair: PairOf): Omit<AlikePair, "kind" | "similarity"> {
  const [longest] = pair.buildFragments().sort((a, b) => b.pairs.length - a.pairs.length);
  const piece = (lines: string[], region: RegionOf | undefined) =>
    region ? lines.slice(region.startRow, region.endRow + 1).slice(0, 40).join("\n") : "";
  return {
    left: pair.leftFile.path,
    right: pair.rightFile.path,
    leftPiece: piece(pair.leftFile.lines, longest?.leftSelection),
    rightPiece: piece(pair.rightFile.lines, longest?.rightSelection),
  };
}

if (import.meta.main) {
  const request: Request = JSON.parse(await new Response(Deno.stdin.readable).text());
  console.log(JSON.stringify(await alikePairs(request)));
}
