#!/bin/bash
# Lets Spin search epochs.pml: the right order in every situation, where it has to find no broken promise after looking at
# every state, and each mistake in the situation that shows it, where it has to find one.
#
# Usage: Tests/Models/run.sh            everything, a line each
#        Tests/Models/run.sh MISTAKE    tells step by step how that mistake breaks the promise
#
# Needs, of Debian: spin gcc libc6-dev. Takes two minutes and 1 GiB of memory.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd "$work"

# situation NAME: the definitions that make it.
situation() {
    case $1 in
        "a commit fails") echo "-DKILLS=0 -DFAILED_COMMITS=1" ;;
        "killed once") echo "" ;;
        "killed twice") echo "-DKILLS=2" ;;
        "stopped, then changed by a command") echo "-DKILLS=0 -DSTOPS=1 -DOFFLINE_CHANGES=1" ;;
        "the same, and killed") echo "-DSTOPS=1 -DOFFLINE_CHANGES=1" ;;
        "killed, the page is lost") echo "-DLOSSES=1" ;;
        "stopped, the page is lost, a command") echo "-DKILLS=0 -DSTOPS=1 -DOFFLINE_CHANGES=1 -DLOSSES=1" ;;
        "the page was lost, killed") echo "-DBEGIN_WITH_A_LOST_PAGE" ;;
        "the same, and another page is lost") echo "-DBEGIN_WITH_A_LOST_PAGE -DLOSSES=1" ;;
        *) echo "no situation is called $1" >&2 && return 1 ;;
    esac
}

# Each mistake, and the situation in which it shows.
mistakes="\
TAG_AT_STORE_TIME:killed once
ANSWER_BEFORE_MOVING:killed once
MOVE_ONLY_BEFORE:killed once
MOVE_ONLY_AFTER:killed once
KEEP_UNDER_AN_ODD_EPOCH:killed once
RESTART_WITHOUT_MOVING:killed once
COMMIT_AT_ONCE:the page was lost, killed
HOLD_ONLY_THE_ANSWER:the page was lost, killed
REMEMBER_BEFORE_THE_WAIT:the page was lost, killed
IGNORE_THE_INSTANCE:the page was lost, killed
IGNORE_THE_LEASE:the page was lost, killed
MOVE_ON_IN_DOUBT:killed, the page is lost
OFFLINE_AT_ONCE:stopped, then changed by a command
LOAD_THE_LEASE_LAST:stopped, then changed by a command"

# search ORDER DEFINITION...: leaves what Spin says in `said`. Depth first takes less memory, breadth first finds the
# shortest way to a fault.
search() {
    local order=()
    if [ "$1" = breadth ]; then order=(-DBFS); fi
    rm -f -- *.trail
    spin -a "${@:2}" "$here/epochs.pml"
    gcc -O2 -w -DSAFETY -DCOLLAPSE -DMEMLIM=3000 "${order[@]}" -o pan pan.c
    timeout 300 ./pan -m100000 >said 2>&1 || true
}

# report RESULT WHAT
report() {
    local states
    states=$(awk '/states, stored/ { print $1 }' said)
    printf '%-9s %-42s %9s states  %3d s\n' "$1" "$2" "${states:-0}" $((SECONDS - begun))
}

# The whole search was made, and nothing was found.
expect_right() {
    begun=$SECONDS
    # shellcheck disable=SC2046
    search depth $(situation "$1")
    if grep -q 'errors: 0$' said && ! grep -qE 'not completed|too small|Interrupted|MEMLIM' said; then
        report right "$1"
    else
        report WRONG "$1" && failed=1 && cat said
    fi
}

# A state was found in which the promise is broken, and not some other fault.
expect_found() {
    begun=$SECONDS
    # shellcheck disable=SC2046
    search breadth $(situation "$2") "-D$1"
    if grep -q 'assertion violated mayBeValid' said; then
        report found "$1"
    else
        report MISSED "$1" && failed=1 && cat said
    fi
}

# The steps of the shortest way to the fault, with the value that each sets.
tell() {
    local definitions
    definitions="$(situation "$2") -D$1"
    # shellcheck disable=SC2086
    search breadth $definitions
    # shellcheck disable=SC2086
    spin -k epochs.pml.trail -t -p $definitions "$here/epochs.pml" | sed -E "s|$here/||; s/ \(state [0-9]+\)//"
}

if [ $# -eq 1 ]; then
    name=$(sed -n "s/^$1://p" <<<"$mistakes")
    if [ -z "$name" ]; then
        echo "no mistake is called $1; there are:" >&2
        cut -d: -f1 <<<"$mistakes" >&2
        exit 64
    fi
    tell "$1" "$name"
    exit
fi

failed=0
for name in "a commit fails" "killed once" "killed twice" "stopped, then changed by a command" "the same, and killed" \
    "killed, the page is lost" "stopped, the page is lost, a command" "the page was lost, killed" \
    "the same, and another page is lost"; do
    expect_right "$name"
done
while IFS=: read -r mistake name; do expect_found "$mistake" "$name"; done <<<"$mistakes"
exit "$failed"
