"""The peer of `bench clips`: the same clips by PyAV and torchvision, as their users write it.

usage: peer_clips.py DIR KIND N; prints clips per second, with two worker processes.
"""
import glob
import random
import sys
import time

import av
import torch
from torchvision import transforms as T

FRAMES, STRIDE, SIZE, WORKERS = 16, 2, 112, 2
augment = T.Compose([
    T.RandomResizedCrop(SIZE, scale=(0.3, 1.0), ratio=(0.5, 2.0)),
    T.RandomHorizontalFlip(),
    T.RandomApply([T.ColorJitter(0.8, 0.8, 0.8, 0.2)], p=0.8),
    T.RandomGrayscale(p=0.2),
    T.RandomApply([T.GaussianBlur(11, (0.1, 2.0))], p=0.5),
])


def read_clip(path, rng):
    """Seek to the key frame before the start, decode on, convert the wanted frames only."""
    with av.open(path) as box:
        stream = box.streams.video[0]
        stream.thread_type = "NONE"
        span = (FRAMES - 1) * STRIDE
        start = rng.randrange(stream.frames - span)
        tick = 1 / (stream.average_rate * stream.time_base)
        first = stream.start_time or 0
        wanted = {first + round((start + i * STRIDE) * tick): i for i in range(FRAMES)}
        last = max(wanted)
        box.seek(first + round(start * tick), stream=stream, backward=True)
        out = [None] * FRAMES
        for frame in box.decode(stream):
            i = wanted.get(frame.pts)
            if i is not None:
                out[i] = torch.from_numpy(frame.to_ndarray(format="rgb24"))
            if frame.pts >= last:
                break
    return torch.stack(out).permute(0, 3, 1, 2)


class Clips(torch.utils.data.Dataset):
    def __init__(self, paths, n):
        self.paths, self.n = paths, n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        rng = random.Random(i)
        torch.manual_seed(i)
        return augment(read_clip(self.paths[i % len(self.paths)], rng))


def main():
    folder, kind, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(1)
    paths = sorted(glob.glob(f"{folder}/{kind}/*.mp4"))
    warm = 2 * WORKERS
    loader = torch.utils.data.DataLoader(Clips(paths, n + warm), batch_size=1, num_workers=WORKERS)
    for i, _ in enumerate(loader):
        if i + 1 == warm:
            began = time.perf_counter()
    print(f"{n / (time.perf_counter() - began):.2f}")


if __name__ == "__main__":
    main()
