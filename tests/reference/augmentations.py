"""Writes augmentations.json: what torchvision's transforms do, for lib/augmentations' tests.

Run from the project's root with a Python that has torch and torchvision:
    python tests/reference/augmentations.py
"""

import json
import math
import pathlib

import torch
from torchvision.transforms import InterpolationMode, RandomResizedCrop
from torchvision.transforms import functional as F

SAMPLES = 20_000


def images(batch, height, width, channels):
    """Images by a formula that the tests repeat: whole numbers from 0 to 255, [B, C, H, W]."""
    b, y, x, c = torch.meshgrid(
        *(torch.arange(size) for size in (batch, height, width, channels)), indexing="ij"
    )
    values = (b * 83 + y * y * 37 + x * 91 + y * x * 11 + c * 53) % 256
    return values.permute(0, 3, 1, 2).to(torch.float32)


def flat(tensor):
    """[B, C, H, W] as the flat list of [B, H, W, C], rounded to what the tests look at."""
    return [round(value, 3) for value in tensor.permute(0, 2, 3, 1).flatten().tolist()]


def distribution(samples):
    """What the tests compare: each column's share of values up to every whole number, and how the
    columns go together (correlations)."""
    table = torch.tensor(samples, dtype=torch.float64)
    shares = []
    for column in table.T:
        low, high = int(column.min()), int(column.max())
        steps = torch.arange(low, high)
        cumulative = (column[:, None] <= steps).double().mean(0)
        shares.append({"from": low, "cumulative": [round(value, 4) for value in cumulative.tolist()]})
    # Columns that never change correlate with nothing: 0 instead of NaN, which JSON lacks.
    correlation = torch.corrcoef(table.T).nan_to_num(0)
    return {
        "samples": len(samples),
        "shares": shares,
        "correlation": [[round(value, 3) for value in row] for row in correlation.tolist()],
    }


def resized_crops():
    batch = images(3, 9, 11, 2)
    boxes = [[0, 0, 9, 11], [2, 3, 5, 6], [4, 1, 3, 10]]
    cases = []
    for size in ([9, 11], [13, 7], [4, 5]):
        pixels = [
            F.resized_crop(image, *box, size, InterpolationMode.BILINEAR, antialias=True)
            for image, box in zip(batch, boxes)
        ]
        cases.append({"size": size, "pixels": flat(torch.stack(pixels))})
    return {"shape": [3, 9, 11, 2], "boxes": boxes, "cases": cases}


def crop_boxes():
    settings = [
        {"image": [28, 28], "scale": [0.8, 1.0], "aspect": [0.9, 1.1]},
        {"image": [32, 32], "scale": [0.08, 1.0], "aspect": [3 / 4, 4 / 3]},
        {"image": [20, 31], "scale": [0.5, 1.0], "aspect": [0.6, 0.9]},
        {"image": [10, 40], "scale": [0.9, 1.0], "aspect": [0.5, 2.0]},
    ]
    cases = []
    for setting in settings:
        image = torch.zeros(1, *setting["image"])
        drawn = [
            RandomResizedCrop.get_params(image, setting["scale"], setting["aspect"])
            for _ in range(SAMPLES)
        ]
        cases.append({**setting, **distribution(drawn)})
    return cases


def main():
    torch.manual_seed(0)
    reference = {
        "resizedCrops": resized_crops(),
        "cropBoxes": crop_boxes(),
    }
    file = pathlib.Path(__file__).with_suffix(".json")
    file.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    print(f"{file.name}: {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
