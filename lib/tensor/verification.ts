/** Whether a compiled run did what the eager run did, values, gradients and updates alike. */
import type { Binding, Pointer } from "./binding.ts";
import { compareTensors, type Difference, type TensorPair } from "./compare_tensors.ts";
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
 * How far off a value may be that a run starts from: a rounded float32; what our own kernels for convolutions lose in
 * their transforms, and what a card's do, which eager and compiled run may take different ones of; a factor in TF32.
 */
const ROUNDING = { cpu: 2 ** -24, transforms: 2 ** -22, gpu: 2 ** -20, tf32: 2 ** -11 };

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
  /** Whether the compiled run, and it alone, has convolutions by transforms. */
  transforms: boolean;
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
  const { nodes, roots, compiled, states, transforms } = runs;
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
    { transforms },
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
  transforms?: boolean;
}

/**
 * Throws a Hazard where a pair differs by more than rounding explains. Only where one differs by more than
 * is usual do the recorded ops run again, to see what rounding can do.
 */
function judge(
  binding: Binding,
  pairs: readonly Pair[],
  plan: Omit<ReplayPlan, "wanted">,
  { noise = true, transforms = false }: Judging = {},
): Agreement {
  const differences = compareTensors(binding, pairs, { noise });
  const worst = largest(differences);
  if (worst.relative <= TOLERANCE) {
    return { largestDifference: worst.relative, allowedDifference: TOLERANCE };
  }
  let allowed = pairs.map(() => TOLERANCE);
  const wrong = () => differences.findIndex(({ relative }, at) => !(relative <= allowed[at]));
  for (const spreads of spreadsOf(binding, pairs, plan, { noise, transforms })) {
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

/** How far each run of the recorded ops lies from theirs that starts from values rounded otherwise. */
function* spreadsOf(
  binding: Binding,
  pairs: readonly Pair[],
  plan: Omit<ReplayPlan, "wanted">,
  { noise, transforms }: Required<Judging>,
): Generator<number[]> {
  const isEnd = ({ id }: Pair) => plan.updates && plan.roots.has(id);
  const wanted = pairs.filter((pair) => !isEnd(pair)).map(({ id }) => id);
  const onProcessor = transforms ? "transforms" : "cpu";
  const by = ROUNDING[
    !binding.isUsingGpuDevice() ? onProcessor : precision() === "tf32" ? "tf32" : "gpu"
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

function largest(differences: readonly Difference[]): Difference {
  const none = { label: "", relative: 0 };
  return differences.reduce((a, b) => b.relative <= a.relative ? a : b, none);
}
