"""Labels samples of two modalities by optimal transport in NumPy: the peer of `bench sinkhorn`.

After SeLaVi's description (2006.13662): the product of both softmaxes is a float64 matrix in memory, raised to lamb/2 in place;
each pass is two products with a vector; the change is looked at every 10 passes; then the plan is made in place and its rows'
largest entries are the labels. Prints one JSON object:

    python3 peer_sinkhorn.py --n 50000 --k 400 --d 128 --passes 31 --labels FILE
    {"seconds": 1.23, "cost": 4.5, "peak": 678.9}

seconds run from features to labels, peak is in MiB. The softmax is made in blocks of rows, so that its temporaries are not counted as memory.
"""

import argparse
import json
import time

import numpy as np

POWER = 20
BLOCK = 4096


def uniform(seed, sd, rows, cols):
    """Returns the matrix that uniform in sinkhorn.go makes."""
    out = np.empty((rows, cols), np.float32)
    scale = sd * 3.4641016151377544 / (1 << 24)
    for start in range(0, rows, BLOCK):
        count = min(BLOCK, rows - start) * cols
        z = np.arange(start * cols, start * cols + count, dtype=np.uint64) + np.uint64((seed << 40) + 1)
        z *= np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = (z ^ (z >> np.uint64(31))) >> np.uint64(40)
        out[start:start + BLOCK] = ((z.astype(np.float64) - (1 << 23)) * scale).reshape(-1, cols)
    return out


def softmax(features, weight):
    logits = (features @ weight.T).astype(np.float64)
    logits -= logits.max(1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(1, keepdims=True)
    return logits


def joint(features, weights, n, k):
    """Returns the product of both modalities' probabilities, [n, k] float64."""
    ps = np.empty((n, k))
    for start in range(0, n, BLOCK):
        rows = slice(start, start + BLOCK)
        np.multiply(softmax(features[0][rows], weights[0]), softmax(features[1][rows], weights[1]), out=ps[rows])
    return ps


def transport(ps, passes):
    """Overwrites ps with the plan; returns the labels and the cost."""
    n, k = ps.shape
    np.power(ps, 0.5 * POWER, out=ps)
    r, c = np.full(k, 1 / k), 1 / n
    beta = np.full(n, 1 / n)
    for i in range(passes):
        alpha = r / (beta @ ps)
        new = c / (ps @ alpha)
        if i % 10 == 0:
            np.abs(beta / new - 1).sum()
        beta = new
    ps *= beta[:, None]
    ps *= alpha
    labels = ps.argmax(1)
    best = ps[np.arange(n), labels] / alpha[labels] / beta
    return labels, -np.log(best).sum() / POWER / n


def main():
    parser = argparse.ArgumentParser()
    for name in ("n", "k", "d", "passes"):
        parser.add_argument("--" + name, type=int, required=True)
    parser.add_argument("--labels", required=True)
    args = parser.parse_args()
    features = [uniform(seed, 1, args.n, args.d) for seed in (1, 3)]
    weights = [uniform(seed, 0.2, args.k, args.d) for seed in (2, 4)]
    start = time.perf_counter()
    labels, cost = transport(joint(features, weights, args.n, args.k), args.passes)
    seconds = time.perf_counter() - start
    labels.astype(np.int32).tofile(args.labels)
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))
    print(json.dumps({"seconds": seconds, "cost": cost, "peak": peak}))


if __name__ == "__main__":
    main()
