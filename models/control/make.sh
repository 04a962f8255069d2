#!/usr/bin/env bash
# Makes the expected results of all built-in models anew, after nuclei changed on purpose. Needs the .NET SDK.
set -euo pipefail
cd "$(dirname "$0")/../.."

dotnet build -c Release -v q --nologo src/HoverFast.Cli
for card in models/*.card.json; do
  name=$(basename "$card" .card.json)
  dotnet run -c Release --no-build --project src/HoverFast.Cli -- control --model "$name" --mpp 0.25 --save "models/control/$name.control.json"
done
