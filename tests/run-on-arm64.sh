#!/usr/bin/env bash
# Runs the integer engine's kernel tests, and the program on its sample picture, as linux-arm64 under emulation on another processor, with
# and without dot products of bytes; fails unless the sample's nuclei are the same bytes as here. Ten minutes, for correctness, not for timing.
# ONNX Runtime itself does not start under this emulation (it asks for the processor's cores where there are none), so its tests stay out.
#   tests/run-on-arm64.sh [FOLDER]     FOLDER keeps the published programs and the emulated system's libraries
# Needs Debian with qemu-user-static; root, the first time, to fetch arm64 libraries (libc, libstdc++, libgcc, zlib, OpenSSL).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$(realpath -m "${1:-artifacts/arm64}")
root=$folder/root
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if ! command -v qemu-aarch64-static >/dev/null; then
  echo "run-on-arm64: qemu-aarch64-static is missing (Debian: apt install qemu-user-static)." >&2
  exit 1
fi

if [ ! -e "$root/complete" ]; then
  mkdir -p "$root"
  dpkg --add-architecture arm64
  trap 'dpkg --remove-architecture arm64' EXIT
  apt-get update -qq
  (cd "$root" && apt-get download -qq {libc6,libstdc++6,libgcc-s1,zlib1g,libssl3}:arm64 2>/dev/null && for file in ./*.deb; do dpkg -x "$file" .; rm "$file"; done)
  touch "$root/complete"
  dpkg --remove-architecture arm64
  trap - EXIT
fi

for project in src/HoverFast.Cli tests/HoverFast.Tests; do
  dotnet publish -v q -c Release -r linux-arm64 --self-contained -o "$folder/$(basename $project)" $project
done
dotnet build -v q -c Release src/HoverFast.Cli

# .NET under this emulation can't map code twice.
export DOTNET_EnableWriteXorExecute=0
hash() { zcat "$1/sample.geojson.gz" | sha256sum | cut -d ' ' -f 1; }

here=$folder/here
rm -rf "$here"
dotnet src/HoverFast.Cli/bin/Release/net10.0/hoverfast.dll segment --sample -o "$here" --output geojson >/dev/null
echo "here: $(grep -o 'integer engine ([^)]*)' "$here/sample.manifest.json") $(hash "$here")"

# The first processor has dot products, the second has not.
for processor in max cortex-a72; do
  emulate="qemu-aarch64-static -L $root -cpu $processor"
  $emulate "$folder/HoverFast.Tests/HoverFast.Tests" -class HoverFast.Tests.Model.ConvolutionKernelTests -noColor
  there=$folder/$processor
  rm -rf "$there"
  $emulate "$folder/HoverFast.Cli/hoverfast" segment --sample -o "$there" --output geojson >/dev/null
  echo "$processor: $(grep -o 'integer engine ([^)]*)' "$there/sample.manifest.json") $(hash "$there")"
  if [ "$(hash "$there")" != "$(hash "$here")" ]; then
    echo "run-on-arm64: other nuclei on $processor than here." >&2
    exit 1
  fi
done
