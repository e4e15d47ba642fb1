"""SimCLR on pictures of 32 x 32 pixels in plain PyTorch and torchvision: the peer of `vssl image --method simclr --recipe small`.

The same settings: ResNet-18 with a 3x3 stem and no pooling, head 512-512-128, two views (crop of 0.2 to 1 of the area, flip,
colour jitter 0.4 0.4 0.4 0.1 with p 0.8, grey with p 0.2), NT-Xent at 0.5, SGD with momentum 0.9 and weight decay 5e-4 at
rate 0.06 and batch 128, cosine without warm-up; then kNN with 200 neighbours at temperature 0.1 on the network without its head.
DATA holds train/CLASS/ and test/CLASS/ with picture files. Prints a line an epoch on stderr and one JSON object at the end:

    python3 peer_simclr.py DATA --epochs 10
    {"knn": 0.43, "knn_random": 0.29, "seconds_per_epoch": 61.2, ...}

seconds_per_epoch is the median over the epochs, from end to end.
"""

import argparse
import json
import math
import os
import statistics
import sys
import time

import torch
import torch.nn.functional as F
import torchvision
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms as T

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
PLAIN = T.Compose([T.Resize(32), T.CenterCrop(32), T.ToTensor(), T.Normalize(MEAN, STD)])
AUGMENT = T.Compose([
    T.RandomResizedCrop(32, scale=(0.2, 1.0)),
    T.RandomHorizontalFlip(),
    T.RandomApply([T.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
    T.RandomGrayscale(p=0.2),
    T.ToTensor(),
    T.Normalize(MEAN, STD),
])


def two_views(picture):
    return AUGMENT(picture), AUGMENT(picture)


def build():
    backbone = torchvision.models.resnet18(weights=None)
    backbone.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
    backbone.maxpool = nn.Identity()
    backbone.fc = nn.Identity()
    head = nn.Sequential(nn.Linear(512, 512), nn.ReLU(inplace=True), nn.Linear(512, 128))
    return backbone, head


def nt_xent(z1, z2, tau):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    scores = (z @ z.T / tau).fill_diagonal_(float("-inf"))
    return F.cross_entropy(scores, torch.arange(len(z)).roll(len(z1)))


@torch.no_grad()
def features(backbone, folder, workers):
    backbone.eval()
    loader = DataLoader(datasets.ImageFolder(folder, PLAIN), 256, num_workers=workers)
    rows, labels = zip(*[(backbone(x), y) for x, y in loader])
    return F.normalize(torch.cat(rows), dim=1), torch.cat(labels)


def knn(backbone, data, workers, k=200, tau=0.1):
    """Returns the share of test pictures whose class wins the weighted vote of their nearest training pictures."""
    base, names = features(backbone, os.path.join(data, "train"), workers)
    query, truth = features(backbone, os.path.join(data, "test"), workers)
    near, index = (query @ base.T).topk(min(k, len(base)), dim=1)
    votes = torch.zeros(len(query), int(names.max()) + 1)
    votes.scatter_add_(1, names[index], (near / tau).exp())
    return (votes.argmax(1) == truth).float().mean().item()


def train(backbone, head, args):
    loader = DataLoader(datasets.ImageFolder(os.path.join(args.data, "train"), two_views), args.batch, shuffle=True,
                        drop_last=True, num_workers=args.workers)
    params = list(backbone.parameters()) + list(head.parameters())
    optimizer = torch.optim.SGD(params, args.lr, momentum=0.9, weight_decay=5e-4)
    total, step, seconds = args.epochs * len(loader), 0, []
    for epoch in range(args.epochs):
        backbone.train()
        head.train()
        began, losses = time.perf_counter(), []
        for (x1, x2), _ in loader:
            for group in optimizer.param_groups:
                group["lr"] = args.lr * 0.5 * (1 + math.cos(math.pi * step / total))
            x = torch.cat([x1, x2])
            if args.channels_last:
                x = x.contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16, enabled=args.precision == "bf16"):
                z = head(backbone(x))
            loss = nt_xent(*z.float().chunk(2), 0.5)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            step += 1
        seconds.append(time.perf_counter() - began)
        print(f"epoch {epoch + 1}  loss {statistics.mean(losses):.4f}  {seconds[-1]:.1f} s", file=sys.stderr)
    return statistics.median(seconds)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--lr", type=float, default=0.06)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--channels-last", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(args.seed)
    backbone, head = build()
    if args.channels_last:
        backbone = backbone.to(memory_format=torch.channels_last)
    before = knn(backbone, args.data, args.workers)
    seconds = train(backbone, head, args)
    print(json.dumps({"knn": knn(backbone, args.data, args.workers), "knn_random": before, "seconds_per_epoch": seconds,
                      "epochs": args.epochs, "precision": args.precision, "seed": args.seed, "torch": torch.__version__}))


if __name__ == "__main__":
    main()
