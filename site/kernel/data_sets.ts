/** What a learner is told of a data set while it is fetched. */

const names: Record<string, string> = {
  "mnist": "MNIST (LeCun, Cortes and Burges; licence CC BY-SA 3.0)",
  "cifar10": "CIFAR-10 (Krizhevsky, 2009; its authors name no licence)",
};

/** The data set and the part of it that lies at a path of the course's folder: `data/cifar10/…`. */
export function describe(path: string): string {
  const [, dataSet, ...part] = path.split("/");
  return `${names[dataSet] ?? dataSet}, ${part.join("/")}, kept in this browser then`;
}
