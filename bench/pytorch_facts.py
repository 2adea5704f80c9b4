"""What PyTorch is here, as JSON: its version, the instructions of its kernels, and what torch.compile lacks.

What MKL and oneDNN log of themselves comes before it (MKL_VERBOSE, ONEDNN_VERBOSE).
"""

import json
import sys

import torch


def missing_for_compile():
    """Why torch.compile cannot be had here; None where it can."""
    try:
        torch.compile(lambda x: torch.sin(x) + 1)(torch.ones(64))
        return None
    except Exception as error:  # of many kinds, by version
        name = type(error).__name__
        found = ["InvalidCxxCompiler" in f"{name} {error}", "No such file" in str(error)]
        return "no C++ compiler" if any(found) else f"{name}: {str(error).splitlines()[0][:120]}"


a = torch.randn(64, 64)
a @ a
images = torch.randn(8, 16, 16, 16).to(memory_format=torch.channels_last)
torch.nn.functional.conv2d(images, torch.randn(16, 16, 3, 3), padding=1)
facts = {
    "version": torch.__version__,
    "capability": torch.backends.cpu.get_cpu_capability(),
    "compile": missing_for_compile() if "--compile" in sys.argv else "left out",
}
print(json.dumps(facts))
