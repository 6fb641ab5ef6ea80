#!/bin/bash
# Holds tokend to a client in Go that shares no code with it: containerd's ttrpc, and stubs made by the generators from
# Protocol/, with the command that PROTOCOL.md gives.
#
# Usage: Tests/Interop/run-go.sh BUILD_DIR. Needs, of Debian: protobuf-compiler protoc-gen-go-1-3 gogottrpc golang-go
# golang-github-containerd-ttrpc-dev.
set -euo pipefail
. "$(dirname "$0")/tokend.sh"

# Debian's Go packages lie in a GOPATH; what is generated and built here lies in another before it.
export GO111MODULE=off GOFLAGS='' CGO_ENABLED=0 GOPATH="$work/go:/usr/share/gocode"
mkdir -p "$work/go/src"
(cd "$protocol" && protoc -I . \
    --go_out=Mgoogle/protobuf/timestamp.proto=github.com/golang/protobuf/ptypes/timestamp:"$work/go/src" \
    --go-ttrpc_out="$work/go/src" tokend/v1/*.proto)
(cd "$here/go" && test -z "$(gofmt -l .)" && go vet . && go build -o "$work/client" .)

start_tokend
expect "$work/client"
stop_tokend
echo "Go: $(wc -l <"$here/expected.txt") lines as expected"
