/**
 * A Python program that is TensorBoard. Left to itself TensorBoard imports TensorFlow, which takes ten
 * seconds and half a gigabyte; where it finds the module `notf` it does without, and scalars, images
 * and graphs need nothing of it.
 *
 * Bound to this machine alone, it answers only those who ask for this machine: a page of the internet may let
 * its own name point here (DNS rebinding), and would read the logs of whoever looks at it.
 */
export const tensorBoardProgram = `
import sys, types
sys.argv[0] = "tensorboard"
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")
from tensorboard.backend import application
from tensorboard.main import run_main

own = {"127.0.0.1", "localhost", "[::1]"}
answer = application.TensorBoardWSGI.__call__

def answer_own(self, environ, start_response):
    host = environ.get("HTTP_HOST", "")
    name = host[: host.index("]") + 1] if host.startswith("[") else host.split(":")[0]
    if name.lower() in own:
        return answer(self, environ, start_response)
    start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"TensorBoard is open to this machine alone: ask for 127.0.0.1."]

words = " ".join(sys.argv[1:]).replace("=", " ").split()
hosts = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "--host"]
if "--bind_all" not in words and all(host in own for host in hosts):
    application.TensorBoardWSGI.__call__ = answer_own
run_main()
`;
