/**
 * A Python program that is TensorBoard. Left to itself TensorBoard imports TensorFlow, which takes ten
 * seconds and half a gigabyte; where it finds the module `notf` it does without, and scalars, images
 * and graphs need nothing of it.
 */
export const tensorBoardProgram = `
import sys, types
sys.argv[0] = "tensorboard"
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
from tensorboard.main import run_main
run_main()
`;
