"""Records the losses of PyTorch that the trainer's parity test compares with.

    pip install torch numpy
    python tests/parity/record.py > tests/parity/losses.json

Weights and pictures are noise by xorshift, made alike here and in `crates/trainer/src/train/parity.rs`:
nothing but the losses has to be kept. Each run is 50 steps on 16 pictures of 32x40 in batches of 4.
"""

import json
import math

import numpy as np
import torch
import torch.nn.functional as F

STEPS, PICTURES, BATCH, HEIGHT, WIDTH = 50, 16, 4, 32, 40


def noise(count, seed):
    """Values between -1 and 1."""
    state = (seed * 0x9E3779B9) & 0xFFFFFFFF | 1
    values = np.empty(count, np.float32)
    for i in range(count):
        state ^= state << 13 & 0xFFFFFFFF
        state ^= state >> 17
        state ^= state << 5 & 0xFFFFFFFF
        values[i] = np.float32(state) / np.float32(4294967295) * np.float32(2) - np.float32(1)
    return values


class Network:
    """Parameters in the order in which they are first used, and the functions that use them."""

    def __init__(self, forward, output):
        self.forward, self.output = forward, output
        self.parameters = []
        self.at = 0

    def parameter(self, shape, fan_in):
        """The next parameter; noise within 1 / sqrt(fan_in), or all of one value."""
        if self.at == len(self.parameters):
            count = math.prod(shape)
            if isinstance(fan_in, float):
                values = np.full(count, fan_in, np.float32)
            else:
                bound = np.float32(1 / math.sqrt(fan_in))
                values = noise(count, len(self.parameters) + 1) * bound
            tensor = torch.from_numpy(values.reshape(shape)).requires_grad_()
            self.parameters.append(tensor)
        self.at += 1
        return self.parameters[self.at - 1]

    def conv(self, x, outputs, kernel=3, stride=1, bias=True):
        fan_in = x.shape[1] * kernel * kernel
        weight = self.parameter((outputs, x.shape[1], kernel, kernel), fan_in)
        bias = self.parameter((outputs,), fan_in) if bias else None
        return F.conv2d(x, weight, bias, stride, kernel // 2)

    def norm(self, x):
        weight = self.parameter((x.shape[1],), 1.0)
        bias = self.parameter((x.shape[1],), 0.0)
        return F.batch_norm(x, None, None, weight, bias, training=True)

    def __call__(self, x):
        self.at = 0
        return self.forward(self, x)


def double(x):
    return F.interpolate(x, scale_factor=2, mode="nearest")


def v0(n, x):
    for outputs, stride in [(8, 2), (8, 1), (16, 1), (16, 2), (32, 1), (32, 2)]:
        x = F.relu(n.conv(x, outputs, stride=stride))
    for outputs in [32, 16]:
        x = F.relu(n.conv(double(x), outputs))
    return n.output(n.conv(double(x), 2))


def v1(n, x):
    for outputs, stride in [(32, 1), (32, 2), (64, 1), (64, 2), (128, 1), (128, 2),
                            (256, 1), (128, 1), (64, 1)]:
        x = F.relu(n.conv(x, outputs, stride=stride))
    for outputs in [32, 16]:
        x = F.relu(n.conv(double(x), outputs))
    return double(n.output(n.conv(x, 2)))


def v2(n, x):
    def block(x, outputs, stride):
        y = F.relu(n.norm(n.conv(x, outputs, stride=stride, bias=False)))
        if stride != 1:
            x = n.norm(n.conv(x, outputs, 1, stride, bias=False))
        return F.relu(n.norm(n.conv(y, outputs, bias=False)) + x)

    x = F.relu(n.norm(n.conv(x, 64, 7, 2, bias=False)))
    x = F.max_pool2d(x, 3, 2, 1)
    for outputs, stride in [(64, 1), (64, 1), (128, 2), (128, 1)]:
        x = block(x, outputs, stride)
    x = double(F.relu(n.norm(n.conv(x, 128))))
    x = F.relu(n.norm(n.conv(x, 64)))
    x = double(F.relu(n.norm(n.conv(x, 64))))
    x = torch.tanh(n.norm(n.conv(x, 32)))
    return double(n.conv(x, 2))


def rmsprop(parameters):
    return torch.optim.RMSprop(parameters, lr=1e-3)


def steadied(parameters):
    """For V2: with the usual epsilon of 1e-8, gradients that are zero but for rounding move weights
    as far as others, and the losses in float32 and in float64 differ by 0.009."""
    return torch.optim.RMSprop(parameters, lr=1e-3, eps=1e-5)


def adamw(parameters):
    weights = [p for p in parameters if p.dim() > 1]
    others = [p for p in parameters if p.dim() <= 1]
    groups = [{"params": weights, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1e-3)


def record(forward, optimizer=rmsprop, output=torch.tanh):
    size = HEIGHT * WIDTH
    inputs = torch.from_numpy(noise(PICTURES * size, 1000)).reshape(-1, 1, HEIGHT, WIDTH)
    targets = torch.from_numpy(noise(PICTURES * 2 * size, 1001)).reshape(-1, 2, HEIGHT, WIDTH) * 0.5
    if output is torch.sigmoid:
        targets = targets * 0.5 + 0.5
    network = Network(forward, output)
    network(inputs[:1])
    optimizer = optimizer(network.parameters)
    losses = []
    for step in range(STEPS):
        at = step * BATCH % PICTURES
        loss = F.mse_loss(network(inputs[at:at + BATCH]), targets[at:at + BATCH])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(round(loss.item(), 7))
    return losses


# What is recorded
torch.set_num_threads(1)
runs = {
    "v0": record(v0),
    "v1": record(v1),
    "v2": record(v2, steadied),
    "v1-adamw": record(v1, adamw),
    "v1-unit": record(v1, output=torch.sigmoid),
}
print("{")
print(",\n".join(f'  "{name}": {json.dumps(losses)}' for name, losses in runs.items()))
print("}")
