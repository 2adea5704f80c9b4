"""PyTorch's side of the benchmark: the same models, work and answers as worker.ts.

    python pytorch_worker.py CASE KIND IMAGES DATA [WORKERS [DEVICE [PRECISION [compiled]]]]

KIND is step, epoch or inference. DATA is the folder of raw images that main.ts writes for epochs. DEVICE is
cpu or cuda, PRECISION float32 or tf32; "compiled" uses torch.compile.
"""

import json
import os
import resource
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

arguments = dict(enumerate(sys.argv))
device, precision = arguments.get(6, "cpu"), arguments.get(7, "float32")
torch.set_default_device(device)
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
torch.backends.cudnn.benchmark = True
torch.manual_seed(1)
torch.set_num_threads(int(os.environ.get("TESSERA_THREADS", os.cpu_count())))
BATCH = int(os.environ.get("TESSERA_BENCH_BATCH") or 128)


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


class VisionTransformer(nn.Module):
    def __init__(self, size, channels, width, mlp_width, heads, depth, positions=None):
        super().__init__()
        self.patch = 4
        self.tokens = (size // self.patch) ** 2
        self.embedding = nn.Linear(channels * self.patch**2, width)
        self.class_token = nn.Parameter(torch.randn(1, 1, width))
        self.positions = nn.Parameter(torch.randn(1, 1 + (positions or self.tokens), width))
        self.dropout = nn.Dropout(0.1)
        self.blocks = nn.Sequential(*[Block(width, mlp_width, heads, 0.1) for _ in range(depth)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        batch, channels, height, width = x.shape
        p = self.patch
        x = x.reshape(batch, channels, height // p, p, width // p, p)
        x = x.permute(0, 2, 4, 3, 5, 1).reshape(batch, self.tokens, p * p * channels)
        x = torch.cat([self.class_token.expand(batch, -1, -1), self.embedding(x)], 1)
        x = self.dropout(x + self.positions[:, : 1 + self.tokens])
        return self.head(self.norm(self.blocks(x)[:, 0]))


CASES = {
    "ResNet-18": lambda: ResNet([64, 128, 256, 512], 2, True, True),
    "ResNet-20": lambda: ResNet([16, 32, 64], 3, False, False),
    "ViT, MNIST": lambda: VisionTransformer(28, 1, 64, 128, 4, 3, 64),
    "ViT, CIFAR-10": lambda: VisionTransformer(32, 3, 256, 512, 8, 6),
}

case, kind = sys.argv[1:3]
is_mnist = case == "ViT, MNIST"
shape = (1, 28, 28) if is_mnist else (3, 32, 32)
model = CASES[case]()
if arguments.get(8) == "compiled":
    model.compile()


def finish():
    """A graphics card works on by itself after a call."""
    if device == "cuda":
        torch.cuda.synchronize()


def timed(count, piece):
    milliseconds = []
    for _ in range(count):
        begun = time.perf_counter()
        piece()
        finish()
        milliseconds.append((time.perf_counter() - begun) * 1e3)
    return milliseconds


def make_optimizer():
    if case == "ResNet-18":
        return torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    return torch.optim.AdamW(model.parameters(), 3e-4)


def train_step(optimizer, images, labels):
    optimizer.zero_grad(set_to_none=True)
    loss = functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def step_runner(layout):
    global model
    model = model.to(memory_format=layout).train()
    images = torch.randn(BATCH, *shape).to(memory_format=layout)
    labels = torch.randint(0, 10, (BATCH,))
    optimizer = make_optimizer()
    return lambda count: timed(count, lambda: train_step(optimizer, images, labels))


def inference_runner(layout):
    global model
    model = model.to(memory_format=layout).eval()
    images = torch.randn(BATCH, *shape).to(memory_format=layout)

    def forward():
        with torch.inference_mode():
            model(images)

    return lambda count: timed(count, forward)


def epoch_runner(layout):
    global model
    from torch.utils.data import DataLoader, Dataset
    from torchvision.transforms import v2

    folder, workers = sys.argv[4], int(sys.argv[5])
    count = int(sys.argv[3])
    height, width, channels = shape[1], shape[2], shape[0]
    pixels = numpy.fromfile(f"{folder}/images.bin", numpy.uint8, count * height * width * channels)
    pixels = torch.from_numpy(pixels.reshape(count, height, width, channels)).permute(0, 3, 1, 2)
    labels = torch.from_numpy(numpy.fromfile(f"{folder}/labels.bin", numpy.int32, count)).long()
    augment = (
        [v2.RandomHorizontalFlip(), v2.RandomResizedCrop(28, (0.8, 1.0), (0.9, 1.1))]
        if is_mnist
        else [v2.RandomCrop(32, 4), v2.RandomHorizontalFlip()]
    )
    mean, deviation = (
        ([0.1307], [0.3081])
        if is_mnist
        else ([0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616])
    )
    transform = v2.Compose(
        [*augment, v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, deviation)]
    )

    class Images(Dataset):
        def __len__(self):
            return count

        def __getitem__(self, index):
            return transform(pixels[index]), labels[index]

    loader = DataLoader(
        Images(),
        BATCH,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
    )
    model = model.to(memory_format=layout).train()
    optimizer = make_optimizer()

    def epoch():
        for images, targets in loader:
            train_step(optimizer, images.to(memory_format=layout), targets)

    return lambda times: timed(times, epoch)


RUNNERS = {"step": step_runner, "inference": inference_runner, "epoch": epoch_runner}

# PyTorch in its best memory layout: convolutions run faster with channels last.
layout = torch.contiguous_format if case.startswith("ViT") else torch.channels_last
runner = RUNNERS[kind](layout)
first = 0 if kind == "epoch" else runner(1)[0]
parameter_count = sum(parameter.numel() for parameter in model.parameters())
answer = {
    "first": first,
    "parameterCount": parameter_count,
    "version": f"PyTorch {torch.__version__}",
}
print(json.dumps(answer), flush=True)
for line in sys.stdin:
    milliseconds = runner(int(line))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(json.dumps({"milliseconds": milliseconds, "peakMegabytes": peak}), flush=True)
