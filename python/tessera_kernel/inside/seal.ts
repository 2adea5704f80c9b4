/**
 * Signs what the library's checks found, in grading, so that the door believes it and nothing else. The secret
 * comes through a pipe before the first cell; it is kept in this module's closures alone, and signing calls no
 * function that a cell could have put in a built-in's place, which would get it handed. Who may sign is decided
 * before the first cell too: the library is loaded, its modules of checks take what they need, and no more is
 * lent then.
 */
import { type Seal, type SealedRecord } from "../../../lib/platform/kernel_door.ts";
import { kind, type Pipe } from "./pipe.ts";

/** A function with its `this` as the first argument, which no prototype can change any more. */
const unbound = <T, A extends unknown[], R>(method: (this: T, ...args: A) => R) =>
  Function.prototype.call.bind(method) as (self: T, ...args: A) => R;
const charCodeAt = unbound(String.prototype.charCodeAt);

export interface Lending {
  /** A way to sign; undefined once lending has ended. */
  claim(): Seal | undefined;
  end(): void;
}

/** Reads the secret from a descriptor, and lends ways to sign until it is told to end. */
export function lendSeals(descriptor: number, pipe: Pipe): Lending {
  const secret = new Uint8Array(32);
  const file = Deno.openSync(`/dev/fd/${descriptor}`);
  const length = file.readSync(secret);
  file.close();
  if (length !== secret.length) throw new Error("The secret of this run did not come.");
  const sign = hmacSha256(secret);
  secret.fill(0);
  let count = 0;
  let isOpen = true;
  const seal = ({ task, outcome, points, bonus }: SealedRecord) => {
    count++;
    const record = `${count}\n${task}\n${outcome}\n${points ?? ""}\n${bonus}`;
    pipe.send(kind.note, 0, `{"record":${quoted(record)},"seal":"${sign(record)}"}`);
  };
  return { claim: () => isOpen ? seal : undefined, end: () => void (isOpen = false) };
}

const hexDigits = "0123456789abcdef";

/** A string as JSON has it. */
function quoted(text: string): string {
  let result = '"';
  for (let i = 0; i < text.length; i++) {
    const code = charCodeAt(text, i);
    result += "\\u" + hexDigits[code >>> 12] + hexDigits[code >>> 8 & 15] +
      hexDigits[code >>> 4 & 15] + hexDigits[code & 15];
  }
  return result + '"';
}

// ---- SHA-256 (FIPS 180-4) and HMAC (FIPS 198-1), on numbers alone ------------------------------------

const block = 64;
const roundConstants = new Uint32Array(64);
const initialState = new Uint32Array(8);
{
  // The first 32 bits of the fractional parts of the cube and square roots of the first primes.
  let found = 0;
  for (let candidate = 2; found < 64; candidate++) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
      if (candidate % divisor === 0) isPrime = false;
    }
    if (!isPrime) continue;
    const fraction = (root: number) => (root - Math.floor(root)) * 2 ** 32;
    if (found < 8) initialState[found] = fraction(Math.sqrt(candidate));
    roundConstants[found++] = fraction(Math.cbrt(candidate));
  }
}
const newWords = (count: number) => new Uint32Array(count);
// What is called while cells may run has to be had before: a typed array's constructor can be replaced too.
const schedule = newWords(64);
const state = newWords(8);
const largest = 4096;
const message = new Uint8Array(block + 2 * largest + 2 * block);

/** The digest of the first `length` bytes of `message`, left in `state`. */
function digest(length: number): void {
  for (let i = 0; i < 8; i++) state[i] = initialState[i];
  let end = length;
  message[end++] = 0x80;
  while (end % block !== 56) message[end++] = 0;
  const bits = length * 8;
  for (let i = 0; i < 4; i++) message[end++] = 0;
  for (let shift = 24; shift >= 0; shift -= 8) message[end++] = bits >>> shift;
  for (let start = 0; start < end; start += block) compress(start);
}

function compress(start: number): void {
  for (let i = 0; i < 16; i++) {
    const at = start + 4 * i;
    schedule[i] = message[at] << 24 | message[at + 1] << 16 | message[at + 2] << 8 |
      message[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const early = schedule[i - 15], late = schedule[i - 2];
    const first = turned(early, 7) ^ turned(early, 18) ^ early >>> 3;
    const second = turned(late, 17) ^ turned(late, 19) ^ late >>> 10;
    schedule[i] = schedule[i - 16] + first + schedule[i - 7] + second;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i++) {
    const choice = e & f ^ ~e & g, majority = a & b ^ a & c ^ b & c;
    const first = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice +
        roundConstants[i] + schedule[i] | 0;
    const second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority | 0;
    h = g, g = f, f = e, e = d + first | 0;
    d = c, c = b, b = a, a = first + second | 0;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

const turned = (word: number, by: number) => word >>> by | word << 32 - by;

/** A function that signs a text, as UTF-16 in little-endian order. */
export function hmacSha256(secret: Uint8Array): (text: string) => string {
  const innerKey = new Uint8Array(block), outerKey = new Uint8Array(block);
  for (let i = 0; i < block; i++) {
    const byte = i < secret.length ? secret[i] : 0;
    innerKey[i] = byte ^ 0x36;
    outerKey[i] = byte ^ 0x5c;
  }
  return (text) => {
    if (text.length > largest) throw new RangeError(`a record of ${text.length} letters`);
    for (let i = 0; i < block; i++) message[i] = innerKey[i];
    for (let i = 0; i < text.length; i++) {
      const code = charCodeAt(text, i);
      message[block + 2 * i] = code;
      message[block + 2 * i + 1] = code >>> 8;
    }
    digest(block + 2 * text.length);
    for (let i = 0; i < 8; i++) {
      for (let j = 0; j < 4; j++) message[block + 4 * i + j] = state[i] >>> 24 - 8 * j;
    }
    for (let i = 0; i < block; i++) message[i] = outerKey[i];
    digest(block + 32);
    let result = "";
    for (let i = 0; i < 8; i++) {
      for (let shift = 28; shift >= 0; shift -= 4) result += hexDigits[state[i] >>> shift & 15];
    }
    for (let i = 0; i < message.length; i++) message[i] = 0;
    return result;
  };
}
