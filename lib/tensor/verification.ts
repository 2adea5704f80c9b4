/** Whether a compiled run did what the eager run did, values, gradients and updates alike. */
import type { Binding, Pointer } from "./binding.ts";
import { compareTensors, type Difference, type TensorPair } from "./compare_tensors.ts";
import type { ConvolutionsBeside } from "./fusion/fusion.ts";
import { precision } from "./precision.ts";
import { dependentOnUpdates } from "./recorded_updates.ts";
import { Hazard } from "./hazard.ts";
import { type ObservedTensor, type RecordedNode } from "./recorder.ts";
import { replay, type Replayed, type ReplayPlan } from "./replay.ts";

/** Compiled and eager may differ by this much of a tensor's largest value … */
const TOLERANCE = 2e-3;
/** … or by so many times what eager runs differ by that start from values rounded otherwise. */
const SPREADS = 4;
/** Of so many such runs, or of fewer where those explain the differences. */
const RUNS = 3;
/**
 * How far off a value may be that a run starts from: a rounded float32; what a card's kernels for convolutions,
 * which eager and compiled run may take different ones of, lose in their transforms; a factor in TF32.
 */
const ROUNDING = { cpu: 2 ** -24, gpu: 2 ** -20, tf32: 2 ** -11 };
/** A convolution of our own may differ by this much of its largest value from the op that it replaces. */
const CONVOLUTION_TOLERANCE = 1e-4;

/** A variable that the step changes. */
export interface ChangedState {
  /** The tensor that it starts as. */
  start: number;
  /** The tensor that it was assigned; undefined where an optimizer updates it in place. */
  end: number | undefined;
  /** What it holds after the eager and after the compiled run. */
  eager: Pointer;
  compiled: Pointer;
}

export interface Runs {
  nodes: readonly RecordedNode[];
  /** What the step starts from. */
  roots: ReadonlyMap<number, Pointer>;
  /** What the compiled run returned, by number. */
  compiled: ReadonlyMap<number, Pointer>;
  /** What the eager run had for each of these. */
  eager: readonly ObservedTensor[];
  states: readonly ChangedState[];
  /** Gradients that updates take; the compiled run returned them. */
  gradients: readonly number[];
  /** The recording with our own convolutions beside the ops that they replace, where the compiled run has such. */
  beside?: ConvolutionsBeside;
}

export interface Agreement {
  /** The largest difference, relative to the tensor's largest value, and what it might have been. */
  largestDifference: number;
  allowedDifference: number;
}

/**
 * Throws a Hazard where the compiled run's values are not the eager run's.
 *
 * Updates are looked at by themselves: an update like Adam's makes much of the rounding in small gradients.
 * So each run's must be what the recorded ops make, one by one, of that run's own gradients.
 */
export function verify(binding: Binding, runs: Runs): Agreement {
  const { nodes, roots, compiled, states, beside } = runs;
  const dependent = dependentOnUpdates(nodes);
  const isUpdated = ({ end }: ChangedState) => end === undefined || dependent.has(end);

  const agreement = judge(
    binding,
    [
      ...runs.eager.filter(({ id }) => !dependent.has(id)).map(({ label, id, handle }) => ({
        ...{ label, id, actual: compiled.get(id)!, expected: handle },
      })),
      ...states.filter((state) => !isUpdated(state)).map((state) => ({
        ...{ label: "an assigned variable", id: state.end! },
        ...{ actual: state.compiled, expected: state.eager },
      })),
    ],
    { nodes, roots, updates: false },
    { beside },
  );

  const updated = states.filter(isUpdated);
  const after = runs.eager.filter(({ id }) => dependent.has(id));
  if (updated.length + after.length === 0) return agreement;
  const byEager = new Map(runs.eager.map(({ id, handle }) => [id, handle]));
  for (const run of ["eager", "compiled"] as const) {
    const values = run === "eager" ? byEager : compiled;
    judgeUpdates(binding, { ...runs, after, updated, run, values });
  }
  return agreement;
}

/** Throws a Hazard where the end of a run is not what the recorded updates make of its gradients. */
function judgeUpdates(
  binding: Binding,
  { nodes, roots, gradients, after, updated, run, values }: Runs & {
    after: readonly ObservedTensor[];
    updated: readonly ChangedState[];
    run: "eager" | "compiled";
    values: ReadonlyMap<number, Pointer>;
  },
): void {
  const plan: ReplayPlan = {
    ...{ nodes, roots, updates: true },
    given: new Map(gradients.map((id) => [id, values.get(id)!])),
    wanted: [
      ...after.map(({ id }) => id),
      ...updated.flatMap(({ end }) => end === undefined ? [] : [end]),
    ],
  };
  const replayed = replay(binding, plan);
  try {
    judge(
      binding,
      [
        ...after.map(({ label, id }) => ({
          ...{ label, id, actual: values.get(id)!, expected: replayed.values.get(id)! },
        })),
        ...updated.map((state) => ({
          ...{ label: "an updated variable", id: state.end ?? state.start, actual: state[run] },
          expected: state.end === undefined
            ? replayed.ends.get(state.start)!
            : replayed.values.get(state.end)!,
        })),
      ],
      plan,
      { noise: false },
    );
  } finally {
    replayed.dispose();
  }
}

