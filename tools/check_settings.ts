/** What `tessera` has run before a command's program is even loaded: silly settings end it, in a line each. */
import { unknownSettings, wrongSettings } from "./settings.ts";

const environment = Deno.env.toObject();
for (const note of unknownSettings(environment)) console.error(`tessera: ${note}`);
const wrong = wrongSettings(environment);
for (const line of wrong) console.error(`tessera: ${line}`);
if (wrong.length > 0) Deno.exit(2);
