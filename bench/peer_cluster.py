"""K-means or a search for neighbours by scikit-learn or faiss: reads the features that bench/cluster.go wrote, prints seconds
and the process's peak memory as JSON, and leaves its results beside the features. Prints "missing" where the side is not installed."""
import argparse
import json
import os
import re
import time

import numpy as np


def sklearn_kmeans(x, a):
    from sklearn.cluster import KMeans
    start = time.perf_counter()
    m = KMeans(a.k, init=x[:a.k].copy(), n_init=1, max_iter=a.iterations, tol=0, algorithm="lloyd").fit(x)
    return time.perf_counter() - start, {"labels.i32": m.labels_, "centroids.f32": m.cluster_centers_}


def faiss_kmeans(x, a):
    import faiss
    start = time.perf_counter()
    m = faiss.Kmeans(a.d, a.k, niter=a.iterations, min_points_per_centroid=1, max_points_per_centroid=a.n)
    m.train(x, init_centroids=x[:a.k].copy())
    _, labels = m.assign(x)
    return time.perf_counter() - start, {"labels.i32": labels, "centroids.f32": m.centroids}


def sklearn_neighbours(x, a):
    from sklearn.neighbors import NearestNeighbors
    start = time.perf_counter()
    _, rows = NearestNeighbors(n_neighbors=a.neighbours, algorithm="brute").fit(x).kneighbors(x[:a.queries])
    return time.perf_counter() - start, {"neighbours.i32": rows}


def faiss_neighbours(x, a):
    import faiss
    start = time.perf_counter()
    index = faiss.IndexFlatL2(a.d)
    index.add(x)
    _, rows = index.search(x[:a.queries], a.neighbours)
    return time.perf_counter() - start, {"neighbours.i32": rows}


def main():
    p = argparse.ArgumentParser()
    for name in ("n", "d", "k", "iterations", "queries", "neighbours"):
        p.add_argument("-" + name, type=int, required=True)
    for name in ("dir", "side", "job"):
        p.add_argument("-" + name, required=True)
    a = p.parse_args()
    x = np.fromfile(os.path.join(a.dir, "cluster-features.f32"), np.float32).reshape(a.n, a.d)
    side = a.side.replace("scikit-learn", "sklearn")
    try:
        __import__(side)
    except ImportError:
        print("missing")
        return
    seconds, results = globals()[side + "_" + a.job](x, a)
    with open("/proc/self/status") as f:
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", f.read()).group(1)) / 1024
    for name, values in results.items():
        values.astype(np.int32 if name.endswith("i32") else np.float32).tofile(os.path.join(a.dir, f"cluster-{a.side}-{name}"))
    print(json.dumps({"seconds": seconds, "peak_mib": peak}))


main()
