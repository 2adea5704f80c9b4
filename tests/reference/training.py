"""Writes training.json: PyTorch's optimizers, schedules, losses and clipping, for a few steps."""

import json
import pathlib

import torch
import torch.nn.functional as F
from torch.optim import SGD, Adam, AdamW, lr_scheduler as S

torch.manual_seed(7)
STEPS = 5


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().double().flatten().tolist()]


matrix, vector = torch.randn(3, 2), torch.randn(4)
# Gradients that do not depend on the parameters, so that an error shows in its own step.
gradients = [[torch.randn(3, 2), torch.randn(4)] for _ in range(STEPS)]
rates = [0.1, 0.05, 0.02, 0.1, 0.01]


def trajectory(make, clip=None, groups=False):
    parameters = [torch.nn.Parameter(matrix.clone()), torch.nn.Parameter(vector.clone())]
    listed = parameters
    if groups:
        listed = [{"params": parameters[:1]}, {"params": parameters[1:], "weight_decay": 0.0}]
    optimizer = make(listed)
    states = []
    for rate, step in zip(rates, gradients):
        for group in optimizer.param_groups:
            group["lr"] = rate
        for parameter, gradient in zip(parameters, step):
            parameter.grad = gradient.clone()
        if clip:
            torch.nn.utils.clip_grad_norm_(parameters, clip)
        optimizer.step()
        states.append([numbers(parameter) for parameter in parameters])
    return states


optimizers = {
    "adamw": trajectory(lambda p: AdamW(p, lr=1)),
    "adamw_settings": trajectory(
        lambda p: AdamW(p, lr=1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.3)
    ),
    "adamw_groups": trajectory(lambda p: AdamW(p, lr=1, weight_decay=0.3), groups=True),
    "adamw_clipped": trajectory(lambda p: AdamW(p, lr=1), clip=0.7),
    "adam": trajectory(lambda p: Adam(p, lr=1)),
    "adam_l2": trajectory(lambda p: Adam(p, lr=1, weight_decay=0.2)),
    "sgd": trajectory(lambda p: SGD(p, lr=1)),
    "sgd_l2": trajectory(lambda p: SGD(p, lr=1, weight_decay=0.2)),
    "sgd_momentum": trajectory(lambda p: SGD(p, lr=1, momentum=0.9, weight_decay=0.1)),
    "sgd_nesterov": trajectory(lambda p: SGD(p, lr=1, momentum=0.8, nesterov=True)),
}


def learning_rates(make, steps):
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.4)
    scheduler = make(optimizer)
    values = []
    for _ in range(steps):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return values


def warm_cosine(optimizer):
    warm = S.LinearLR(optimizer, start_factor=0.25, total_iters=4)
    cosine = S.CosineAnnealingLR(optimizer, T_max=6, eta_min=0.01)
    return S.SequentialLR(optimizer, [warm, cosine], milestones=[4])


schedules = {
    "multi_step": learning_rates(lambda o: S.MultiStepLR(o, [3, 5, 5, 8], gamma=0.5), 10),
    "cosine": learning_rates(lambda o: S.CosineAnnealingLR(o, T_max=8, eta_min=0.02), 9),
    "one_cycle": learning_rates(lambda o: S.OneCycleLR(o, max_lr=0.4, total_steps=11), 11),
    "one_cycle_settings": learning_rates(
        lambda o: S.OneCycleLR(
            o, max_lr=0.4, total_steps=9, pct_start=0.5, div_factor=10, final_div_factor=50
        ),
        9,
    ),
    "warm_cosine": learning_rates(warm_cosine, 10),
}

logits = torch.randn(5, 3, requires_grad=True)
indices = torch.tensor([2, 0, 1, 1, 2])
soft = torch.softmax(torch.randn(5, 3), -1)
losses = {}
for name, target, smoothing in [
    ("indices", indices, 0.0),
    ("indices_smoothed", indices, 0.1),
    ("soft", soft, 0.0),
    ("soft_smoothed", soft, 0.2),
]:
    logits.grad = None
    loss = F.cross_entropy(logits, target, label_smoothing=smoothing)
    loss.backward()
    losses[name] = {"loss": loss.item(), "gradient": numbers(logits.grad)}

reference = {
    "matrix": numbers(matrix),
    "vector": numbers(vector),
    "gradients": [[numbers(each) for each in step] for step in gradients],
    "rates": rates,
    "optimizers": optimizers,
    "schedules": schedules,
    "logits": numbers(logits),
    "indices": indices.tolist(),
    "soft": numbers(soft),
    "losses": losses,
}
path = pathlib.Path(__file__).with_name("training.json")
path.write_text(json.dumps(reference, indent=None, separators=(",", ":")) + "\n")
