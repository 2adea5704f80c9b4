/** tfjs-node calls two functions that current versions of Node's `util` no longer have. */
import util from "node:util";

const utilities = util as unknown as Record<string, unknown>;
utilities.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
utilities.isArray ??= Array.isArray;
