/**
 * The language's own names, as they were before the first cell. A cell's `const Set = …` or `class Promise` holds for
 * all code, modules too: the door must not stumble over it.
 */
const ownAggregateError = AggregateError;
const ownArray = Array;
const ownAtomics = Atomics;
const ownDataView = DataView;
const ownError = Error;
const ownJSON = JSON;
const ownMap = Map;
const ownNumber = Number;
const ownObject = Object;
const ownPromise = Promise;
const ownSet = Set;
const ownString = String;
const ownSuppressedError = SuppressedError;
const ownSymbol = Symbol;
const ownSyntaxError = SyntaxError;
const ownTextDecoder = TextDecoder;
const ownTypeError = TypeError;
const ownURL = URL;
const ownUint8Array = Uint8Array;
const ownWeakRef = WeakRef;

export {
  ownAggregateError as AggregateError,
  ownArray as Array,
  ownAtomics as Atomics,
  ownDataView as DataView,
  ownError as Error,
  ownJSON as JSON,
  ownMap as Map,
  ownNumber as Number,
  ownObject as Object,
  ownPromise as Promise,
  ownSet as Set,
  ownString as String,
  ownSuppressedError as SuppressedError,
  ownSymbol as Symbol,
  ownSyntaxError as SyntaxError,
  ownTextDecoder as TextDecoder,
  ownTypeError as TypeError,
  ownUint8Array as Uint8Array,
  ownURL as URL,
  ownWeakRef as WeakRef,
};

/** Whether a cell has put something in the place of what Deno's kernel puts errors into words with. */
export function areWordsReplaced(): boolean {
  try {
    return Error !== ownError || JSON !== ownJSON || String !== ownString;
  } catch {
    return true; // declared, and without a value
  }
}
