# Shared by ./demo and ./check: what they say, and what they install.

set -euo pipefail

say() { printf '\033[1m== %s\033[0m\n' "$*"; }

need_root() {
  if [ "$(id -u)" != 0 ]; then
    echo "$0: must run as root: it installs packages, and makes namespaces" >&2
    exit 1
  fi
}

# install_packages WORD...: those of packages.txt that any of the words is said of, if missing.
install_packages() {
  local wanted missing=()
  wanted=$(for word in "$@"; do awk -v word="$word" '!/^#/ && $2 == word {print $1}' packages.txt; done)
  for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} = 0 ]; then
    say "Debian packages: all there"
    return
  fi
  say "Installing Debian packages: ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# build PRESET: configures and builds build/PRESET.
build() {
  say "Building ($1); a clean build takes a few minutes"
  # A pull request or a second checkout finds the compiled objects of this one.
  export CCACHE_NOHASHDIR=1
  cmake --preset "$1" >build-"$1".log 2>&1 || { cat build-"$1".log; exit 1; }
  rm -f build-"$1".log
  cmake --build --preset "$1" --parallel "$(nproc)"
}
