/**
 * Programs that a cell waits for in one call. The door ends them at Stop; what V8 is to do then, it does at the next
 * call of a function, which would be after the cell's next statement.
 */
export function obeyAfterPrograms(): void {
  const { prototype } = Deno.Command;
  const { outputSync } = prototype;
  const obey = () => {};
  prototype.outputSync = function () {
    const output = outputSync.call(this);
    obey();
    return output;
  };
}
