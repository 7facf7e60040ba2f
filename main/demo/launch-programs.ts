/**
 * The stand-in programs of a demo host that serving a model needs, as POSIX sh: a `vllm` that plays its stages and leaves a note of
 * what it is in `../state/launched`, which launched.ts reads, and what leads to it. None of them starts a program of this computer.
 */

const prologue = `#!/bin/sh
# A stand-in of the vllm-tray demo cluster.
state=\${0%/bin/*}/state
`;

/** The words are those of vLLM 0.11 and huggingface_hub. It ends with the demo cluster, whose process number is in \`owner\`. */
const vllm = `${prologue}
[ "$1" = serve ] || { echo "usage: vllm serve MODEL"; exit 2; }
model=$2 port=8000 split=1
shift; [ $# -eq 0 ] || shift
while [ $# -gt 0 ]; do
  case $1 in
    --port) port=$2 ;;
    --port=*) port=\${1#*=} ;;
    --tensor-parallel-size | -tp) split=$2 ;;
    --tensor-parallel-size=*) split=\${1#*=} ;;
  esac
  shift
done
read -r owner <"$state/owner"
note=$state/launched/$port
wait_for() {
  left=$1
  while [ "$left" -gt 0 ]; do
    kill -0 "$owner" 2>/dev/null || exit 1
    sleep 1
    left=$((left - 1))
  done
}
be() {
  printf '%s\\n' "$$" "$1" "$CUDA_VISIBLE_DEVICES" "$model" >"$note.new" && mv "$note.new" "$note"
}
fail() { echo "Traceback (most recent call last):"; echo "$1"; exit 1; }
trap 'rm -f "$note" "$note.new"' EXIT
trap 'exit 143' INT TERM HUP
echo "INFO [api_server.py:1043] vLLM API server version 0.11.0"
wait_for 4
case $model in
  meta-llama/*) fail "huggingface_hub.errors.GatedRepoError: 401 Client Error. Cannot access gated repo for url https://huggingface.co/$model/resolve/main/config.json." ;;
esac
[ $((64 % split)) -eq 0 ] || fail "ValueError: Total number of attention heads (64) must be divisible by tensor parallel size ($split)."
step=1
while [ $step -le 8 ]; do
  printf '\\rmodel.safetensors:  %d%%|####      | %d.%dG/15.2G [00:0%d<00:0%d, 1.90GB/s]' $((step * 100 / 8)) $((step * 152 / 80)) $((step * 152 / 8 % 10)) "$step" $((8 - step))
  wait_for 1
  step=$((step + 1))
done
echo
be loading
step=1
while [ $step -le 4 ]; do
  echo "Loading safetensors checkpoint shards:  $((step * 25))% Completed | $step/4 [00:0$((2 * step))<00:0$((8 - 2 * step)),  2.02s/it]"
  wait_for 2
  step=$((step + 1))
done
case $model in
  *[Vv]3* | *120b* | *[67][0-9][Bb]*) [ "$split" -ge 4 ] || fail "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.96 GiB. GPU 0 has a total capacity of 79.19 GiB of which 1.02 GiB is free." ;;
esac
step=1
while [ $step -le 3 ]; do
  echo "Capturing CUDA graph shapes:  $((step * 33))%|###       | $((step * 11))/35 [00:0$step<00:0$((3 - step)),  9.5it/s]"
  wait_for 2
  step=$((step + 1))
done
be serving
echo "INFO:     Application startup complete."
while :; do wait_for 3600; done
`;

/** uv, docker and podman run the same program, whatever environment or image they were given. */
const launcher = `${prologue}
while [ $# -gt 0 ] && [ "$1" != serve ]; do shift; done
[ $# -gt 0 ] || exit 0
exec "\${0%/*}/vllm" "$@"
`;

/** A launch then runs without a session: those of this computer's tmux are its user's own. */
const tmux = `${prologue}
echo 'no server running' >&2
exit 1
`;

/** Whether a port is free on the demo host is no question to this computer's ports; for all else the next python3 is asked. */
const python = `${prologue}
case $1-$2 in
  '-c-import socket'*)
    grep -q ":$3|" "$state/listen" && exit 98
    exit 0 ;;
esac
PATH=\${PATH#*:}
exec python3 "$@"
`;

/** Script text by program name. */
export const launchPrograms: Readonly<Record<string, string>> = {
  vllm,
  uv: launcher,
  docker: launcher,
  podman: launcher,
  tmux,
  python3: python,
};
