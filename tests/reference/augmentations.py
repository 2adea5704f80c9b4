"""Writes augmentations.json: what torchvision's transforms do, for lib/augmentations' tests.

Run from the project's root with a Python that has torch and torchvision:
    python tests/reference/augmentations.py
"""

import base64
import json
import math
import pathlib

import torch
from torchvision.transforms import (
    InterpolationMode,
    RandomAffine,
    RandomCrop,
    RandomErasing,
    RandomResizedCrop,
)
from torchvision.transforms import functional as F
from torchvision.transforms import v2
from torchvision.transforms.autoaugment import RandAugment, _apply_op

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
    values = [round(value, 3) for value in tensor.permute(0, 2, 3, 1).flatten().tolist()]
    return [int(value) if value.is_integer() else value for value in values]


def distribution(samples):
    """What the tests compare: each column's share of values up to every whole number, and how the
    columns go together (correlations)."""
    table = torch.tensor(samples, dtype=torch.float64)
    shares = []
    for column in table.T:
        low, high = int(column.min()), int(column.max())
        steps = torch.arange(low, high)
        cumulative = (column[:, None] <= steps).double().mean(0)
        shares.append({"from": low, "cumulative": [round(value, 3) for value in cumulative.tolist()]})
    # Columns that never change correlate with nothing: 0 instead of NaN, which JSON lacks.
    correlation = torch.atleast_2d(torch.corrcoef(table.T).nan_to_num(0))
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


AFFINE = [
    # degrees, shift in pixels, scale, shear in degrees
    [0.0, [0, 0], 0.913, [0.0, 0.0]],
    [0.0, [2, -1], 1.087, [0.0, 0.0]],
    [33.3, [0, 0], 1.0, [0.0, 0.0]],
    [-71.7, [1, 2], 0.83, [12.3, 0.0]],
    [10.1, [-3, 0], 1.21, [-8.2, 17.9]],
]


def affine():
    shape = [len(AFFINE), 6, 8, 1]
    batch = images(*shape)
    pixels = {}
    for mode in (InterpolationMode.NEAREST, InterpolationMode.BILINEAR):
        moved = [
            F.affine(image, angle, shift, scale, shear, mode)
            for image, (angle, shift, scale, shear) in zip(batch, AFFINE)
        ]
        pixels[mode.value] = flat(torch.stack(moved))
    filled = [
        F.affine(image, angle, shift, scale, shear, InterpolationMode.NEAREST, fill=[7.0])
        for image, (angle, shift, scale, shear) in zip(batch, AFFINE)
    ]
    return {"shape": shape, "maps": AFFINE, "filled": flat(torch.stack(filled)), **pixels}


def affine_parameters():
    settings = {"degrees": [-20.0, 30.0], "translate": [0.1, 0.2], "scale": [0.9, 1.1]}
    shears = [-5.0, 10.0, 3.0, 8.0]
    drawn = []
    for _ in range(SAMPLES):
        angle, (x, y), scale, (shear_x, shear_y) = RandomAffine.get_params(
            *settings.values(), shears, [31, 28]
        )
        fine = [round(angle), x, y, round(100 * scale), round(shear_x), round(shear_y)]
        drawn.append(fine)
    return {"image": [28, 31], "shears": shears, **settings, **distribution(drawn)}


def padded_crops():
    shape, boxes = [3, 7, 6, 2], [[0, 0], [6, 3], [2, 5]]
    batch = images(*shape)
    cases = []
    for mode, fill in (("constant", 9), ("reflect", 0)):
        padded = F.pad(batch, [3], fill=fill, padding_mode=mode)
        cut = [F.crop(image, top, left, 7, 6) for image, (top, left) in zip(padded, boxes)]
        cases.append({"mode": mode, "fill": fill, "pixels": flat(torch.stack(cut))})
    corners = [RandomCrop.get_params(torch.zeros(1, 13, 13), (7, 7))[:2] for _ in range(SAMPLES)]
    return {"shape": shape, "corners": boxes, "cases": cases, "places": distribution(corners)}


def erasing():
    setting = {"image": [28, 32], "scale": [0.02, 0.33], "aspect": [0.3, 3.3]}
    wide = {"image": [8, 9], "scale": [0.7, 0.95], "aspect": [0.8, 1.8]}
    cases = []
    for case in (setting, wide):
        image = torch.zeros(1, *case["image"])
        drawn = []
        for _ in range(SAMPLES):
            top, left, height, width, value = RandomErasing.get_params(
                image, case["scale"], case["aspect"], [0.0]
            )
            # Where no box fits, the box is the whole image and its value the image itself.
            nothing = value is image
            drawn.append([0, 0] if nothing else [height, width])
        cases.append({**case, **distribution(drawn)})
    return cases


