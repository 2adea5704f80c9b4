/**
 * Numbers of one array as NumPy writes them side by side: floats with the fewest digits that tell them from
 * their neighbours, points below each other, powers of ten where the sizes differ much
 * (`numpy/_core/arrayprint.py`, NumPy 2.4).
 */

type Writer = (value: number) => string;

const precision = 8;
/** From here on, and where the largest is so many times the smallest, numbers are written by powers of ten. */
const largestPositional = 1e6, largestRatio = 1000, smallestPositional = 1e-4;

/** How each of these numbers is written beside the others. */
export function numberWriter(values: readonly number[], dtype: string): Writer {
  if (dtype === "bool") return padded(values, (value) => value ? "True" : "False");
  if (dtype === "int32") return padded(values, String);
  return floatWriter(values);
}

function padded(values: readonly number[], write: Writer): Writer {
  const width = Math.max(0, ...values.map((value) => write(value).length));
  return (value) => write(value).padStart(width);
}

function floatWriter(values: readonly number[], sign = ""): Writer {
  const finite = values.filter(Number.isFinite);
  const sizes = finite.map(Math.abs).filter((size) => size > 0);
  const [largest, smallest] = [Math.max(...sizes), Math.min(...sizes)];
  const isScientific = sizes.length > 0 &&
    (largest >= largestPositional || smallest < smallestPositional ||
      largest / smallest > largestRatio);
  const write = isScientific ? scientific : positional;
  const signed = (value: number) => value < 0 || Object.is(value, -0) ? "" : sign;
  const parts = finite.map((value) => write(value).split("."));
  const left = Math.max(0, ...parts.map(([whole], at) => (signed(finite[at]) + whole).length));
  const fractions = parts.map(([, fraction]) => fraction.split("e")[0].length);
  const right = Math.max(0, ...fractions);
  // "e+07" behind the digits.
  const exponent = isScientific ? 4 : 0;
  const width = Math.max(
    finite.length ? left + 1 + right + exponent : 0,
    ...values.filter((value) => !Number.isFinite(value)).map((value) => odd(value, sign).length),
  );
  return (value) => {
    if (!Number.isFinite(value)) return odd(value, sign).padStart(width);
    const [whole, fraction] = write(value).split(".");
    const end = isScientific ? filled(value, fraction, right) : fraction.padEnd(right);
    return `${signed(value)}${whole}.${end}`.padStart(width);
  };
}

/** The digits behind the point and the power of ten, as many as the longest beside it. */
function filled(value: number, fraction: string, count: number): string {
  const [digits, power] = fraction.split("e");
  const longer = digits.length < count ? value.toExponential(count).match(/\.(\d+)/)![1] : digits;
  return `${longer}e${power}`;
}

function odd(value: number, sign: string): string {
  if (Number.isNaN(value)) return `${sign}nan`;
  return value > 0 ? `${sign}inf` : "-inf";
}

/** A complex number from its two parts, each written beside its like. */
export function complexWriter(
  real: readonly number[],
  imaginary: readonly number[],
): (real: number, imaginary: number) => string {
  const [first, second] = [floatWriter(real), floatWriter(imaginary, "+")];
  return (a, b) => {
    const written = second(b);
    return `${first(a)}${written.trimEnd()}j${
      " ".repeat(written.length - written.trimEnd().length)
    }`;
  };
}

/** `0.33333334`, `-2.`: with a point, and no more digits than float32 needs. */
function positional(value: number): string {
  const short = String(shortest(Math.abs(value)));
  const [whole, fraction = ""] = short.split(".");
  if (fraction.length <= precision) return `${minus(value)}${whole}.${fraction}`;
  return minus(value) + Math.abs(value).toFixed(precision).replace(/0+$/, "");
}

/** `1.5e+07`: one digit before the point, at most eight behind it. */
function scientific(value: number): string {
  const short = shortest(Math.abs(value)).toExponential();
  const isLong = short.indexOf("e") > precision + 2;
  const [digits, power] = (isLong ? Math.abs(value).toExponential(precision) : short).split("e");
  const [whole, fraction = ""] = digits.split(".");
  const exponent = power[0] + power.slice(1).padStart(2, "0");
  return `${minus(value)}${whole}.${fraction.replace(/0+$/, "")}e${exponent}`;
}

function minus(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

/** The number with the fewest digits that float32 reads as this one. */
function shortest(size: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(size.toPrecision(digits));
    if (Math.fround(short) === size) return short;
  }
  return Number(size.toPrecision(9));
}
