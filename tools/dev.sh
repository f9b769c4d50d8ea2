#!/bin/sh
# What `task dev` starts again after each change: the stylesheet, then the demo
# with data that are kept. Sign in at its own address once; the cookie holds for
# the reloading one as well, since cookies do not tell ports apart.
(cd tools && npm run --silent css 2>/dev/null)
exec go run ./cmd/countersign demo --listen "127.0.0.1:${PORT:-8080}" --data tmp/dev
