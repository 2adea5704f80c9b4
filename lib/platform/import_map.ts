/** The setting in a deno.json that names an import map. A deno.json may have comments. */
export const importMapSetting = /"importMap"\s*:\s*("(?:[^"\\]|\\.)*")/;
