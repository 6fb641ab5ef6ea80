#!/bin/bash
# Holds tokend to a client in Python: python/connection.py, and messages made by protoc from Protocol/. First
# python/client.py, which does what the client in Go does; then python/conformance.py, a walk over all that PROTOCOL.md
# says of the methods.
#
# Usage: Tests/Interop/run-python.sh BUILD_DIR. Needs, of Debian: protobuf-compiler python3-protobuf.
set -euo pipefail
. "$(dirname "$0")/tokend.sh"

mkdir "$work/gen"
(cd "$protocol" && protoc -I . --python_out="$work/gen" \
    tokend/v1/*.proto ttrpc/ttrpc.proto google/rpc/*.proto grpc/health/v1/health.proto)
# The interpreter for which Debian's python3-protobuf is installed, and no other in the path.
export PYTHONPATH="$work/gen" PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1
python=/usr/bin/python3

start_tokend
expect "$python" "$here/python/client.py"

# The example of PROTOCOL.md, as it stands there but for the path of the socket.
sed -n '/^```python$/,/^```$/{//!p}' "$protocol/PROTOCOL.md" | sed "s|/run/tokend/|$work/|" >"$work/example.py"
said=$("$python" "$work/example.py" <<<nonsense)
if [ "$said" != VERIFY_OUTCOME_MALFORMED ]; then
    echo "the example in PROTOCOL.md said: $said" >&2
    exit 1
fi

stop_tokend
echo "Python: $(wc -l <"$here/expected.txt") lines as expected"

mkdir -m 0700 "$work/walk"
timeout 120 "$python" "$here/python/conformance.py" "$build" "$work/walk" "$protocol/PROTOCOL.md"
