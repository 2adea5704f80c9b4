/**
 * A Python program that is TensorBoard. Left to itself TensorBoard imports TensorFlow, which takes ten
 * seconds and half a gigabyte; where it finds the module `notf` it does without, and scalars, images
 * and graphs need nothing of it.
 *
 * Bound to this machine it would answer every user of it, and a page of the internet that lets its own name point
 * here (DNS rebinding). So its address has a secret path, which is said to whoever starts it alone: neither the
 * list of processes nor the note for other TensorBoards, which would lie in the common `/tmp`, has it. For the
 * same reason it reads the logs itself; the program that it would have for that answers everybody.
 */
export const tensorBoardProgram = `
import os, secrets, sys, types
from urllib.parse import urlparse
sys.argv[0] = "tensorboard"
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
from tensorboard import program
from tensorboard.main import run_main

def tell_way_through_hub(self, server):
    service = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if service:
        address = urlparse(server.get_url())
        path = f"{service}proxy/{address.port}{address.path}"
        print(f"On this hub it is at {path}, after the hub's own address.", file=sys.stderr, flush=True)

program.TensorBoard._register_info = tell_way_through_hub
given = [word.split("=")[0] for word in sys.argv[1:]]
if "--path_prefix" not in given:
    sys.argv += ["--path_prefix", "/" + secrets.token_urlsafe(18)]
if "--load_fast" not in given:
    sys.argv += ["--load_fast", "false"]
run_main()
`;
