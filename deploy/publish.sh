#!/usr/bin/env bash
# Makes the program as one file for each system, with bills of materials and checksums: deploy/publish.sh FOLDER [RID...]
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(realpath -m "${1:?name the folder for the programs}")
shift
[ $# -gt 0 ] || set -- linux-x64 linux-arm64 win-x64 osx-arm64
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir -p "$target"
for rid in "$@"; do
  # The native libraries (ONNX Runtime, Skia) are unpacked at the first start, into DOTNET_BUNDLE_EXTRACT_BASE_DIR or the user's folder .net.
  dotnet publish src/HoverFast.Cli -c Release -r "$rid" --self-contained -p:PublishSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true \
    -p:PublishReadyToRun=true -p:DebugType=none -o "$work/$rid" -v q --nologo
  case $rid in win-*) ending=.exe ;; *) ending= ;; esac
  cp "$work/$rid/hoverfast$ending" "$target/hoverfast-$rid$ending"
done
deploy/sbom.sh "$target"
(cd "$target" && sha256sum hoverfast* > SHA256SUMS && cat SHA256SUMS && du -m hoverfast-*)
