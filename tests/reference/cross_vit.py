"""Writes cross_vit.json: CrossViT (arXiv 2103.14899) as PyTorch computes it.

The model is written from the paper, section 3, with the class tokens' maps as in the authors' code:
LayerNorm, GELU, Linear.
"""

import torch
from torch import nn
from torch.nn import functional as F

from common import filled, images_in, named, noise, tensor, write
from transformer import BLOCK, Block, patchify

torch.manual_seed(22)
torch.set_default_dtype(torch.float64)


class Fusion(nn.Module):
    def __init__(self, width, other_width, heads):
        super().__init__()
        self.there_norm, self.there = nn.LayerNorm(width), nn.Linear(width, other_width)
        self.norm = nn.LayerNorm(other_width)
        self.heads = heads
        self.query = nn.Linear(other_width, other_width)
        self.key_value = nn.Linear(other_width, 2 * other_width)
        self.output = nn.Linear(other_width, other_width)
        self.back_norm, self.back = nn.LayerNorm(other_width), nn.Linear(other_width, width)

    def forward(self, own, other):
        token = self.there(F.gelu(self.there_norm(own[:, :1])))
        tokens = self.norm(torch.cat([token, other[:, 1:]], 1))
        split = lambda x: x.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        key, value = self.key_value(tokens).chunk(2, -1)
        attended = F.scaled_dot_product_attention(
            split(self.query(tokens[:, :1])), split(key), split(value)
        )
        token = token + self.output(attended.transpose(1, 2).flatten(2))
        return torch.cat([self.back(F.gelu(self.back_norm(token))), own[:, 1:]], 1)


class Branch(nn.Module):
    def __init__(self, patch_size, slots, channels, width, mlp_width, heads, depth, stages, other, classes):
        super().__init__()
        self.patch_size = patch_size
        self.projection = nn.Linear(patch_size**2 * channels, width)
        self.token = nn.Parameter(torch.randn(1, width))
        self.positions = nn.Parameter(torch.randn(slots + 1, width))
        self.encoders = nn.ModuleList(
            nn.Sequential(*(Block(width, mlp_width, heads) for _ in range(depth)))
            for _ in range(stages)
        )
        self.fusions = nn.ModuleList(Fusion(width, *other) for _ in range(stages))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def embed(self, images):
        patches = self.projection(patchify(images, self.patch_size))
        tokens = torch.cat([self.token.expand(len(patches), 1, -1), patches], 1)
        return tokens + self.positions

    def classify(self, tokens):
        return self.head(self.norm(tokens[:, 0]))


class CrossViT(nn.Module):
    def __init__(self, small, large):
        super().__init__()
        self.small, self.large = Branch(**small), Branch(**large)

    def forward(self, images):
        small, large = self.small.embed(images), self.large.embed(images)
        for stage in range(len(self.small.encoders)):
            a, b = self.small.encoders[stage](small), self.large.encoders[stage](large)
            small = self.small.fusions[stage](a, b)
            large = self.large.fusions[stage](b, a)
        return (self.small.classify(small) + self.large.classify(large)) / 2


def norm(ours, theirs):
    return {f"{ours}.scale": f"{theirs}.weight", f"{ours}.shift": f"{theirs}.bias"}


def branch_names(branch, stages, depth):
    names = named(f"{branch}.embedding.patches.projection", f"{branch}.projection")
    names[f"{branch}.embedding.classToken.token"] = f"{branch}.token"
    names[f"{branch}.embedding.positions.positions"] = f"{branch}.positions"
    for stage in range(stages):
        for index in range(depth):
            for ours, theirs in BLOCK.items():
                block = f"{branch}.encoders.{stage}.blocks.{index}.{ours}"
                names[block] = f"{branch}.encoders.{stage}.{index}.{theirs}"
        fusion = f"{branch}.fusions.{stage}"
        for way in ("there", "back"):
            names |= norm(f"{fusion}.{way}.layers.0", f"{fusion}.{way}_norm")
            names |= named(f"{fusion}.{way}.layers.2", f"{fusion}.{way}")
        names |= norm(f"{fusion}.norm", f"{fusion}.norm")
        names |= named(f"{fusion}.attention.query", f"{fusion}.query")
        names |= named(f"{fusion}.attention.keyValue", f"{fusion}.key_value")
        names |= named(f"{fusion}.attention.output", f"{fusion}.output")
    return {**names, **norm(f"{branch}.norm", f"{branch}.norm"), **named(f"{branch}.head")}


common = {"channels": 2, "stages": 2, "classes": 5}
small = {"patch_size": 2, "slots": 16, "width": 6, "mlp_width": 7, "heads": 2, "depth": 1}
large = {"patch_size": 4, "slots": 4, "width": 12, "mlp_width": 9, "heads": 3, "depth": 2}
model = CrossViT(
    {**small, **common, "other": (12, 3)},
    {**large, **common, "other": (6, 2)},
)
names = {**branch_names("small", 2, 1), **branch_names("large", 2, 2)}

resized = F.interpolate(
    images_in(noise(30 * 30 * 2, 3).reshape(1, 30, 30, 2)), size=(28, 28), mode="bilinear"
)
write(
    "cross_vit.json",
    {
        "CrossViT": filled(model, names, [3, 8, 8, 2]),
        "resized": {"corner": tensor(resized[0, :, :4, :5].permute(1, 2, 0))},
    },
)
