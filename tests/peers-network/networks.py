"""The networks in PyTorch, as crates/neural describes them.

Every network maps lightness, (1, 1, 144, 160) in 0 to 1, to two planes of chroma of half that
size. The article's doubling at the very end only repeats pixels, and nobody here computes it.
The tensors have the names of the article's checkpoints, which crates/neural reads as well.
"""

import torch
from torch import nn
from torch.nn import functional


class V1(nn.Module):
    """Twelve convolutions, of which three halve the picture and two follow a doubling."""

    # Inputs, outputs, stride.
    LAYERS = [
        (1, 32, 1), (32, 32, 2), (32, 64, 1), (64, 64, 2), (64, 128, 1), (128, 128, 2),
        (128, 256, 1), (256, 128, 1), (128, 64, 1), (64, 32, 1), (32, 16, 1), (16, 2, 1),
    ]  # fmt: skip
    DOUBLED = (10, 11)

    def __init__(self):
        super().__init__()
        for number, (inputs, outputs, stride) in enumerate(self.LAYERS, 1):
            setattr(self, f"conv{number}", nn.Conv2d(inputs, outputs, 3, stride, 1))

    def forward(self, xs):
        for number in range(1, len(self.LAYERS) + 1):
            if number in self.DOUBLED:
                xs = functional.interpolate(xs, scale_factor=2.0, mode="nearest")
            xs = getattr(self, f"conv{number}")(xs)
            xs = torch.tanh(xs) if number == len(self.LAYERS) else functional.relu(xs)
        return xs


class Block(nn.Module):
    """A residual block of ResNet-18."""

    def __init__(self, inputs, outputs):
        super().__init__()
        stride = outputs // inputs
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1:
            across = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(across, nn.BatchNorm2d(outputs))

    def forward(self, xs):
        skip = xs if self.downsample is None else self.downsample(xs)
        xs = functional.relu(self.bn1(self.conv1(xs)))
        return functional.relu(self.bn2(self.conv2(xs)) + skip)


class V2(nn.Module):
    """ResNet-18 up to its second layer, with a stem of one channel, and a decoder."""

    def __init__(self):
        super().__init__()
        self.midlevel_resnet = nn.Sequential(
            nn.Conv2d(1, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
            nn.MaxPool2d(3, 2, 1),
            nn.Sequential(Block(64, 64), Block(64, 64)),
            nn.Sequential(Block(64, 128), Block(128, 128)),
        )  # fmt: skip
        self.upsample = nn.Sequential(
            nn.Conv2d(128, 128, 3, 1, 1), nn.BatchNorm2d(128), nn.ReLU(), nn.Upsample(scale_factor=2.0),
            nn.Conv2d(128, 64, 3, 1, 1), nn.BatchNorm2d(64), nn.ReLU(),
            nn.Conv2d(64, 64, 3, 1, 1), nn.BatchNorm2d(64), nn.ReLU(), nn.Upsample(scale_factor=2.0),
            nn.Conv2d(64, 32, 3, 1, 1), nn.BatchNorm2d(32), nn.Tanh(),
            nn.Conv2d(32, 2, 3, 1, 1),
        )  # fmt: skip

    def forward(self, xs):
        return self.upsample(self.midlevel_resnet(xs))


def random_v2(seed=0):
    """V2 with random weights and statistics, of which nothing is zero by chance of a default."""
    torch.manual_seed(seed)
    network = V2()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network.eval()
