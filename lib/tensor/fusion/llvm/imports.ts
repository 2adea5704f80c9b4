/**
 * Functions of other libraries that compiled code calls. It is no library itself that a loader would link: it
 * keeps their addresses in variables, which are filled when it is loaded.
 */

/** By name: the result's type and the parameters' types. */
export interface Imports {
  readonly [name: string]: readonly [result: string, parameters: string];
}

/** The variable that holds a function's address. */
export const importVariable = (name: string) => `import_${name}`;

/**
 * The variables, and one function for each that calls what its variable holds. They are hidden, so that code
 * refers to them by their distance.
 */
export function importText(imports: Imports): string {
  return Object.entries(imports).map(([name, [result, parameters]]) => {
    const types = parameters === "" ? [] : parameters.split(", ");
    const given = types.map((type, at) => `${type} %${at}`).join(", ");
    const call = `call ${result} %address(${given})`;
    return [
      `@${importVariable(name)} = hidden global ptr null`,
      `define internal ${result} @${name}(${given}) alwaysinline {`,
      `  %address = load ptr, ptr @${importVariable(name)}`,
      ...result === "void" ? [`  ${call}`, "  ret void"] : [
        `  %result = ${call}`,
        `  ret ${result} %result`,
      ],
      "}",
    ].join("\n");
  }).join("\n");
}
