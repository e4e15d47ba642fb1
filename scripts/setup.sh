#!/usr/bin/env bash
# Installs what the build needs from Debian's packages, where it may; says what to install where it may not.
# What is there already is left alone, so a second call costs nothing.
set -euo pipefail

packages=(
  g++ pkg-config ca-certificates
  libtorch-dev libopenblas0-pthread
  libavcodec-dev libavdevice-dev libavfilter-dev libavformat-dev libavutil-dev libswresample-dev libswscale-dev
)

missing=()
for p in "${packages[@]}"; do
  dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || missing+=("$p")
done
# A libtorch of one's own (TORCH_DIR, see docs/gpu.md) takes the place of Debian's.
if [ -n "${TORCH_DIR:-}" ]; then
  for i in "${!missing[@]}"; do
    case "${missing[$i]}" in libtorch-dev | libopenblas0-pthread) unset "missing[$i]" ;; esac
  done
fi

if [ "${#missing[@]}" -gt 0 ]; then
  as=()
  if [ "$(id -u)" -ne 0 ]; then as=(sudo -n); fi
  if ! command -v apt-get >/dev/null || { [ "${#as[@]}" -gt 0 ] && ! sudo -n true 2>/dev/null; }; then
    echo "vssl needs packages that are not installed, and may not install them itself. Run this, then the same make again:" >&2
    echo "  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "installing ${missing[*]}" >&2
  "${as[@]}" apt-get update -qq
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! command -v go >/dev/null; then
  echo "vssl needs Go 1.26 or newer on the PATH: https://go.dev/doc/install" >&2
  exit 1
fi
