"""The peer of `bench pictures`: the same pictures by torchvision and Pillow, as their users write it.

usage: peer_pictures.py DIR SIZE N; DIR holds a folder a class.
Prints pictures per second, two views each, with two worker processes.
"""
import sys
import time

import torch
from torchvision import transforms as T
from torchvision.datasets import ImageFolder

BATCH, WORKERS = 64, 2


def augment(size):
    """The augmentation of SimCLR; of small pictures it has no blur."""
    blur = [T.RandomApply([T.GaussianBlur(size // 10 | 1, (0.1, 2.0))], p=0.5)] if size > 32 else []
    return T.Compose([
        T.RandomResizedCrop(size, scale=(0.2, 1.0)),
        T.RandomHorizontalFlip(),
        T.RandomApply([T.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
        T.RandomGrayscale(p=0.2),
        *blur,
        T.PILToTensor(),
    ])


class Pairs:
    def __init__(self, size):
        self.augment = augment(size)

    def __call__(self, picture):
        return self.augment(picture), self.augment(picture)


def main():
    folder, size, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(1)
    pictures = ImageFolder(folder, Pairs(size))
    warm = 2 * WORKERS  # batches, in which the workers start and the files come into memory
    batches = warm + -(-n // BATCH)
    order = [i % len(pictures) for i in range(batches * BATCH)]
    loader = torch.utils.data.DataLoader(pictures, batch_size=BATCH, sampler=order, num_workers=WORKERS)
    for i, _ in enumerate(loader):
        if i + 1 == warm:
            began = time.perf_counter()
    print(f"{(batches - warm) * BATCH / (time.perf_counter() - began):.1f}")


if __name__ == "__main__":
    main()
