"""Times one training step in PyTorch: the peer of BenchmarkStep.

The step is the same: two views in one batch, torchvision's network without its classifier, a projection head, NT-Xent in
float32, backward, SGD with momentum; channels-last; one thread a core. Prints one JSON object:

    python3 peer_step.py --model r3d_18 --precision bf16 --steps 5
    {"model": "r3d_18", "precision": "bf16", "seconds": 1.23, "cpu_seconds": 2.4, "torch": "1.13.0"}

seconds is the median over the steps after two that are not counted, cpu_seconds the mean over all cores: of use on a
machine that does other things too. glibc's allocator is tuned from outside, through
MALLOC_MMAP_THRESHOLD_ and its like, because it reads them before Python starts.
"""

import argparse
import json
import os
import statistics
import time

import torch
import torch.nn.functional as F
import torchvision
from torch import nn

HIDDEN, OUT = 512, 128  # of the head, as in step_test.go


def build(name):
    """Returns the network with the head, the shape of one view and the memory format."""
    if name == "r3d_18":
        net = torchvision.models.video.r3d_18(weights=None)
        shape, layout = (4, 3, 16, 112, 112), torch.channels_last_3d
    else:
        net = torchvision.models.resnet18(weights=None)
        net.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        net.maxpool = nn.Identity()
        shape, layout = (128, 3, 32, 32), torch.channels_last
    net.fc = nn.Sequential(
        nn.Linear(512, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.ReLU(inplace=True), nn.Linear(HIDDEN, OUT))
    return net.to(memory_format=layout), shape, layout


def nt_xent(z1, z2, tau=0.1):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    scores = (z @ z.T / tau).fill_diagonal_(float("-inf"))
    partner = torch.arange(len(z)).roll(len(z1))
    return F.cross_entropy(scores, partner)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=["r3d_18", "resnet18"], required=True)
    parser.add_argument("--precision", choices=["fp32", "bf16"], required=True)
    parser.add_argument("--steps", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(1)
    net, shape, layout = build(args.model)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    views = [torch.randn(shape).contiguous(memory_format=layout) for _ in range(2)]
    times = []
    for step in range(2 + args.steps):
        if step == 2:
            cpu = time.process_time()
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.precision == "bf16"):
            z = net(torch.cat(views))
        z1, z2 = z.float().chunk(2)
        loss = nt_xent(z1, z2)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        times.append(time.perf_counter() - start)
    print(json.dumps({"model": args.model, "precision": args.precision,
                      "seconds": statistics.median(times[2:]),
                      "cpu_seconds": (time.process_time() - cpu) / args.steps, "torch": torch.__version__}))


if __name__ == "__main__":
    main()