def colors():
    shape = [2, 3, 5, 3]
    batch = images(*shape) / 255
    gray = images(2, 3, 5, 1) / 255
    cases = []
    for name, factor in (
        ("brightness", 0.6),
        ("brightness", 1.7),
        ("contrast", 0.4),
        ("contrast", 1.8),
        ("saturation", 0.3),
        ("saturation", 1.9),
        ("hue", 0.21),
        ("hue", -0.43),
    ):
        change = getattr(F, f"adjust_{name}")
        cases.append({
            "name": name,
            "factor": factor,
            "pixels": flat(change(batch, factor) * 255),
            "gray": flat(change(gray, factor) * 255),
        })
    factors = {"brightness": 1.3, "contrast": 0.7, "saturation": 1.4, "hue": 0.1}
    orders = [["hue", "contrast", "brightness", "saturation"], ["contrast", "saturation", "hue", "brightness"]]
    mixed = []
    for image, order in zip(batch, orders):
        for name in order:
            image = getattr(F, f"adjust_{name}")(image, factors[name])
        mixed.append(image)
    chain = {"factors": factors, "orders": orders, "pixels": flat(torch.stack(mixed) * 255)}
    return {"shape": shape, "cases": cases, "chain": chain}


def mixtures():
    shape, share, box = [3, 4, 5, 2], 0.3, [1, 1, 4, 3]
    batch = images(*shape)
    labels = torch.tensor([2, 0, 3])
    mixup = v2.MixUp(num_classes=4)
    cutmix = v2.CutMix(num_classes=4)
    adjusted = 1 - (box[2] - box[0]) * (box[3] - box[1]) / (shape[1] * shape[2])
    given = {"lam": share, "labels": labels, "batch_size": 3}
    cut = {"box": box, "lam_adjusted": adjusted, "labels": labels, "batch_size": 3}
    patches = []
    for _ in range(4_000):
        drawn = v2.CutMix(alpha=0.7, num_classes=4).make_params([torch.zeros(1, 3, 20, 13)])
        left, top, right, bottom = drawn["box"]
        patches.append([top, left, bottom - top, right - left])
    betas = {}
    for alpha in (0.2, 0.7, 1.0, 2.5):
        draws = torch.distributions.Beta(torch.tensor(alpha), torch.tensor(alpha)).sample((SAMPLES,))
        betas[str(alpha)] = distribution((draws * 20).floor()[:, None].tolist())
    return {
        "shape": shape,
        "labels": labels.tolist(),
        "share": share,
        "mixup": flat(mixup.transform(batch, given)),
        "mixupLabels": mixup.transform(labels, given).tolist(),
        "box": box,
        "cutmix": flat(cutmix.transform(batch, cut)),
        "cutmixLabels": cutmix.transform(labels, cut).tolist(),
        "patches": {"image": [20, 13], "alpha": 0.7, **distribution(patches)},
        "betas": betas,
    }


def rand_augment():
    shape = [2, 7, 8, 3]
    batch = images(*shape).to(torch.uint8)
    # Few grey values and a narrow range, so that equalizing and stretching have something to do.
    batch[1] = batch[1] // 5 + 40
    space = RandAugment()._augmentation_space(31, tuple(shape[1:3]))
    cases = []
    for magnitude in (9, 24):
        for name, (magnitudes, signed) in space.items():
            if magnitude == 24 and name not in ("Rotate", "Sharpness", "Posterize", "Solarize"):
                continue
            strength = float(magnitudes[magnitude]) if magnitudes.ndim else 0.0
            for sign in (1, -1) if signed else (1,):
                changed = _apply_op(batch, name, sign * strength, InterpolationMode.NEAREST, None)
                packed = bytes(changed.permute(0, 2, 3, 1).flatten().tolist())
                text = base64.b64encode(packed).decode()
                case = {"magnitude": magnitude, "name": name, "sign": sign, "pixels": text}
                cases.append(case)
    return {"shape": shape, "cases": cases}


def pictures():
    """What a folder's pictures become: scaled by the shorter side, the middle cut out."""
    cases = []
    for height, width in ((23, 33), (38, 17), (8, 9)):
        picture = images(1, height, width, 3).to(torch.uint8)
        scaled = F.resize(picture, 10, InterpolationMode.BILINEAR, antialias=True)
        cut = F.center_crop(scaled, [8, 10])
        cases.append({"size": [height, width], "pixels": flat(cut.to(torch.float32))})
    return cases


def main():
    torch.manual_seed(0)
    reference = {
        "resizedCrops": resized_crops(),
        "cropBoxes": crop_boxes(),
        "affine": affine(),
        "affineParameters": affine_parameters(),
        "paddedCrops": padded_crops(),
        "erasing": erasing(),
        "colors": colors(),
        "mixtures": mixtures(),
        "randAugment": rand_augment(),
        "pictures": pictures(),
    }
    file = pathlib.Path(__file__).with_suffix(".json")
    file.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    print(f"{file.name}: {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
