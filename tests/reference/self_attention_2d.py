"""Writes lib/exercises/grid/self_attention_values.ts and grid_vision_transformer.json.

The first holds what PyTorch's nn.MultiheadAttention gives over the tokens of a grid, for inputs and
weights that the check makes by the same formula (lib/exercises/engine/samples.ts); the second a small Vision
Transformer over a grid, in the form of nn.json's.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from common import filled, named, write
from transformer import BLOCK, Block, patchify

torch.manual_seed(20)
torch.set_default_dtype(torch.float64)

# The sizes of the check's grid: batch, height, width, features.
SHAPE = (2, 2, 3, 8)


def sample(shape, seed, low, high):
    """lib/exercises/engine/samples.ts: xorshift32 from seed · 2654435761, as float32."""
    state = (seed * 2654435761) & 0xFFFFFFFF
    values = []
    for _ in range(int(np.prod(shape))):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        values.append(low + (high - low) * (state / 4294967296))
    return torch.from_numpy(np.array(values, np.float32).reshape(shape)).double()


def attention(heads):
    batch, height, width, features = SHAPE
    module = nn.MultiheadAttention(features, heads, batch_first=True)
    shapes = [(features, 3 * features), (3 * features,), (features, features), (features,)]
    weights = [sample(shape, index + 11, -0.6, 0.6) for index, shape in enumerate(shapes)]
    with torch.no_grad():
        module.in_proj_weight.copy_(weights[0].T)
        module.in_proj_bias.copy_(weights[1])
        module.out_proj.weight.copy_(weights[2].T)
        module.out_proj.bias.copy_(weights[3])
        x = sample(SHAPE, 22, -2, 2).reshape(batch, height * width, features)
        return module(x, x, x, need_weights=False)[0]


def rows(output):
    """One line a token, batch after batch, in reading order."""
    return "\n".join(" ".join(f"{value:.6f}" for value in row) for row in output.flatten(0, 1))


path = Path(__file__).parents[2] / "lib" / "exercises" / "grid" / "self_attention_values.ts"
path.write_text(f'''\
/**
 * What PyTorch's `nn.MultiheadAttention` gives for the inputs and weights of `checkSelfAttention2d`, by the
 * number of heads: one line a token. Written by tests/reference/self_attention_2d.py.
 */
export const pyTorchValues: Readonly<Record<number, string>> = {{
  1: `
{rows(attention(1))}
`,
  4: `
{rows(attention(4))}
`,
}};
''')


class GridVisionTransformer(nn.Module):
    def __init__(self, patch_size, side, width, mlp_width, heads, depth, classes):
        super().__init__()
        self.patch_size = patch_size
        self.projection = nn.Linear(patch_size**2 * 3, width)
        self.positions = nn.Parameter(torch.randn(side, side, width))
        self.blocks = nn.ModuleList(Block(width, mlp_width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, images):
        x = self.projection(patchify(images, self.patch_size)) + self.positions.flatten(0, 1)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x).mean(1))


names = {**named("projection"), "positions": "positions"}
for index in range(2):
    names |= {f"blocks.{index}.{ours}": f"blocks.{index}.{theirs}" for ours, theirs in BLOCK.items()}
names |= {"norm.scale": "norm.weight", "norm.shift": "norm.bias", **named("head")}
model = GridVisionTransformer(2, 3, 6, 5, 2, 2, 4)
write("grid_vision_transformer.json", {"GridVisionTransformer": filled(model, names, [2, 6, 6, 3])})
