/** What a schedule shows of itself: its curve over the steps that matter, or its ends in words. */
import { grouped, maximum } from "../display/numbers.ts";
import { smallCurves } from "../display/small_curves.ts";
import { showAs, type Shown } from "../platform/last_value.ts";
import { formatRate } from "./report.ts";
import type { Schedule } from "./schedules.ts";

const lengths = new WeakMap<Schedule, number>();
/** A schedule is asked for no more steps than these, and the picture has no more points. */
const mostSteps = 2000, mostPoints = 200;

/** The steps after which a schedule stays as it is; 1 for one that is not known. */
export function stepsOf(schedule: Schedule): number {
  return lengths.get(schedule) ?? 1;
}

/** Gives a schedule a name and its number of steps; a cell that ends with it then shows its curve. */
export function showSchedule(name: string, steps: number, schedule: Schedule): Schedule {
  lengths.set(schedule, Math.max(1, steps));
  showAs(schedule, () => describe(name, schedule));
  return schedule;
}

function describe(name: string, schedule: Schedule): Shown {
  const steps = Math.ceil(stepsOf(schedule));
  const shown = spread(steps, Math.min(mostSteps, Math.max(2, steps)));
  const rates = shown.map(schedule);
  const highest = maximum(rates);
  const isConstant = rates.every((rate) => rate === highest);
  const at = (rate: number, step: number) => `${formatRate(rate)} at step ${grouped(step)}`;
  const ends = [at(rates[0], 0), at(rates[rates.length - 1], steps - 1)].join(" to ");
  const words = isConstant
    ? `learning rate ${formatRate(highest)} at every step`
    : `learning rate from ${ends}, highest ${at(highest, shown[rates.indexOf(highest)])}`;
  return {
    text: `${name}: ${words}`,
    brief: `${name} schedule`,
    html: () =>
      `<div><b>${name}</b>: ${words}</div>` +
      (isConstant ? "" : smallCurves({
        series: {
          "learning rate": spread(rates.length, Math.min(mostPoints, rates.length))
            .map((at) => rates[at]),
        },
        from: 0,
        to: steps - 1,
        xLabel: "step",
        yLabel: "learning rate",
        words,
      })),
  };
}

/** So many whole numbers from 0 to `end - 1`, evenly, both ends among them. */
function spread(end: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => Math.round(at * (end - 1) / (count - 1)));
}
