#!/usr/bin/env bash
# The integer engine's kernels against ONNX Runtime on the same instructions: all that this processor has, then without AVX-512, then without
# AVX-VNNI too. .NET's environment variables hide them from our code; ONNX Runtime has no such switch, so it is loaded from a copy whose
# two jumps to what needs them are taken out (byte patterns of version 1.31; nothing else is changed). Everything takes turns, so that
# what else runs on the machine hurts all alike.
#   benchmarks/kernels.sh [ROUNDS] [TURNS] [MODEL]
# Needs x86-64 Linux and perl.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-7} turns=${2:-3} model=${3:-hoverfast-he}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

dotnet build -v q -c Release benchmarks/HoverFast.Benchmarks
for sets in all avx-vnni avx2; do
  cp -r benchmarks/HoverFast.Benchmarks/bin/Release/net10.0 "$folder/$sets"
done

patch() { # FILE PATTERN REPLACEMENT
  perl -0777 -pi -e 'BEGIN { ($p, $r) = splice @ARGV, 0, 2; $r = eval "qq{$r}" } $n = s/$p/$r/sg; die "kernels.sh: the pattern of another version of ONNX Runtime\n" if $n < 1' "$2" "$3" "$1"
}
without_avx512='\x48\xf7\xd0\xa8\xe0\x0f\x84....' ; nothing='\x48\xf7\xd0\xa8\xe0\x66\x0f\x1f\x44\x00\x00'
without_vnni='\x0f\xa2\xa8\x10\x74' ; always='\x0f\xa2\xa8\x10\xeb'
for sets in avx-vnni avx2; do
  patch "$folder/$sets/libonnxruntime.so" "$without_avx512" "$nothing"
done
patch "$folder/avx2/libonnxruntime.so" "$without_vnni" "$always"

run() { # SETS [VARIABLE=VALUE...]
  local sets=$1
  shift
  env "$@" dotnet "$folder/$sets/HoverFast.Benchmarks.dll" kernels "$rounds" "$model"
}
for ((turn = 1; turn <= turns; turn++)); do
  echo "== all instructions" && run all
  echo "== without AVX-512" && run avx-vnni DOTNET_EnableAVX512=0
  echo "== without AVX-512 and AVX-VNNI" && run avx2 DOTNET_EnableAVX512=0 DOTNET_EnableAVXVNNI=0
done
