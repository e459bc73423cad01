# What tests need beside Rust: sourced by scripts/test.

say() { printf '\n== %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "$0" "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "installing packages needs root or sudo: $*"
    fi
}

apt_updated=
apt() {
    if [ -z "$apt_updated" ]; then as_root apt-get update -qq; apt_updated=1; fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@"
}

# need COMMAND PACKAGE...: installs the packages unless the command is there.
need() {
    local command=$1; shift
    command -v "$command" >/dev/null && return
    say "installing $*"
    apt install -y -qq --no-install-recommends "$@" >/dev/null || die "could not install $*; install them by hand and try again"
    command -v "$command" >/dev/null || die "$command is still missing after installing $*"
}

postgres_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

# Where tools are kept that no package puts in place.
tools_folder=$PWD/target/tools

install_tools() {
    command -v apt-get >/dev/null || die "only Debian and its kin are known here; see scripts/tools.sh for what is needed"
    need runuser util-linux
    need chromium chromium
    need chromedriver chromium-driver
    # Reads the profiles that the agent writes.
    need go golang-go
    install_postgres
    install_promtool
    install_python
}

install_postgres() {
    [ -z "$(postgres_bin)" ] || return 0
    say "installing PostgreSQL"
    # The tests make a cluster of their own; Debian's default one would be left running.
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    apt install -y -qq --no-install-recommends postgresql >/dev/null || die "could not install postgresql"
    [ -n "$(postgres_bin)" ] || die "postgresql was installed but /usr/lib/postgresql/*/bin is missing"
}

# promtool alone, into target/tools: installing its package would start a Prometheus.
install_promtool() {
    [ ! -x "$tools_folder/promtool" ] || return 0
    say "fetching promtool"
    mkdir -p "$tools_folder/prometheus"
    if [ -z "$apt_updated" ]; then as_root apt-get update -qq; apt_updated=1; fi
    (cd "$tools_folder/prometheus" && apt-get download -qq prometheus 2>/dev/null && dpkg -x prometheus_*.deb .) ||
        die "could not fetch Debian's package prometheus"
    mv "$tools_folder/prometheus/usr/bin/promtool" "$tools_folder/promtool"
    rm -r "$tools_folder/prometheus"
}

# OpenTelemetry's SDK for Python, in tests/.venv. Made anew when what it needs has changed.
install_python() {
    need python3 python3
    python3 -c 'import ensurepip, venv' 2>/dev/null || {
        say "installing python3-venv"
        apt install -y -qq --no-install-recommends python3-venv >/dev/null || die "could not install python3-venv"
    }
    local wanted stamp=tests/.venv/made-of
    wanted=$(python3 --version; sha256sum <tests/python/requirements.txt)
    [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
    say "installing the OpenTelemetry SDK for Python into tests/.venv"
    rm -rf tests/.venv
    python3 -m venv tests/.venv
    tests/.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps -r tests/python/requirements.txt ||
        die "could not install tests/python/requirements.txt from PyPI"
    echo "$wanted" >"$stamp"
}

# cargo-deny, built without optimisation: a minute or two instead of many, and it runs for seconds.
install_cargo_deny() {
    local version=0.20.2
    [ "$("$tools_folder/bin/cargo-deny" --version 2>/dev/null)" != "cargo-deny $version" ] || return 0
    say "building cargo-deny $version"
    cargo install -q cargo-deny --version "$version" --locked --debug --force --root "$tools_folder" ||
        die "could not build cargo-deny"
}

# PostgreSQL refuses to run as root.
as_postgres() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Starts a cluster in a folder of its own and tells tests of it in SEAWORTHY_TEST_POSTGRES.
start_postgres() {
    local bin port
    bin=$(postgres_bin)
    port=$(free_port)
    postgres_folder=$(mktemp -d)
    if [ "$(id -u)" -eq 0 ]; then chown postgres "$postgres_folder"; fi
    as_postgres "$bin/initdb" -D "$postgres_folder/data" -U seaworthy --auth=trust --no-sync --encoding=UTF8 --locale=C >/dev/null
    as_postgres "$bin/pg_ctl" -D "$postgres_folder/data" -l "$postgres_folder/log" -w start \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$postgres_folder -c fsync=off -c max_connections=400" >/dev/null ||
        { cat "$postgres_folder/log" >&2; die "PostgreSQL did not start"; }
    export SEAWORTHY_TEST_POSTGRES="postgres://seaworthy@127.0.0.1:$port/postgres"
}

stop_postgres() {
    as_postgres "$(postgres_bin)/pg_ctl" -D "$postgres_folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$postgres_folder"
}
