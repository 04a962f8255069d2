#!/usr/bin/env bash
# Writes what each program is built of (CycloneDX 1.6, JSON: packages, versions, licences, hashes): deploy/sbom.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(realpath -m "${1:?name the folder for the bills of materials}")
mkdir -p "$target"
dotnet tool restore -v q
for program in HoverFast.Cli:hoverfast HoverFast:hoverfast-library HoverFast.Server:hoverfast-serve HoverFast.Training:hoverfast-train; do
  project=src/${program%%:*}/${program%%:*}.csproj
  dotnet restore "$project" -v q --nologo
  dotnet tool run dotnet-CycloneDX "$project" --output "$target" --filename "${program##*:}.cdx.json" --output-format Json --spec-version 1.6 \
    --set-name "${program##*:}" --set-version "$(dotnet msbuild "$project" -getProperty:Version)" --exclude-dev --no-serial-number --disable-package-restore >/dev/null
done
