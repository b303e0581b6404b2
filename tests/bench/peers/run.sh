#!/usr/bin/env bash
# doorstep beside other sync engines, all under the harness's one workload: ./dev bench --peers. The harness is a
# folder beside this checkout; it is copied, and what npm installs goes into the copy.
set -euo pipefail

here="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
harness="$root/../shared/peers"
repetitions=3
peers=(sqlite session sqlite-sync crsqlite pouchdb yjs automerge-household tinybase)

usage() {
  cat <<TEXT
Usage: ./dev bench --peers [DIR] [--repeats N] [--only PEER,PEER]
  DIR        the peers' harness (default: ../shared/peers beside the checkout)
  --repeats  repetitions of each engine, medians are printed (default: $repetitions)
  --only     these engines beside doorstep, or "none" (default: ${peers[*]})
Example: ./dev bench --peers --only sqlite,yjs --repeats 1
TEXT
}
fail() {
  printf 'bench --peers: %s\n' "$*" >&2
  exit 1
}

while (($#)); do
  case "$1" in
    --peers) ;;
    --repeats) repetitions="${2:?--repeats wants a number}" && shift ;;
    --only)
      IFS=, read -r -a peers <<<"${2:?--only wants names}"
      if [[ "${peers[*]}" == none ]]; then peers=(); fi
      shift
      ;;
    --help | -h) usage && exit 0 ;;
    -*) usage >&2 && exit 2 ;;
    *) harness="$1" ;;
  esac
  shift
done

[[ -f "$harness/run.sh" && -f "$harness/gen.mjs" ]] ||
  fail "there is no peers' harness in $harness; give its folder: ./dev bench --peers DIR"
for tool in node npm; do
  command -v "$tool" >/dev/null || fail "$tool is not installed; the other engines are npm packages"
done

copy="${DOORSTEP_PEERS_COPY:-${TMPDIR:-/tmp}/doorstep-peers}"
export PEERS_SCRATCH="$copy/scratch" PEERS_NOCOLLATE=1
export DOORSTEP_BENCH="${DOORSTEP_BENCH:-$root/build/release/bin/doorstep-bench}"
mkdir -p "$copy/harness" "$PEERS_SCRATCH/out"
cp -R "$harness/." "$copy/harness/"
install -m 755 "$here/doorstep.sh" "$copy/harness/adapters/doorstep.sh"
# Only what runs now is to stand in the table.
rm -f "$copy/harness/results-baseline.json" "$PEERS_SCRATCH"/out/*.jsonl
cd "$copy/harness"
if ((${#peers[@]})) && [[ ! -d node_modules ]]; then
  printf 'bench --peers: npm installs the other engines into %s\n' "$copy/harness" >&2
  npm install --no-audit --no-fund >"$copy/npm.log" 2>&1 ||
    fail "npm install failed: $(tail -3 "$copy/npm.log") (all of it: $copy/npm.log)"
fi

for peer in "${peers[@]}" doorstep; do
  if [[ ! -f "adapters/$peer.mjs" && ! -f "adapters/$peer.sh" ]]; then
    printf 'bench --peers: the harness has no %s\n' "$peer" >&2
    continue
  fi
  printf 'bench --peers: %s\n' "$peer" >&2
  ./run.sh "$peer" "$repetitions" 2>>"$copy/$peer.log" || true
  if [[ ! -s "$PEERS_SCRATCH/out/$peer.jsonl" ]]; then
    printf 'bench --peers: %s did not run (%s)\n' "$peer" "$copy/$peer.log" >&2
  fi
done
[[ -s "$PEERS_SCRATCH/out/doorstep.jsonl" ]] || fail "doorstep did not run: $(tail -3 "$copy/doorstep.log")"
node collate.mjs
sed -n '/^| |/,/^$/p' RESULTS.md
printf 'Raw lines: %s/*.jsonl; medians with minimum and maximum: %s\n' \
  "$PEERS_SCRATCH/out" "$copy/harness/results-baseline.json"
