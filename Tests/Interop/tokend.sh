# Sourced by the scripts beside this one, with their argument: starts tokend on a directory of its own, compares what a
# client says with expected.txt, and cleans up.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
protocol=$(cd "$here/../../Protocol" && pwd)
if [ $# -ne 1 ] || [ ! -x "$1/tokend" ]; then
    echo "usage: $0 BUILD_DIR, for example .build/release: where tokend is" >&2
    exit 64
fi
build=$(cd "$1" && pwd)
work=$(mktemp -d)
daemon=

finish() {
    if [ -n "$daemon" ]; then
        kill "$daemon" || true
        wait "$daemon" || true
    fi
    rm -rf -- "$work"
}
trap finish EXIT

start_tokend() {
    "$build/tokend" init --store "$work/store" >"$work/log"
    "$build/tokend" serve --store "$work/store" --socket "$work/tokend.sock" 2>>"$work/log" &
    daemon=$!
    for _ in $(seq 100); do
        if grep -q message=ready "$work/log"; then return; fi
        sleep 0.1
    done
    cat "$work/log"
    echo "tokend was not ready within 10 s" >&2
    return 1
}

# stop_tokend: its end has to be an orderly one.
stop_tokend() {
    local pid=$daemon
    daemon=
    kill "$pid"
    if ! wait "$pid"; then
        cat "$work/log"
        echo "tokend did not end with 0" >&2
        return 1
    fi
}

# expect CLIENT...: runs the client and compares all it says. Ids and trace ids, new in every run, are only checked for
# their form.
expect() {
    local status=0
    timeout 60 "$@" "$work" >"$work/said" 2>&1 || status=$?
    sed -E 's/\btok_[0-9A-HJKMNP-TV-Z]{26}\b/tok_ID/g; s/\btrace_id=[0-9a-f]{16}\b/trace_id=ID/g' \
        "$work/said" >"$work/compared"
    if ! diff -u --label expected.txt --label said "$here/expected.txt" "$work/compared" || [ "$status" -ne 0 ]; then
        cat "$work/log"
        echo "the client ended with $status, or did not say what it should" >&2
        return 1
    fi
}
