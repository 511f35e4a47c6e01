#!/usr/bin/env bash
# Runs finmem against a real model server: builds Ollama from the Go module proxy,
# starts it with a tiny model of random weights, and lets TestRealOllama trade with
# it, then replay the run with the server gone.
#
#   scripts/ollama.sh [FOLDER]
#
# The program is built once and kept in FOLDER; without one it is built into a
# temporary folder. Needs Go and a C++ compiler. Two libraries of headers that
# Ollama wants are taken from the system, or else from Debian's packages
# nlohmann-json3-dev and libstb-dev, which are unpacked beside it, not installed.
set -euo pipefail
cache="${1:-}"
if [ -n "$cache" ]; then
	mkdir -p "$cache"
	cache="$(cd "$cache" && pwd)"
else
	cache="$(mktemp -d)"
	trap 'rm -rf "$cache"' EXIT
fi
cd "$(dirname "$0")/.."
repository="$PWD"
version=v0.13.5
program="$cache/$version/ollama"
headers="$cache/headers"
include="-I$repository/scripts/ollama/inc -I$headers/usr/include"

# has_headers says whether the compiler finds the headers.
has_headers() {
	# shellcheck disable=SC2086 # the flags are two words
	printf '#include <nlohmann/json.hpp>\n#include <stb/stb_image.h>\n' | "${CXX:-c++}" $include -E -x c++ - >/dev/null 2>&1
}

if [ ! -x "$program" ]; then
	if ! command -v "${CXX:-c++}" >/dev/null; then
		echo "no C++ compiler: install g++, or set CXX" >&2
		exit 1
	fi
	if ! has_headers && command -v apt-get >/dev/null; then
		echo "== fetching the headers"
		mkdir -p "$headers"
		(
			cd "$headers"
			apt-get download nlohmann-json3-dev libstb-dev || {
				# A fresh machine has no lists of packages yet.
				[ "$(id -u)" -eq 0 ] && apt-get update -qq && apt-get download nlohmann-json3-dev libstb-dev
			}
			for package in ./*.deb; do dpkg-deb -x "$package" .; done
		) || true # what is missing is said below
	fi
	if ! has_headers; then
		echo "nlohmann/json.hpp or stb/stb_image.h is missing: install nlohmann-json3-dev and libstb-dev (apt-get update may be needed first)" >&2
		exit 1
	fi
	echo "== building Ollama $version into $cache, some minutes"
	(
		# Outside of the module, which does not need Ollama.
		cd "$cache"
		GOBIN="$cache/$version" GOFLAGS=-mod=mod CGO_ENABLED=1 CGO_CPPFLAGS="$include" \
			CGO_CFLAGS='-O2 -g0' CGO_CXXFLAGS='-O2 -g0' \
			go install -ldflags='-s -w' "github.com/ollama/ollama@$version"
	)
fi

echo "== running finmem against it"
FINMEM_OLLAMA="$program" go test -tags ollama -run '^TestRealOllama$' -count 1 -timeout 60m -v ./cmd/finmem
