"""The models of cases.ts in PyTorch, as its users write them, with as many parameters."""

import math

import torch
from torch import nn
from torch.nn import functional


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride, project):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.project = None
        self.extra, self.stride = outputs - inputs, stride
        if project and (stride != 1 or inputs != outputs):
            self.project = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def shortcut(self, x):
        if self.project is not None:
            return self.project(x)
        if self.extra == 0 and self.stride == 1:
            return x
        before = self.extra // 2
        strided = x[:, :, :: self.stride, :: self.stride]
        return functional.pad(strided, (0, 0, 0, 0, before, self.extra - before))

    def forward(self, x):
        y = functional.relu(self.first_norm(self.first(x)))
        return functional.relu(self.second_norm(self.second(y)) + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, widths, blocks, imagenet_stem, project):
        super().__init__()
        stem = (
            [nn.Conv2d(3, widths[0], 7, 2, 3, bias=False)]
            if imagenet_stem
            else [nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)]
        )
        stem += [nn.BatchNorm2d(widths[0]), nn.ReLU()]
        if imagenet_stem:
            stem.append(nn.MaxPool2d(3, 2, 1))
        layers, inputs = stem, widths[0]
        for stage, outputs in enumerate(widths):
            for index in range(blocks):
                stride = 2 if stage > 0 and index == 0 else 1
                layers.append(ResidualBlock(inputs, outputs, stride, project))
                inputs = outputs
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(inputs, 10)

    def forward(self, x):
        return self.head(self.layers(x).mean((2, 3)))


def plain_cnn(width=64):
    """Two blocks of convolution, ReLU and pooling, and two linear maps."""
    block = lambda inputs: [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    head = [nn.Flatten(), nn.Linear(8 * 8 * width, width), nn.ReLU(), nn.Linear(width, 10)]
    return nn.Sequential(*block(3), *block(width), *head)


def patches(x, size):
    """[B, C, height, width] -> [B, tokens, size * size * C]"""
    batch, channels, height, width = x.shape
    x = x.reshape(batch, channels, height // size, size, width // size, size)
    return x.permute(0, 2, 4, 3, 5, 1).reshape(batch, -1, size * size * channels)


class Block(nn.Module):
    def __init__(self, width, mlp_width, heads, rate):
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.mlp_norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, mlp_width),
            nn.GELU(),
            nn.Dropout(rate),
            nn.Linear(mlp_width, width),
            nn.Dropout(rate),
        )

    def forward(self, x):
        y = self.attention_norm(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.mlp_norm(x))


class TokenEmbedding(nn.Module):
    """Patches mapped to tokens, a class token before them, positions added."""

    def __init__(self, patch, channels, width, slots):
        super().__init__()
        self.patch = patch
        self.projection = nn.Linear(channels * patch**2, width)
        self.class_token = nn.Parameter(torch.randn(1, 1, width))
        self.positions = nn.Parameter(torch.randn(1, 1 + slots, width))

    def forward(self, x):
        tokens = self.projection(patches(x, self.patch))
        tokens = torch.cat([self.class_token.expand(len(x), -1, -1), tokens], 1)
        return tokens + self.positions[:, : tokens.shape[1]]


