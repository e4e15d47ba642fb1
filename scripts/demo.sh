#!/usr/bin/env bash
# The main job from end to end on real video files: make a small labelled set, train without the labels, evaluate.
# usage: scripts/demo.sh DATA RUN
set -euo pipefail
data=$1 run=$2
vssl=$(dirname "$0")/../bin/vssl

"$vssl" prepare demo --data "$data"
rm -rf "$run"
"$vssl" pretrain --dataset demo --data "$data" --method cvrl --recipe small --out "$run"
echo
"$vssl" eval knn --run "$run"
echo "The report, with curves, augmented clips and nearest neighbours: $run/report.html"
