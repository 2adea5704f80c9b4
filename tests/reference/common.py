"""What the reference scripts share: a module's values and gradients in Tessera's layout, as JSON."""

import json
import math
from pathlib import Path

import torch


def images_in(x):
    """[B, height, width, C] → [B, C, height, width]"""
    return x.permute(0, 3, 1, 2).contiguous()


def images_out(x):
    """[B, C, height, width] → [B, height, width, C]"""
    return x.permute(0, 2, 3, 1).contiguous()


def named(ours, theirs=None):
    """The weight and bias of a layer under the same path, or under another in PyTorch."""
    theirs = ours if theirs is None else theirs
    return {
        ".".join(filter(None, [ours, kind])): ".".join(filter(None, [theirs, kind]))
        for kind in ("weight", "bias")
    }


def short(x):
    """Two decimals, so that what is given needs few characters and is the same on both sides."""
    return x.detach().mul(100).round().div(100)


def tensor(x):
    """A tensor as shape and values, to 6 digits."""
    values = (float(f"{value:.6g}") for value in x.detach().flatten().tolist())
    return {
        "shape": list(x.shape),
        "values": [int(value) if value.is_integer() else value for value in values],
    }


def jittered(module):
    """Moves parameters away from first values that would hide mistakes (ones, zeros)."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(short(parameter + 0.3 * torch.randn_like(parameter)))
    return module


def weight(path, x):
    """A parameter in Tessera's layout."""
    if x.ndim == 4:
        return x.permute(2, 3, 1, 0)
    return x.T if x.ndim == 2 and path.endswith("weight") else x


class Case:
    """One module with one input: `names` maps Tessera's parameter paths to PyTorch's."""

    def __init__(self, module, x, names, images=False, buffers=None):
        self.module, self.x, self.names = jittered(module), x, names
        self.images = images
        self.buffers = buffers or {}

    def _buffers(self):
        theirs = dict(self.module.named_buffers())
        return {ours: tensor(theirs[name]) for ours, name in self.buffers.items()}

    def record(self):
        theirs = dict(self.module.named_parameters())
        assert set(theirs) == set(self.names.values()), set(theirs) ^ set(self.names.values())
        ours = {path: theirs[name] for path, name in self.names.items()}
        before = self._buffers()
        self.module.zero_grad()
        x = short(self.x).requires_grad_()
        y = self.module(x)
        cotangent = short(torch.randn_like(y))
        (y * cotangent).sum().backward()
        out = images_out if self.images else lambda value: value
        record = {
            "input": tensor(out(x)),
            "cotangent": tensor(out(cotangent)),
            "parameters": {path: tensor(weight(path, p)) for path, p in ours.items()},
            "output": tensor(out(y)),
            "inputGradient": tensor(out(x.grad)),
            "parameterGradients": {path: tensor(weight(path, p.grad)) for path, p in ours.items()},
        }
        if self.buffers:
            record |= {"buffers": before, "buffersAfter": self._buffers()}
        return record


def noise(size, phase):
    """The same numbers in [−1, 1) here and in the test, so that none need be stored."""
    x = torch.sin(torch.arange(size, dtype=torch.float64) * 12.9898 + phase * 78.233) * 43758.5453
    return 2 * (x - x.floor()) - 1


def filled(module, names, shape):
    """A model too large to store, with one input of images `[B, height, width, C]`.

    Its parameters are noise, numbered by the order of their paths. Recorded are the output, and of
    the gradients of sum(output · noise) with respect to each parameter its sum of products with noise
    and its norm.
    """
    theirs = dict(module.named_parameters())
    assert set(theirs) == set(names.values()), set(theirs) ^ set(names.values())
    paths = sorted(names)
    with torch.no_grad():
        for phase, path in enumerate(paths):
            p = theirs[names[path]]
            ours = weight(path, p)  # a view of the parameter
            values = noise(p.numel(), phase).reshape(ours.shape)
            if p.ndim == 1:
                ours.copy_(0.2 * values + (1 if path.endswith("scale") else 0))
            else:
                ours.copy_(values * math.sqrt(3 / math.prod(ours.shape[:-1])))
    x = images_in(noise(math.prod(shape), 1000).reshape(shape))
    y = module(x)
    (y * noise(y.numel(), 1001).reshape(y.shape)).sum().backward()
    gradients = {path: weight(path, theirs[names[path]].grad) for path in paths}
    projections = [
        (gradient * noise(gradient.numel(), 2000 + phase).reshape(gradient.shape)).sum()
        for phase, gradient in enumerate(gradients.values())
    ]
    return {
        "input": shape,
        "parameters": {path: list(gradient.shape) for path, gradient in gradients.items()},
        "output": tensor(y),
        "projections": tensor(torch.stack(projections)),
        "norms": tensor(torch.stack([gradient.norm() for gradient in gradients.values()])),
    }


def write(name, cases):
    path = Path(__file__).parent / name
    lines = (f"{json.dumps(key)}: {json.dumps(case, separators=(',', ':'))}" for key, case in cases.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size} bytes")
