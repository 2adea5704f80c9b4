"""PyTorch's side of the benchmark: the same work and answers as worker.ts.

    python pytorch_worker.py CASE KIND IMAGES DATA [WORKERS [DEVICE [PRECISION [compiled]]]]

KIND is step, epoch or inference. DATA is the folder of raw images that main.ts writes for epochs. DEVICE is
cpu or cuda, PRECISION float32 or tf32; "compiled" uses torch.compile.
"""

import json
import os
import resource
import sys
import time

import torch
from torch.nn import functional

from pytorch_models import CASES, ON_MNIST, WITH_CONVOLUTIONS

arguments = dict(enumerate(sys.argv))
device, precision = arguments.get(6, "cpu"), arguments.get(7, "float32")
torch.set_default_device(device)
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
torch.backends.cudnn.benchmark = True
torch.manual_seed(1)
torch.set_num_threads(int(os.environ.get("TESSERA_THREADS", os.cpu_count())))
BATCH = int(os.environ.get("TESSERA_BENCH_BATCH") or 128)


case, kind = sys.argv[1:3]
is_mnist = case in ON_MNIST
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
    import numpy
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
layout = torch.channels_last if case in WITH_CONVOLUTIONS else torch.contiguous_format
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
