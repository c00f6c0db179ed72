#!/bin/sh
# Enqueues a task with nothing but redis-cli. Usage: ./send.sh NAME
set -eu
url=${CHICORY_BROKER_REDIS_URL:-redis://127.0.0.1:6379}
prefix=${CHICORY_BROKER_REDIS_KEY_PREFIX:-chicory}
now=$(($(date +%s) * 1000))

# One field "m" with one JSON envelope. The braces belong to the key.
redis-cli -u "$url" XADD "$prefix:stream:{default}" '*' m \
  "{\"v\":1,\"id\":\"by-hand-$now-$$\",\"name\":\"greet\",\"input\":{\"who\":\"$1\"},\"retries\":0,\"enqueuedAt\":$now}"