class VisionTransformer(nn.Module):
    def __init__(self, size, channels, width, mlp_width, heads, depth, positions=None):
        super().__init__()
        self.embedding = TokenEmbedding(4, channels, width, positions or (size // 4) ** 2)
        self.dropout = nn.Dropout(0.1)
        self.blocks = nn.Sequential(*[Block(width, mlp_width, heads, 0.1) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        x = self.dropout(self.embedding(x))
        return self.head(self.norm(self.blocks(x)[:, 0]))


class CrossAttention(nn.Module):
    """Attention whose only query is the first token's: [B, T, D] -> [B, 1, D]."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.output = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        split = lambda y: y.reshape(batch, -1, self.heads, width // self.heads).transpose(1, 2)
        key, value = (split(part) for part in self.key_value(x).chunk(2, -1))
        y = functional.scaled_dot_product_attention(split(self.query(x[:, :1])), key, value)
        return self.output(y.transpose(1, 2).reshape(batch, 1, width))


class CrossFusion(nn.Module):
    """Lets a branch's class token look at the other branch's patches."""

    def __init__(self, width, other_width, heads):
        super().__init__()
        change = lambda a, b: nn.Sequential(nn.LayerNorm(a), nn.GELU(), nn.Linear(a, b))
        self.there, self.back = change(width, other_width), change(other_width, width)
        self.norm = nn.LayerNorm(other_width)
        self.attention = CrossAttention(other_width, heads)

    def forward(self, own, other):
        class_token = self.there(own[:, :1])
        tokens = torch.cat([class_token, other[:, 1:]], 1)
        gathered = class_token + self.attention(self.norm(tokens))
        return torch.cat([self.back(gathered), own[:, 1:]], 1)


class CrossVitBranch(nn.Module):
    def __init__(self, patch, width, other_width, heads, depth, stages):
        super().__init__()
        self.embedding = TokenEmbedding(patch, 3, width, (32 // patch) ** 2)
        block = lambda: Block(width, 4 * width, heads, 0)
        self.encoders = nn.ModuleList(
            nn.Sequential(*[block() for _ in range(depth)]) for _ in range(stages)
        )
        self.fusions = nn.ModuleList(
            CrossFusion(width, other_width, heads) for _ in range(stages)
        )
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 10)


class CrossVit(nn.Module):
    """CrossViT (arXiv 2103.14899) for images of 32x32."""

    def __init__(self):
        super().__init__()
        self.small = CrossVitBranch(4, 96, 192, 3, 1, 2)
        self.large = CrossVitBranch(8, 192, 96, 3, 2, 2)

    def forward(self, x):
        small, large = self.small.embedding(x), self.large.embedding(x)
        for stage, (encode_small, encode_large) in enumerate(
            zip(self.small.encoders, self.large.encoders)
        ):
            own_small, own_large = encode_small(small), encode_large(large)
            small = self.small.fusions[stage](own_small, own_large)
            large = self.large.fusions[stage](own_large, own_small)
        branches = [(self.small, small), (self.large, large)]
        return sum(branch.head(branch.norm(tokens[:, 0])) for branch, tokens in branches) / 2


class LearnersBlock(nn.Module):
    """As learners_vit.ts: of torch's operations alone."""

    def __init__(self, width, hidden, heads, keep=0.9):
        super().__init__()
        weight = lambda rows, columns: nn.Parameter(torch.randn(rows, columns) * rows**-0.5)
        self.heads, self.keep = heads, keep
        self.attention_scale = nn.Parameter(torch.ones(width))
        self.attention_shift = nn.Parameter(torch.zeros(width))
        self.mlp_scale = nn.Parameter(torch.ones(width))
        self.mlp_shift = nn.Parameter(torch.zeros(width))
        self.qkv, self.out = weight(width, 3 * width), weight(width, width)
        self.up, self.down = weight(width, hidden), weight(hidden, width)
        self.up_bias = nn.Parameter(torch.zeros(hidden))

    def norm(self, x, scale, shift):
        mean = x.mean(-1, keepdim=True)
        variance = x.var(-1, keepdim=True, unbiased=False)
        return (x - mean) / torch.sqrt(variance + 1e-5) * scale + shift

    def dropout(self, x):
        if not self.training:
            return x
        return x * torch.bernoulli(torch.full_like(x, self.keep)) / self.keep

    def attend(self, x):
        batch, tokens, width = x.shape
        heads = (x @ self.qkv).reshape(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = heads.permute(2, 0, 3, 1, 4).unbind()
        scores = q @ k.transpose(-2, -1) / math.sqrt(width / self.heads)
        e = torch.exp(scores - scores.max(-1, keepdim=True).values)
        shares = e / e.sum(-1, keepdim=True)
        mixed = (self.dropout(shares) @ v).transpose(1, 2)
        return mixed.reshape(batch, tokens, width) @ self.out

    def mlp(self, x):
        y = x @ self.up + self.up_bias
        gelu = y * 0.5 * (torch.erf(y / math.sqrt(2)) + 1)
        return self.dropout(gelu) @ self.down

    def forward(self, x):
        y = x + self.dropout(self.attend(self.norm(x, self.attention_scale, self.attention_shift)))
        return y + self.dropout(self.mlp(self.norm(y, self.mlp_scale, self.mlp_shift)))


class LearnersVit(nn.Module):
    def __init__(self, width, heads, depth, hidden):
        super().__init__()
        self.patches = nn.Parameter(torch.randn(16, width) / 4)
        self.positions = nn.Parameter(torch.randn(49, width) * 0.02)
        self.head = nn.Parameter(torch.randn(width, 10) * width**-0.5)
        self.blocks = nn.Sequential(*[LearnersBlock(width, hidden, heads) for _ in range(depth)])

    def forward(self, x):
        tokens = patches(x, 4) @ self.patches + self.positions
        return self.blocks(tokens).mean(1) @ self.head


CASES = {
    "ResNet-18": lambda: ResNet([64, 128, 256, 512], 2, True, True),
    "ResNet-20": lambda: ResNet([16, 32, 64], 3, False, False),
    "ViT, MNIST": lambda: VisionTransformer(28, 1, 64, 128, 4, 3, 64),
    "ViT, CIFAR-10": lambda: VisionTransformer(32, 3, 256, 512, 8, 6),
    "a learner's own ViT, MNIST size": lambda: LearnersVit(64, 4, 3, 128),
    "a learner's own ViT, width 256": lambda: LearnersVit(256, 8, 2, 512),
    "CrossViT, CIFAR size": CrossVit,
    "plain CNN, CIFAR size": plain_cnn,
}

ON_MNIST = {
    "ViT, MNIST",
    "a learner's own ViT, MNIST size",
    "a learner's own ViT, width 256",
}
WITH_CONVOLUTIONS = {"ResNet-18", "ResNet-20", "plain CNN, CIFAR size"}
