"""Writes nn.json: layers and a small Vision Transformer as PyTorch computes them.

Every case holds the input, the parameters, the output, and the gradients of sum(output · cotangent)
with respect to input and parameters, in Tessera's layout: images [B, height, width, C], linear weights
[in, out], convolution weights [height, width, in, out].
"""

import torch
from torch import nn

from common import Case, filled, images_in, named, short, write
from transformer import ATTENTION, BLOCK, Block, MultiHeadAttention, patchify

torch.manual_seed(20)
torch.set_default_dtype(torch.float64)


class VisionTransformer(nn.Module):
    def __init__(self, pool, patch_size, channels, width, mlp_width, heads, depth, slots, classes):
        super().__init__()
        self.pool, self.patch_size = pool, patch_size
        self.projection = nn.Linear(patch_size**2 * channels, width)
        if pool == "class":
            self.token = nn.Parameter(torch.randn(1, width))
        self.positions = nn.Parameter(torch.randn(slots, width))
        self.blocks = nn.ModuleList(Block(width, mlp_width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, images):
        x = self.projection(patchify(images, self.patch_size))
        if self.pool == "class":
            x = torch.cat([self.token.expand(len(x), 1, -1), x], 1)
        x = x + self.positions[: x.shape[1]]
        for block in self.blocks:
            x = block(x)
        x = x[:, 0] if self.pool == "class" else x.mean(1)
        return self.head(self.norm(x))


def transformer_names(depth, pool):
    names = named("embedding.patches.projection", "projection")
    if pool == "class":
        names["embedding.classToken.token"] = "token"
    names["embedding.positions.positions"] = "positions"
    for index in range(depth):
        for ours, theirs in BLOCK.items():
            names[f"blocks.{index}.{ours}"] = f"blocks.{index}.{theirs}"
    return {**names, "norm.scale": "norm.weight", "norm.shift": "norm.bias", **named("head")}


def image(*shape):
    """Random images of shape [B, height, width, C] in PyTorch's order."""
    return images_in(torch.randn(*shape))


NORM = {"scale": "weight", "shift": "bias"}
cases = {}


def add(name, module, x, names, **options):
    cases[name] = Case(module, x, names, **options).record()


add("Linear", nn.Linear(4, 3), torch.randn(2, 5, 4), named(""))
add("LayerNorm", nn.LayerNorm(6), torch.randn(2, 3, 6) * 3 + 1, NORM)
add("Gelu", nn.GELU(), torch.randn(3, 4) * 2, {})

for size, stride, padding, height, width in [
    (3, 1, 1, 4, 5),
    (3, 2, 1, 6, 5),
    (3, 2, 1, 4, 6),
    (1, 2, 0, 4, 5),
    (4, 2, 1, 6, 8),
    (5, 3, 2, 7, 6),
    (2, 3, 0, 6, 7),
]:
    add(
        f"Conv2d {size} {stride} {padding} {height}x{width}",
        nn.Conv2d(2, 3, size, stride=stride, padding=padding),
        image(2, height, width, 2),
        named(""),
        images=True,
    )

for size, stride, padding in [(2, 2, 0), (3, 2, 1)]:
    add(
        f"MaxPool2d {size} {stride} {padding}",
        nn.MaxPool2d(size, stride, padding),
        image(2, 6, 5, 3) - 2,
        {},
        images=True,
    )

norm = nn.BatchNorm2d(3, momentum=0.2)
norm.running_mean.copy_(short(torch.randn(3)))
norm.running_var.copy_(short(torch.rand(3) + 0.5))
STATISTICS = {"runningMean": "running_mean", "runningVariance": "running_var"}
add("BatchNorm2d training", norm, image(2, 3, 4, 3) * 2 + 1, NORM, images=True, buffers=STATISTICS)
add(
    "BatchNorm2d evaluation",
    norm.eval(),
    image(2, 3, 4, 3) * 2 + 1,
    NORM,
    images=True,
    buffers=STATISTICS,
)

add("MultiHeadAttention", MultiHeadAttention(6, 3), torch.randn(2, 5, 6), ATTENTION)
add("TransformerBlock", Block(6, 5, 2), torch.randn(2, 4, 6), BLOCK)

for pool, depth in (("class", 2), ("mean", 1)):
    model = VisionTransformer(pool, 2, 3, 6, 5, 2, depth, 8, 4)
    names = transformer_names(depth, pool)
    cases[f"VisionTransformer {pool}"] = filled(model, names, [3, 4, 6, 3])

write("nn.json", cases)
