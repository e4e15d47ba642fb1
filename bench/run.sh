#!/usr/bin/env bash
# The benchmarks, each beside a peer in the same run: first one side, then the other, several times over, so that a
# machine whose speed drifts slows both. Prints the median ratio and its range. Machines differ; ratios differ less.
# usage: bench/run.sh [clips|pictures [FOLDER SIZE]|step|cluster|sinkhorn]
#        bench/run.sh simclr DATA     a whole short run on DATA/train/CLASS and DATA/test/CLASS; not among the others: it needs pictures and an hour
set -euo pipefail
cd "$(dirname "$0")/.."
what=${1:-all}
rounds=${ROUNDS:-5}
dir=${BENCH_DIR:-${TMPDIR:-/tmp}/vssl-bench}
python=${PYTHON:-/usr/bin/python3}
mkdir -p "$dir"

if ! "$python" -c 'import av, torchvision' 2>/dev/null; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "the peers are not installed: sudo apt-get install --no-install-recommends python3-av python3-torchvision" >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-av python3-torchvision >/dev/null
fi
go build -o "$dir/bench" ./bench

echo "$(date +%F), $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1), $(bin/vssl --version)"
"$python" -c 'import av, torch, torchvision; print("peers: PyAV", av.__version__ + ", PyTorch", torch.__version__ + ", torchvision", torchvision.__version__)'

# median VALUE... prints the middle, the least and the largest.
median() { printf '%s\n' "$@" | sort -g | awk '{v[NR]=$1} END {printf "%.2f (%.2f to %.2f)", v[int((NR+1)/2)], v[1], v[NR]}'; }
ratio() { awk "BEGIN {printf \"%.4f\", $1 / $2}"; }

bench_clips() {
  "$dir/bench" videos "$dir/videos"
  echo
  echo "random clips of 16 frames at stride 2, decoded, cropped, resized to 112x112 and augmented; 2 workers; clips/s"
  local kind n
  for kind in 340x256-gop250 340x256-gop12 1280x720-gop250; do
    n=300; [ "$kind" = 1280x720-gop250 ] && n=60
    local ours=() theirs=() ratios=() a b
    for _ in $(seq "$rounds"); do
      a=$("$dir/bench" clips "$dir/videos" "$kind" "$n")
      b=$("$python" bench/peer_clips.py "$dir/videos" "$kind" $((n / 3)))
      ours+=("$a") theirs+=("$b") ratios+=("$(ratio "$a" "$b")")
    done
    printf '%-16s vssl %s, PyAV + torchvision %s: %s times\n' "$kind" "$(median "${ours[@]}")" "$(median "${theirs[@]}")" "$(median "${ratios[@]}")"
    "$dir/bench" stages "$dir/videos" "$kind" "$n" | sed 's/^/    /'
  done
}

