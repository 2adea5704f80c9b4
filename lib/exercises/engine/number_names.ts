/** What a number of a learner's code is called by the sizes that the task is about. */
import { number } from "./compare.ts";

/**
 * Gives for a number its value, and how it comes from the given ones where there is one way only:
 * "2 = √(`width` / `heads`)".
 */
export function numberNames(sizes: object): (value: number) => string {
  const named = Object.entries(sizes).filter((entry): entry is [string, number] =>
    typeof entry[1] === "number" && entry[1] > 1
  ).map(([name, value]) => ({ name: `\`${name}\``, value }));
  const plain = [
    ...named,
    ...named.flatMap((a) =>
      named.filter((b) => a !== b).flatMap((b) => [
        { name: `${a.name} / ${b.name}`, value: a.value / b.value },
        ...(named.indexOf(a) < named.indexOf(b)
          ? [{ name: `${a.name} · ${b.name}`, value: a.value * b.value }]
          : []),
      ])
    ),
  ];
  const all = plain.flatMap(({ name, value }) => [
    { name, value },
    { name: `√${/ /.test(name) ? `(${name})` : name}`, value: Math.sqrt(value) },
  ]);
  return (value) => {
    const fitting = all.filter((each) => Math.abs(each.value - value) < 1e-4 * each.value);
    const [{ name }] = fitting.length === 1 ? fitting : [{ name: "" }];
    return name === "" ? number(value) : `${number(value)} = ${name}`;
  };
}
