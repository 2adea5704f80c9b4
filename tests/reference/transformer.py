"""A pre-LN transformer block in PyTorch, and the paths of its parameters in Tessera."""

from torch import nn

from common import named


class MultiHeadAttention(nn.Module):
    """nn.MultiheadAttention with one input."""

    def __init__(self, width, heads):
        super().__init__()
        self.inner = nn.MultiheadAttention(width, heads, batch_first=True)

    def forward(self, x):
        return self.inner(x, x, x, need_weights=False)[0]


ATTENTION = {
    "qkv.weight": "inner.in_proj_weight",
    "qkv.bias": "inner.in_proj_bias",
    "output.weight": "inner.out_proj.weight",
    "output.bias": "inner.out_proj.bias",
}


class Block(nn.Module):
    def __init__(self, width, mlp_width, heads):
        super().__init__()
        self.attentionNorm = nn.LayerNorm(width)
        self.attention = MultiHeadAttention(width, heads)
        self.mlpNorm = nn.LayerNorm(width)
        self.mlp = nn.ModuleDict(
            {"hidden": nn.Linear(width, mlp_width), "output": nn.Linear(mlp_width, width)}
        )

    def forward(self, x):
        x = x + self.attention(self.attentionNorm(x))
        hidden = nn.functional.gelu(self.mlp["hidden"](self.mlpNorm(x)))
        return x + self.mlp["output"](hidden)


BLOCK = {
    "attentionNorm.scale": "attentionNorm.weight",
    "attentionNorm.shift": "attentionNorm.bias",
    **{f"attention.{ours}": f"attention.{theirs}" for ours, theirs in ATTENTION.items()},
    "mlpNorm.scale": "mlpNorm.weight",
    "mlpNorm.shift": "mlpNorm.bias",
    **named("mlp.hidden"),
    **named("mlp.output"),
}


def patchify(images, size):
    """[B, C, height, width] → [B, N, p·p·C], rows of pixels with their channels last."""
    batch, channels, height, width = images.shape
    x = images.reshape(batch, channels, height // size, size, width // size, size)
    return x.permute(0, 2, 4, 3, 5, 1).flatten(1, 2).flatten(2)
