"""Writes the golden cases of tiny3d, eval and train: the same network in PyTorch, in float64, with weights by rule.

    python3 make_tiny3d.py    # writes tiny3d.safetensors and tiny3d_train.safetensors beside itself
"""

import json
import math
import os
import struct
import zlib

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()

        def half(cin, stride):
            return [nn.Conv3d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm3d(cout)]

        self.conv1 = nn.Sequential(*half(cin, stride), nn.ReLU())
        self.conv2 = nn.Sequential(*half(cout, 1))
        self.downsample = nn.Identity()
        if stride != 1:
            self.downsample = nn.Sequential(nn.Conv3d(cin, cout, 1, stride, bias=False), nn.BatchNorm3d(cout))

    def forward(self, x):
        return torch.relu(self.conv2(self.conv1(x)) + self.downsample(x))


class Tiny3D(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv3d(3, 16, (3, 7, 7), (1, 4, 4), (1, 3, 3), bias=False), nn.BatchNorm3d(16), nn.ReLU())
        for i, (cin, cout) in enumerate([(16, 16), (16, 32), (32, 64), (64, 128)]):
            self.add_module(f"layer{i + 1}", nn.Sequential(Block(cin, cout, 1 if i == 0 else 2)))

    def forward(self, x):
        for part in self.children():
            x = part(x)
        return x.mean((2, 3, 4))


def fill(net):
    for name, tensor in net.state_dict().items():
        i = torch.arange(tensor.numel(), dtype=torch.int64)
        u = ((zlib.crc32(name.encode()) + i * 2654435761) % 2**32).double() / 2**32 - 0.5
        last = name.rsplit(".", 1)[1]
        if last == "num_batches_tracked":
            continue
        if last in ("bias", "running_mean"):
            u = 0.1 * u
        elif last == "running_var":
            u = 1 + 0.5 * u
        elif tensor.dim() >= 2:
            u = u * 2 * math.sqrt(3 / tensor[0].numel())
        else:
            u = 1 + 0.1 * u
        tensor.copy_(u.float().reshape(tensor.shape))


def write(path, tensors, metadata):
    header, blob = {"__metadata__": metadata}, b""
    for name, t in tensors.items():
        data = t.detach().float().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [len(blob), len(blob) + len(data)]}
        blob += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + blob)


def case(mode):
    net = Tiny3D().double()
    fill(net)
    net.train(mode == "train")
    torch.manual_seed(1)
    scale = 1 if mode == "train" else 10
    x = (scale * torch.randn(2, 3, 4, 32, 32)).float().double().requires_grad_()
    proj = torch.randn(2, 128).float().double()
    features = net(x)
    loss = (features * proj).sum()
    loss.backward()
    out = {
        "in.x": x, "in.proj": proj, "out.features": features, "out.loss": loss.reshape(1),
        "out.gradnorm_x": x.grad.norm().reshape(1),
        "out.gradnorm": torch.stack([p.grad.norm() for p in net.parameters()]),
    }
    name = "tiny3d"
    if mode == "train":
        name += "_train"
        out["out.buffernorm"] = torch.stack(
            [b.norm() for n, b in net.named_buffers() if not n.endswith("num_batches_tracked")])
    here = os.path.dirname(os.path.abspath(__file__))
    write(os.path.join(here, name + ".safetensors"), out, {
        "objective": "networks.tiny3d", "params": json.dumps({"mode": mode}),
        "source": f"make_tiny3d.py, PyTorch {torch.__version__}, float64", "rtol": "0.002", "atol": "1e-06"})


for mode in ("eval", "train"):
    case(mode)
