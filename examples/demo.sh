#!/usr/bin/env bash
# Shows Belay at work on this machine, in a temporary directory: examples/demo.sh PATH-TO-BELAY
set -euo pipefail

belay=$(realpath "${1:?usage: examples/demo.sh PATH-TO-BELAY}")
example=$(cd "$(dirname "$0")/release" && pwd)
work=$(mktemp -d)
root=$work/machine
export BELAY_STORE=$work/store

finish() {
  status=$?
  trap '' INT TERM HUP
  perl "$example/server" stop "$root" || true
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

heading() { printf '\n== %s\n\n' "$*"; }
fail() { printf 'demo: %s\n' "$*" >&2; exit 1; }

# release EXIT-STATUS VERSION [OPTION…]: runs the runbook with nobody at the terminal, so that nothing is asked.
release() {
  local status=0
  "$belay" run "$example/release.yaml" --inputs "$root/inputs.yaml" -i "version=$2" "${@:3}" < /dev/null || status=$?
  [[ $status == "$1" ]] || fail "the release of $2 ended with exit status $status, not with $1"
}

# serves VERSION: the server, the link and the files all say so.
serves() {
  exec 3<> "/dev/tcp/127.0.0.1/${port}"
  printf 'GET /health HTTP/1.0\r\n\r\n' >&3
  health=$(tail -n 1 <&3)
  exec 3>&-
  printf '\nserver: %s   link: %s   releases: %s\n' "$health" "$(readlink "$root/current")" "$(ls -m "$root/releases")"
  [[ $health == "{\"version\": \"$1\", \"ready\": true}" ]] || fail "the server does not serve $1"
  [[ $(readlink "$root/current") == "releases/$1" && ! -e $root/releases/1.2 ]] || fail "$1 is not what is in place"
}

heading "A machine is laid out: three packages, a free port, and nothing released yet"
"$example/prepare" "$root"
inputs=$(< "$root/inputs.yaml"); port=${inputs##*port: }
"$belay" validate "$example/release.yaml"
heading "The first release, 1.0"; release 0 1.0; serves 1.0
heading "A good release, 1.1, takes over"; release 0 1.1; serves 1.1
heading "A dry run of 1.2: what observes is done, what changes is not"; release 0 1.2 --dry-run; serves 1.1
heading "The bad release, 1.2: its verification fails, and everything is undone in reverse"; release 1 1.2; serves 1.1
heading "What the records say of it"; "$belay" show last
heading "Nothing in the records was altered"; "$belay" audit verify
