/** What is offered while one types: what fits, and nothing of the machinery underneath. */
import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
} from "vscode-languageserver-types";
import hidden from "../python/tessera_kernel/hidden_names.json" with { type: "json" };

/** Characters after which names are offered; after every other one there is nothing to say, or everything. */
export const triggers: readonly string[] = [".", '"', "'", "`", "/", "@", "<", "#"];

const isName = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;
/** What is no value: of those that TypeScript has for every program, most are for pages. */
const kindsOfTypes = new Set<number>([
  CompletionItemKind.Class,
  CompletionItemKind.Interface,
  CompletionItemKind.TypeParameter,
]);
/** How TypeScript sorts what every program knows. */
const globalRank = "15";

/** Types of the language itself that learners write. */
const usefulTypes = new Set(
  ("Array ArrayLike AsyncGenerator AsyncIterable Awaited Exclude Extract Generator Iterable Map NonNullable Omit " +
    "Parameters Partial Pick Promise PromiseLike Readonly ReadonlyArray ReadonlyMap ReadonlySet Record Required " +
    "ReturnType Set Iterator Error RegExp Date").split(" "),
);

const ofTensorFlow = new Set([...hidden.kernels, ...hidden.modules]);
const ofTensors = new Set(hidden.tensors);

/** Where names are asked for. */
export interface Place {
  /** The line up to the cursor. */
  before: string;
  /** Names of TensorFlow.js as a whole, such as `tf`. */
  namespaces: ReadonlySet<string>;
  /** Whether names of a module are asked for, in an import. */
  inImport: boolean;
}

/** The name that is being typed. */
export function begunName(before: string): string {
  return /[\p{L}\p{N}_$]*$/u.exec(before)![0];
}

/** Whether the cursor is in the name of a package, which would be asked for in a registry. */
export function isInPackageName(before: string): boolean {
  return /(?:\bfrom|\bimport\s*\(?)\s*["'](?:npm|jsr|https?|node):[^"']*$/.test(before);
}

/** An offer, with what is asked for once it is looked at. */
export interface Offer extends CompletionItem {
  /** Whether it is one of TensorFlow.js's. */
  isOperation?: boolean;
}

/** The offers that fit, and as little of each as an editor needs. */
export function fitting(list: CompletionList | CompletionItem[], place: Place): Offer[] {
  const items = Array.isArray(list) ? list : list.items;
  const begun = begunName(place.before);
  const rest = place.before.slice(0, place.before.length - begun.length);
  const owner = /([\p{L}_$][\p{L}\p{N}_$]*)\s*\??\.\s*$/u.exec(rest)?.[1];
  const isMember = /\.\s*$/.test(rest);
  const isOperation = owner !== undefined && place.namespaces.has(owner);
  const isHidden = (name: string): boolean => {
    if (name.startsWith("_") && !begun.startsWith("_")) return true;
    if (place.inImport || isOperation) {
      return ofTensorFlow.has(name) || /[a-z](Inputs|Attrs)$/.test(name);
    }
    return isMember && ofTensors.has(name);
  };
  return items.filter((item) => {
    const name = item.label.replace(/\?$/, "");
    if (item.tags?.includes(1) || item.deprecated || isHidden(name)) return false;
    return isMember || item.sortText !== globalRank || isKnownHere(name, item.kind);
  }).map(({ label, kind, sortText, insertText, data }) => ({
    ...{ label, kind, sortText, insertText, data },
    isOperation,
  }));
}

/** Whether a global name is one of this program's, too, which runs where notebooks run: pages know more. */
function isKnownHere(name: string, kind: number | undefined): boolean {
  if (kind === CompletionItemKind.Keyword || usefulTypes.has(name)) return true;
  if (kind !== undefined && kindsOfTypes.has(kind)) return false;
  return !isName.test(name) || name in globalThis || name === "undefined";
}

/** While one types: what begins with the name that is typed, but for the name itself. */
export function beginningWith(name: string, items: CompletionItem[]): CompletionItem[] {
  const begin = name.toLowerCase();
  return items.filter(({ label }) => label.toLowerCase().startsWith(begin) && label !== name);
}