type Pair = TensorPair & { id: number };

interface Judging {
  /** See {@link compareTensors}. */
  noise?: boolean;
  beside?: ConvolutionsBeside;
}

/**
 * Throws a Hazard where a pair differs by more than rounding explains. Only where one differs by more than
 * is usual do the recorded ops run again: with our own convolutions, which sum in another order, and then to see
 * what rounding can do.
 */
function judge(
  binding: Binding,
  pairs: readonly Pair[],
  plan: Omit<ReplayPlan, "wanted">,
  { noise = true, beside }: Judging = {},
): Agreement {
  let differences = compareTensors(binding, pairs, { noise });
  let worst = largest(differences);
  if (beside && !(worst.relative <= TOLERANCE)) {
    differences = withConvolutions(binding, pairs, { ...plan, beside }, { noise }) ?? differences;
    worst = largest(differences);
  }
  if (worst.relative <= TOLERANCE) {
    return { largestDifference: worst.relative, allowedDifference: TOLERANCE };
  }
  let allowed = pairs.map(() => TOLERANCE);
  const wrong = () => differences.findIndex(({ relative }, at) => !(relative <= allowed[at]));
  for (const spreads of spreadsOf(binding, pairs, plan, { noise })) {
    allowed = allowed.map((each, at) => Math.max(each, SPREADS * spreads[at]));
    if (wrong() < 0) break;
  }
  if (wrong() >= 0) {
    const { label, relative } = differences[wrong()];
    throw new Hazard(
      `compiled and eager results differ: ${label} by ${relative.toPrecision(2)} of its largest ` +
        `value (allowed: ${allowed[wrong()].toPrecision(1)})`,
      "please report this step",
    );
  }
  const at = differences.indexOf(worst);
  return { largestDifference: worst.relative, allowedDifference: allowed[at] };
}

/**
 * How far the pairs' actual values lie from those of the recorded ops with our own convolutions. Undefined where one
 * of these does not give what the op gives that it replaces, of the same inputs.
 */
function withConvolutions(
  binding: Binding,
  pairs: readonly Pair[],
  { beside: { nodes, others }, ...plan }: Omit<ReplayPlan, "wanted"> & {
    beside: ConvolutionsBeside;
  },
  { noise }: { noise: boolean },
): Difference[] | undefined {
  const awaited = new Map<number, Pointer>();
  let areRight = true;
  const look = (id: number, handle: Pointer) => {
    const other = others.get(id);
    if (other === undefined) {
      awaited.set(id, binding.shareHandle(handle));
      return;
    }
    const expected = awaited.get(other)!;
    awaited.delete(other);
    const pair = { label: "a convolution", actual: handle, expected };
    const [{ relative }] = compareTensors(binding, [pair], { noise: false });
    binding.api.TFE_DeleteTensorHandle(expected);
    areRight &&= relative <= CONVOLUTION_TOLERANCE;
  };
  const looked = { ids: new Set([...others].flat()), look };
  const run = replay(binding, { ...plan, nodes, looked, wanted: pairs.map(({ id }) => id) });
  try {
    return areRight
      ? compareTensors(
        binding,
        pairs.map((pair) => ({ ...pair, expected: run.values.get(pair.id)! })),
        { noise },
      )
      : undefined;
  } finally {
    run.dispose();
    awaited.forEach((handle) => binding.api.TFE_DeleteTensorHandle(handle));
  }
}

/** How far each run of the recorded ops lies from theirs that starts from values rounded otherwise. */
function* spreadsOf(
  binding: Binding,
  pairs: readonly Pair[],
  plan: Omit<ReplayPlan, "wanted">,
  { noise }: { noise: boolean },
): Generator<number[]> {
  const isEnd = ({ id }: Pair) => plan.updates && plan.roots.has(id);
  const wanted = pairs.filter((pair) => !isEnd(pair)).map(({ id }) => id);
  const by = ROUNDING[
    !binding.isUsingGpuDevice() ? "cpu" : precision() === "tf32" ? "tf32" : "gpu"
  ];
  const valueIn = (run: Replayed, pair: Pair) =>
    (isEnd(pair) ? run.ends : run.values).get(pair.id)!;
  const first = replay(binding, { ...plan, wanted });
  try {
    for (let seed = 0; seed < RUNS; seed++) {
      const other = replay(binding, { ...plan, wanted, rounding: { by, seed } });
      try {
        const compared = pairs.map((pair) => ({
          ...{ label: pair.label, actual: valueIn(other, pair), expected: valueIn(first, pair) },
        }));
        yield compareTensors(binding, compared, { noise }).map(({ relative }) => relative);
      } finally {
        other.dispose();
      }
    }
  } finally {
    first.dispose();
  }
}

/** The largest of them; NaN is larger than any number. */
function largest(differences: readonly Difference[]): Difference {
  const none = { label: "", relative: 0 };
  return differences.reduce(
    (a, b) => Number.isNaN(a.relative) || b.relative <= a.relative ? a : b,
    none,
  );
}