# bench_pictures reads generated pictures, or those of a folder that holds a folder a class.
bench_pictures() {
  echo
  echo "pictures decoded, cropped, resized and augmented as SimCLR does, two views each; 2 workers, batches of 64; pictures/s"
  if [ $# -eq 2 ]; then
    picture_row "$1" "$2" "${PICTURES:-5000}"
  else
    "$dir/bench" jpegs "$dir/pictures"
    picture_row "$dir/pictures/32x32" 32 "${PICTURES:-20000}"
    picture_row "$dir/pictures/500x375" 224 "${PICTURES:-1000}"
  fi
  local raw=() _
  for _ in $(seq "$rounds"); do raw+=("$("$dir/bench" raw 32 20000 | tail -n 1)"); done
  printf '%-16s vssl %s, from memory as the binary files of CIFAR-10 have them\n' "32x32 raw" "$(median "${raw[@]}")"
}

# picture_row FOLDER SIZE N
picture_row() {
  local ours=() theirs=() ratios=() a b _
  for _ in $(seq "$rounds"); do
    a=$("$dir/bench" pictures "$1" "$2" "$3" | tail -n 1)
    b=$("$python" bench/peer_pictures.py "$1" "$2" $(($3 / 4)))
    ours+=("$a") theirs+=("$b") ratios+=("$(ratio "$a" "$b")")
  done
  printf '%-16s vssl %s, torchvision + Pillow %s: %s times\n' "$(basename "$1") to $2" "$(median "${ours[@]}")" "$(median "${theirs[@]}")" "$(median "${ratios[@]}")"
  "$dir/bench" pictures "$1" "$2" "$3" | head -n -1 | sed 's/^/    /'
}

bench_step() {
  echo
  echo "one training step: two views, network, head, NT-Xent, backward, SGD; seconds"
  local model precision n
  for model in r3d_18 resnet18; do
    for precision in bf16 fp32; do
      local ours=() plain=() tuned=() over_plain=() over_tuned=() a b c
      for _ in $(seq $(((rounds + 1) / 2))); do
        a=$("$dir/bench" step "$model" "$precision" 5)
        b=$(peer "$model" "$precision")
        c=$(MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=268435456 peer "$model" "$precision")
        ours+=("$a") plain+=("$b") tuned+=("$c") over_plain+=("$(ratio "$b" "$a")") over_tuned+=("$(ratio "$c" "$a")")
      done
      printf '%-9s %s  vssl %s, PyTorch %s, PyTorch with a tuned allocator %s: %s and %s times\n' "$model" "$precision" "$(median "${ours[@]}")" \
        "$(median "${plain[@]}")" "$(median "${tuned[@]}")" "$(median "${over_plain[@]}")" "$(median "${over_tuned[@]}")"
    done
  done
}

peer() { "$python" bench/peer_step.py --model "$1" --precision "$2" --steps 5 | sed -E 's/.*"seconds": ([0-9.]+).*/\1/'; }

# bench_cluster has an environment of its own: the distribution's scikit-learn is older, and it has no faiss.
bench_cluster() {
  local venv="$dir/cluster-venv"
  if ! "$venv/bin/python" -c 'import sklearn' 2>/dev/null; then
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet numpy scikit-learn
    "$venv/bin/pip" install --quiet faiss-cpu || echo "faiss-cpu cannot be had here; it is left out" >&2
  fi
  echo
  "$venv/bin/python" -c 'import numpy, sklearn; print("peers: numpy", numpy.__version__ + ", scikit-learn", sklearn.__version__)'
  "$venv/bin/python" -c 'import faiss; print("       faiss", faiss.__version__)' 2>/dev/null || true
  "$dir/bench" cluster -dir "$dir" -python "$venv/bin/python" -rounds $(((rounds + 1) / 2)) ${CLUSTER_FLAGS:-}
}

bench_sinkhorn() {
  echo
  echo "self-labels by optimal transport, from features of two modalities to labels; each side in a process of its own"
  local n
  for n in ${SINKHORN_SAMPLES:-100000 1000000}; do
    for _ in $(seq $(((rounds + 1) / 2))); do "$dir/bench" sinkhorn -n "$n" -python "$python"; done
  done
}

# bench_simclr trains the same network on the same pictures here and in plain PyTorch, one after the other, and compares accuracy and time.
bench_simclr() {
  local data=${1:?usage: bench/run.sh simclr DATA} epochs=${EPOCHS:-10} seed
  local run="$dir/simclr" log="$dir/simclr.log" trained scored theirs
  echo
  echo "SimCLR, ResNet-18 on pictures of 32 x 32, batch 128, $epochs epochs: kNN of 200 neighbours, seconds an epoch"
  for seed in ${SEEDS:-1}; do
    rm -rf "$run"
    trained=$(bin/vssl image --data "$data/train" --method simclr --recipe small --epochs "$epochs" --seed "$seed" --out "$run" --json 2>"$log")
    scored=$(bin/vssl eval knn --run "$run" --test "$data/test" --json 2>>"$log")
    printf 'seed %s  vssl     kNN %.4f (untrained %.4f), %.1f s an epoch, %.3f of the time waiting for data\n' "$seed" "$(field knn "$scored")" \
      "$(field knn_random "$scored")" "$(awk "BEGIN {print $(field samples "$trained") / $(field clips_per_second "$trained") / $epochs}")" "$(field data_wait "$trained")"
    theirs=$("$python" bench/peer_simclr.py "$data" --epochs "$epochs" --seed "$seed" ${PEER_FLAGS:-} 2>"$dir/peer-simclr.log")
    printf '        PyTorch  kNN %.4f (untrained %.4f), %.1f s an epoch\n' "$(field knn "$theirs")" "$(field knn_random "$theirs")" \
      "$(field seconds_per_epoch "$theirs")"
  done
}

# field NAME JSON prints the number of that name.
field() { sed -E 's/.*"'"$1"'": ?([-+.0-9eE]+).*/\1/' <<<"$2"; }

case "$what" in
simclr) bench_simclr "${2:-}" ;;
clips) bench_clips ;;
pictures) bench_pictures "${@:2}" ;;
step) bench_step ;;
cluster) bench_cluster ;;
sinkhorn) bench_sinkhorn ;;
all) bench_clips; bench_pictures; bench_step; bench_cluster; bench_sinkhorn ;;
*) echo "usage: bench/run.sh [clips|pictures [FOLDER SIZE]|step|cluster|sinkhorn|simclr DATA]" >&2; exit 2 ;;
esac
