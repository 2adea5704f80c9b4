/** The setting in a deno.json that names an import map. A deno.json may have comments. */
export const importMapSetting = /"importMap"\s*:\s*("(?:[^"\\]|\\.)*")/;

/** Where an installation has the import map that homes name; one whose set-up is older has only its own. */
export const importMaps = ["/.venv/import_map.json", "/import_map.json"] as const;
