#!/usr/bin/env bash
# Builds the container image without any registry: its base is made of Debian's packages. Then runs it on the sample picture and says its size.
# Needs root, mmdebstrap and buildah (apt-get install mmdebstrap buildah), and the .NET SDK.
#   deploy/containers/build-without-registry.sh IMAGE.tar [linux-x64|linux-arm64]
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$(realpath -m "${1:?name the file for the image, for example hoverfast.tar}")
rid=${2:-linux-x64}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
# In a folder of its own and without overlay mounts: runs inside of containers and virtual machines too.
buildah() { command buildah --storage-driver vfs --root "$work/storage" --runroot "$work/run" "$@"; }

dotnet publish src/HoverFast.Cli -c Release -r "$rid" --self-contained -p:DebugType=none -o "$work/publish" -v q --nologo
find "$work/publish" -name '*.xml' -delete
chmod -R a+rX "$work/publish"

# The base: no more of Debian than the libraries and a shell. Documents and languages stay out.
mmdebstrap --quiet --variant=minbase --architectures="$([ "$rid" = linux-arm64 ] && echo arm64 || echo amd64)" \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/man/*' --include=libstdc++6,libssl3,libturbojpeg0,libopenjp2-7,libopenslide0 \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin' bookworm "$work/base.tar"
base=$(buildah from scratch)
buildah add -q "$base" "$work/base.tar" / >/dev/null
buildah commit -q --format docker "$base" hoverfast-base >/dev/null

# chroot isolation: no rights to make namespaces are needed.
buildah build -q --isolation chroot --format docker --build-arg BASE=localhost/hoverfast-base --build-arg PUBLISHED=. \
  -f deploy/containers/Containerfile -t hoverfast "$work/publish" >/dev/null
container=$(buildah from hoverfast)
buildah run --isolation chroot "$container" -- /opt/hoverfast/hoverfast segment --sample -o /tmp/results --threads 2
buildah run --isolation chroot "$container" -- sh -c 'id -u; ls -l /tmp/results'

rm -f "$target"
buildah push -q hoverfast "docker-archive:$target:hoverfast:latest"
gzip -9 -c "$target" > "$target.gz"
echo "image: $(($(stat -c %s "$target") >> 20)) MiB, compressed $(($(stat -c %s "$target.gz") >> 20)) MiB: $target.gz"
