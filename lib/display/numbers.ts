/** Whole numbers from here on are measurements rather than counts: a diverged loss, not parameters. */
const largestCount = 1e12;

/** A number as a person writes it: counts in full, all others in at most `digits` significant digits. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < largestCount) return grouped(value);
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-4) return value.toExponential(Math.max(0, digits - 2));
  return String(Number(value.toPrecision(digits)));
}

/** Numbers to be read beside each other: equally many decimals, three digits for the largest. */
export function alignedNumbers(values: readonly number[]): string[] {
  const finite = values.filter(Number.isFinite);
  const largest = maximum(finite.map(Math.abs));
  const digits = largest > 0 ? Math.floor(Math.log10(largest)) + 1 : 0;
  const decimals = 3 - digits;
  if (finite.every(Number.isInteger) || decimals < 0 || decimals > 6) {
    return values.map((value) => formatNumber(value, 3));
  }
  return values.map((value) =>
    Number.isFinite(value) ? value.toFixed(decimals) : formatNumber(value)
  );
}

/** A whole number with commas between thousands: `106,506`. */
export function grouped(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** `from 1 to 3`, or that there are no values; and how many are no numbers to be drawn. */
export function rangeWords(values: readonly number[]): string {
  const known = values.filter(Number.isFinite);
  const odd = values.length - known.length;
  const range = known.length
    ? `values from ${formatNumber(minimum(known))} to ${formatNumber(maximum(known))}`
    : "no values";
  return odd ? `${range}, ${odd} not a number` : range;
}

/** The smallest of any number of values; Infinity for none. */
export function minimum(values: ArrayLike<number>): number {
  let least = Infinity;
  for (let at = 0; at < values.length; at++) if (values[at] < least) least = values[at];
  return least;
}

/** The largest of any number of values; −Infinity for none. */
export function maximum(values: ArrayLike<number>): number {
  let most = -Infinity;
  for (let at = 0; at < values.length; at++) if (values[at] > most) most = values[at];
  return most;
}
