# Sourced by every script: where things are, and the environment that the builds share.
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/encrytrust
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}
BIN=$CARGO_TARGET_DIR/debug
# Debian's compiler, linked as a toolchain of its own, where rustup cannot fetch the Wasm target (scripts/setup).
WASM_TOOLCHAIN=encrytrust-wasm

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command with root's rights where needed.
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The toolchain that builds the runtime's Wasm: rustup's own if it has the target, else the fallback.
use_wasm_toolchain() {
	if [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32v1-none" ]; then
		unset WASM_BUILD_TOOLCHAIN
	elif rustup toolchain list | grep -q "^$WASM_TOOLCHAIN"; then
		export WASM_BUILD_TOOLCHAIN=$WASM_TOOLCHAIN
	else
		die "no compiler for wasm32v1-none: run scripts/setup"
	fi
}

# Builds everything, once, with one profile and one feature set.
build_all() {
	use_wasm_toolchain
	(cd "$ROOT" && cargo build --workspace --locked "$@")
}
