/** As much of `node:path` as notebooks use. */
import * as path from "../../lib/platform/paths.ts";
export * from "../../lib/platform/paths.ts";
export default path;
