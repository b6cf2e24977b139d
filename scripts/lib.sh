# Sourced by every script: where things are, and the environment that the builds share.
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/encrytrust
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}
# shellcheck disable=SC2034 # for the scripts that source this one
BIN=$CARGO_TARGET_DIR/debug
PYTHON=$CACHE/python
# What scripts/build-release compiles: other profiles than everything else, so in a folder of its own.
RELEASE_TARGET=$CACHE/target-release
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

# A Python environment with the packages of a requirements file, made again when that changes.
python_with() {
	local requirements=$1 venv=$2
	if ! cmp -s "$requirements" "$venv/requirements.txt"; then
		say "Python packages of ${requirements#"$ROOT/"}"
		rm -rf "$venv"
		python3 -m venv "$venv" || die "python3 -m venv failed: apt-get install python3-venv"
		"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" >&2
		cp "$requirements" "$venv/requirements.txt"
	fi
}

# The tools of scripts/docs and of the lint step are in $PYTHON/bin.
python_tools() {
	python_with "$ROOT/scripts/requirements.txt" "$PYTHON"
}

# The Node packages of the tests, installed when their lock file has changed.
test_packages() {
	local tests=$ROOT/tests
	if [ "$tests/node_modules/.package-lock.json" -nt "$tests/package-lock.json" ]; then return; fi
	say "installing Node packages of tests"
	# The suites share their packages: copies of their own would come first, and have other types.
	rm -rf "$tests"/{e2e,network}/node_modules
	# Not `npm ci`: npm 11 leaves other platforms' optional packages out of the lock file, and then refuses it.
	(cd "$tests" && npm install --silent --no-save --no-audit --no-fund)
}

# The workspace's crates need a compiler of at least the version that Cargo.toml names.
check_rust_version() {
	local needed found
	needed=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$ROOT/Cargo.toml")
	found=$(cd "$ROOT" && rustc --version | cut -d ' ' -f 2)
	printf '%s\n' "$needed" "$found" | sort --version-sort --check=quiet ||
		die "EncryTrust needs Rust $needed or newer, and this is Rust $found: run rustup update stable"
}

# Builds everything, once, with one profile and one feature set.
build_all() {
	use_wasm_toolchain
	(cd "$ROOT" && cargo build --workspace --locked "$@")
}

# Builds with a release profile. The features are those of build_all, so that what is shipped is what was tested; paths of
# this machine do not get into the binaries. Arguments: the profile, then which targets.
build_profile() {
	local profile=$1
	shift
	use_wasm_toolchain
	(
		cd "$ROOT"
		unset RUSTFLAGS RUSTC_WORKSPACE_WRAPPER
		# Separated by 0x1f, since paths may have blanks.
		printf -v CARGO_ENCODED_RUSTFLAGS -- '--remap-path-prefix=%s=/encrytrust\x1f--remap-path-prefix=%s=/cargo' \
			"$ROOT" "${CARGO_HOME:-$HOME/.cargo}"
		export CARGO_ENCODED_RUSTFLAGS
		CARGO_TARGET_DIR=$RELEASE_TARGET cargo build --workspace --locked --profile "$profile" "$@" >&2
	)
}
