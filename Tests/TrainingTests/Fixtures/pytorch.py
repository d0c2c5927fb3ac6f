"""Prints the numbers that OptimizerTests and ScheduleTests hold. PyTorch 2.15."""
import torch
from torch import optim
from torch.optim import lr_scheduler


def weights(make, steps=3):
    w = torch.tensor([1.0, -2.0, 0.5, 0.0], requires_grad=True)
    optimizer = make([w])
    for k in range(steps):
        signs = torch.tensor([1.0, -1.0, 1.0, 1.0]) ** k
        w.grad = torch.tensor([0.5, -1.0, 0.25, 2.0]) * (k + 1) * signs
        optimizer.step()
    return [float(f"{x:.7g}") for x in w.detach().tolist()]


def rates(make, epochs, losses=None):
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule, found = make(optimizer), []
    for epoch in range(epochs):
        found.append(round(optimizer.param_groups[0]["lr"], 7))
        optimizer.step()
        schedule.step(losses[epoch]) if losses else schedule.step()
    return found


decay = {"lr": 0.1, "weight_decay": 0.05}
print(weights(lambda p: optim.SGD(p, lr=0.1)))
print(weights(lambda p: optim.SGD(p, **decay)))
print(weights(lambda p: optim.SGD(p, momentum=0.9, **decay)))
print(weights(lambda p: optim.SGD(p, momentum=0.9, nesterov=True, **decay)))
print(weights(lambda p: optim.Adam(p, lr=0.1)))
print(weights(lambda p: optim.Adam(p, betas=(0.8, 0.95), eps=1e-3, **decay)))
print(weights(lambda p: optim.AdamW(p, **decay)))

print(rates(lambda o: lr_scheduler.MultiStepLR(o, [3, 6], 0.1), 10))
print(rates(lambda o: lr_scheduler.CosineAnnealingLR(o, 10, 0.1), 10))
losses = [1, 0.9, 0.91, 0.9, 0.8999, 0.95, 0.5, 0.5, 0.6, 0.5, 0.5, 0.5, 0.5, 0.4, 0.5]
losses += [0.5, 0.5, 0.5]
plateau = {"factor": 0.5, "patience": 2, "min_lr": 0.2}
print(rates(lambda o: lr_scheduler.ReduceLROnPlateau(o, **plateau), len(losses), losses))
