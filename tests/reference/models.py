"""Writes models.json: residual and plain convolutional networks as PyTorch and torchvision compute them."""

import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from common import Case, filled, images_in, named, tensor, write

torch.manual_seed(21)
torch.set_default_dtype(torch.float64)


def convolution(inputs, outputs, size, stride=1, bias=False):
    return nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=bias)


class PaddedShortcut(nn.Module):
    def __init__(self, outputs, stride):
        super().__init__()
        self.outputs, self.stride = outputs, stride

    def forward(self, x):
        x = x[:, :, :: self.stride, :: self.stride]
        return F.pad(x, (0, 0, 0, 0, 0, self.outputs - x.shape[1]))


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride, shortcut):
        super().__init__()
        self.convolution1 = convolution(inputs, outputs, 3, stride)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.convolution2 = convolution(outputs, outputs, 3)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = (
                PaddedShortcut(outputs, stride)
                if shortcut == "pad"
                else nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))
            )

    def forward(self, x):
        y = self.norm1(self.convolution1(x)).relu()
        return (self.norm2(self.convolution2(y)) + self.shortcut(x)).relu()


class ResNet(nn.Module):
    def __init__(self, stem, widths, blocks, shortcut, classes):
        super().__init__()
        self.stem = convolution(3, widths[0], 7, 2) if stem == "imagenet" else convolution(3, widths[0], 3)
        self.stemNorm = nn.BatchNorm2d(widths[0])
        self.pool = nn.MaxPool2d(3, 2, 1) if stem == "imagenet" else nn.Identity()
        self.blocks, inputs = nn.ModuleList(), widths[0]
        for stage, (outputs, count) in enumerate(zip(widths, blocks)):
            for index in range(count):
                stride = 2 if stage > 0 and index == 0 else 1
                self.blocks.append(ResidualBlock(inputs, outputs, stride, shortcut))
                inputs = outputs
        self.head = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.pool(self.stemNorm(self.stem(x)).relu())
        for block in self.blocks:
            x = block(x)
        return self.head(x.mean((2, 3)))


class LastFlatten(nn.Module):
    """Flattens with the channels running fastest, as Tessera's images lie in memory."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


def plain_cnn(size, channels, width, classes, normalised, halving, head):
    """The network, and the names of its parameters."""
    layers, names = [], {}

    def add(layer, path=None):
        if path:
            kinds = ("scale", "shift") if isinstance(layer, nn.BatchNorm2d) else ("weight", "bias")
            for ours, theirs in zip(kinds, ("weight", "bias")):
                if getattr(layer, theirs) is not None:
                    names[f"{path}.{ours}"] = f"{len(layers)}.{theirs}"
        layers.append(layer)

    for index in range(3 if head == "mean" else 2):
        path = f"blocks.{index}"
        inputs = width if index else channels
        stride = 2 if halving == "stride" else 1
        add(convolution(inputs, width, 3, stride, not normalised), f"{path}.convolution")
        if normalised:
            add(nn.BatchNorm2d(width), f"{path}.norm")
        add(nn.ReLU())
        if halving == "pool":
            add(nn.MaxPool2d(2))
    if head == "mean":
        add(nn.AdaptiveAvgPool2d(1))
        add(nn.Flatten())
        add(nn.Linear(width, classes), "head.layers.1")
    else:
        add(LastFlatten())
        add(nn.Linear((size // 4) ** 2 * width, width), "head.layers.1")
        add(nn.ReLU())
        add(nn.Linear(width, classes), "head.layers.3")
    return nn.Sequential(*layers), names


def same_names(module):
    """Tessera's paths of a module that is named alike: norms have scale and shift, Sequential layers."""
    names = {}
    norms = {path for path, each in module.named_modules() if isinstance(each, nn.BatchNorm2d)}
    for path, _ in module.named_parameters():
        parent, kind = path.rsplit(".", 1)
        ours = {"weight": "scale", "bias": "shift"}[kind] if parent in norms else kind
        names[f"{parent.replace('shortcut.', 'shortcut.layers.')}.{ours}"] = path
    return names


def image(*shape):
    return images_in(torch.randn(*shape))


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


cases = {}
for shortcut in ("project", "pad"):
    block = ResidualBlock(2, 3, 2, shortcut)
    cases[f"ResidualBlock {shortcut}"] = Case(
        block, image(2, 6, 5, 2), same_names(block), images=True
    ).record()
block = ResidualBlock(2, 2, 1, "project")
cases["ResidualBlock identity"] = Case(
    block, image(2, 3, 4, 2), same_names(block), images=True
).record()

for stem, shortcut in (("imagenet", "project"), ("small", "pad")):
    model = ResNet(stem, [2, 3], [1, 2], shortcut, 4)
    size = (12, 14) if stem == "imagenet" else (6, 4)
    cases[f"ResNet {stem}"] = filled(model, same_names(model), [3, *size, 3])

for normalised, halving, head in (
    (False, "pool", "flatten"),
    (True, "pool", "flatten"),
    (True, "stride", "flatten"),
    (True, "stride", "mean"),
):
    model, names = plain_cnn(8, 2, 3, 4, normalised, halving, head)
    kind = "normalised" if normalised else "plain"
    cases[f"PlainCnn {kind} {halving} {head}"] = filled(model, names, [3, 8, 8, 2])


resnet18 = torchvision.models.resnet18(num_classes=10)


def torchvision_names(module):
    """Tessera's paths of torchvision's parameters."""
    names = {}
    for path in dict(module.named_parameters()):
        parent, kind = path.rsplit(".", 1)
        is_norm = isinstance(module.get_submodule(parent), nn.BatchNorm2d)
        kind = {"weight": "scale", "bias": "shift"}[kind] if is_norm else kind
        parts = parent.split(".")
        if parts[0].startswith("layer"):
            ours = f"blocks.{2 * (int(parts[0][5]) - 1) + int(parts[1])}"
            if parts[2] == "downsample":
                ours += f".shortcut.layers.{parts[3]}"
            else:
                ours += "." + parts[2].replace("conv", "convolution").replace("bn", "norm")
        else:
            ours = {"conv1": "stem", "bn1": "stemNorm", "fc": "head"}[parts[0]]
        names[f"{ours}.{kind}"] = path
    return names


extra = filled(resnet18, torchvision_names(resnet18), [3, 33, 35, 3])
extra["runningMean"] = tensor(resnet18.layer4[1].bn2.running_mean[:8])

counts = {"resNet18": count(torchvision.models.resnet18(num_classes=10))}
for depth in (8, 20, 56):
    n = (depth - 2) // 6
    counts[f"smallResNet {depth}"] = count(ResNet("small", [16, 32, 64], [n] * 3, "pad", 10))
for normalised, halving, head in (
    (False, "pool", "flatten"),
    (True, "pool", "flatten"),
    (True, "stride", "flatten"),
    (True, "stride", "mean"),
):
    kind = "normalised" if normalised else "plain"
    model, _ = plain_cnn(32, 3, 64, 10, normalised, halving, head)
    counts[f"PlainCnn {kind} {halving} {head}"] = count(model)

write("models.json", {**cases, "torchvision resnet18": extra, "counts": counts})
