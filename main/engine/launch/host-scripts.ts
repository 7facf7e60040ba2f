/** The scripts that are sent to a host's shell. Every word of ours in them goes through {@link shellLine}. Pure. */

import type { GpuVendor } from '#common/gpu-tools.ts';
import { gpuTools } from '../probe/tools/registry.ts';
import { end, identity, keeper, server } from './keeper.ts';
import { shellLine } from './launchers/launcher.ts';

/** The most of a log that is read at once, in bytes. */
export const logTailBytes = 65_536;

/**
 * Leaves the GPUs on which processes run in `held`, of the tools of that vendor that can say it. A tool that does not answer
 * refuses the start: its GPUs may be another user's.
 */
function heldGpus(vendor: GpuVendor | null): string {
  const tools = gpuTools.filter((tool) => tool.vendor === vendor && tool.heldGpus !== undefined);
  const folders = tools.flatMap((tool) => tool.folders);
  return [
    `PATH=${['$PATH', ...folders].join(':')}`,
    'held=',
    ...tools.map(
      ({ program, heldGpus: command }) =>
        `held=$(printf '%s\\n' "$held"; ${command}) || refuse silent ${program}`,
    ),
  ].join('\n');
}

/** Homes are often shared by hosts, so the folder has the host's name. Nothing in it is for others. */
const prelude = `
umask 077
root=$HOME/.cache/vllm-tray/launches/$(uname -n)
${identity}
alive() { group_runs "$1/server.pid" || { [ ! -f "$1/exit" ] && runs "$1/keeper.pid"; }; }
refuse() { echo "refused $*"; exit 0; }
# A program that is there may still not run: only its own word that the port is taken counts.
bindable() {
  python3 -c 'import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try: s.bind(("0.0.0.0", int(sys.argv[1]))); s.listen(1)
except OSError: sys.exit(98)' "$1" 2>/dev/null
  case $? in 0) return 0 ;; 98) return 1 ;; esac
  perl -MIO::Socket::INET -e 'exit(IO::Socket::INET->new(LocalAddr => "0.0.0.0", LocalPort => $ARGV[0], Listen => 1, ReuseAddr => 1) ? 0 : 98)' "$1" 2>/dev/null
  case $? in 0) return 0 ;; 98) return 1 ;; esac
  ! cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" { print $2 }' | grep -qi ":$(printf %04X "$1")$"
}
port_free() {
  for other in "$root"/*/; do
    [ "$(cat "$other/port" 2>/dev/null)" = "$1" ] && alive "$other" && return 1
  done
  bindable "$1"
}
`;

/** A whole script: read to its end before any of it runs, so that no command in it takes the rest for its input. */
function script(body: string): string {
  return `main() {\n${prelude}\n${body}\n}\n(main </dev/null 2>/dev/null)\n`;
}

const assign = (name: string, value: string): string => `${name}=${shellLine([value])}`;

/** Prints what launchers ask for, and the first free port from `from` to `to`. */
export function factsScript({ from, to }: { readonly from: number; readonly to: number }): string {
  return script(`
case \${SHELL:-/bin/sh} in
  *csh) found=$("$SHELL" -c 'which vllm uv conda docker podman') ;;
  *) found=$("\${SHELL:-/bin/sh}" -lc 'command -v vllm; command -v uv; command -v conda; command -v docker; command -v podman') ;;
esac
printf '%s\\n' "$found" | grep -E '^/.*/(vllm|uv|docker|podman)$' | sed 's/^/program /'
conda=$(printf '%s\\n' "$found" | grep '/conda$' | tail -n 1)
for base in "\${conda%/*/*}" "\${CONDA_EXE%/*/*}" "$HOME"/miniconda3 "$HOME"/miniforge3 "$HOME"/mambaforge "$HOME"/anaconda3 /opt/conda /opt/miniconda3 /opt/anaconda3; do
  [ -n "$base" ] && [ -f "$base/etc/profile.d/conda.sh" ] || continue
  printf 'conda %s\\n' "$base"
  for folder in "$base"/envs/*/ "$HOME"/.conda/envs/*/; do
    folder=\${folder%/}
    [ -d "$folder" ] && printf 'environment %s\\n' "\${folder##*/}"
  done
  break
done
port=${from}
while [ "$port" -le ${to} ]; do
  if port_free "$port"; then echo "port $port"; break; fi
  port=$((port + 1))
done`);
}

/** Prints every launch of this user on this host, and the sessions of vllmctl; `sentinel` ends a log. */
export function lookScript(sentinel: string): string {
  return script(`
${assign('sentinel', sentinel)}
echo "now $(date +%s)"
for dir in "$root"/*/; do
  dir=\${dir%/}
  [ -f "$dir/meta.json" ] || continue
  echo "launch \${dir##*/}"
  if alive "$dir"; then echo "program runs"; else echo "program ended"; fi
  for name in ends exit why; do
    [ -f "$dir/$name" ] && printf '%s\\n' "$name $(head -c 100 "$dir/$name" | tr -d '\\n')"
  done
  # Not by echo, which takes backslashes for more in some shells.
  printf 'meta %s\\n' "$(head -c 65536 "$dir/meta.json" | tr -d '\\n')"
  echo log
  tail -c ${logTailBytes} "$dir/log"
  printf '\\n%s\\n' "$sentinel"
done
tmux list-panes -a -F '#{session_name} #{session_created} #{pane_pid}' | grep -E '^vllmctl_server_[0-9]+ ' |
  while read -r name created pid; do
    [ ! -d "$root/$name" ] || continue
    echo "launch $name"
    echo "program runs"
    echo "session $created"
    echo log
    tmux capture-pane -p -S -500 -t "=$name:" | tail -c ${logTailBytes}
    printf '\\n%s\\n' "$sentinel"
  done`);
}

export interface StartFiles {
  readonly name: string;
  readonly port: number;
  /** Whose tool is asked once more whether they are free; null: no GPUs are wanted. */
  readonly vendor: GpuVendor | null;
  readonly gpus: readonly string[];
  readonly line: string;
  readonly killLine: string | null;
  readonly lifetimeSeconds: number | null;
  /** All of meta.json but the time of its start. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/**
 * Starts a launch and prints `started`, or `refused` with `busy`, `name`, `silent PROGRAM`, `gpus UUID`, `port` or `start`. One at a time: of two
 * that want the same GPUs, name or port, the second finds the first.
 */
export function startScript(files: StartFiles): string {
  const { name, port, vendor, gpus, line, killLine, lifetimeSeconds, meta } = files;
  const file = (to: string, text: string): string => `printf '%s\\n' ${shellLine([text])} >"$dir/${to}"`;
  // No quote or backslash of JSON has a meaning here; the time is the host's.
  const before = JSON.stringify(meta).slice(0, -1);
  return script(`
${assign('name', name)}
dir=$root/$name
mkdir -p "$root" && chmod 700 "$HOME/.cache/vllm-tray" "$root" || refuse start
tries=0
until mkdir "$root/.lock" 2>/dev/null; do
  tries=$((tries + 1))
  runs "$root/.lock/pid" || [ "$tries" -lt 5 ] || rm -rf "$root/.lock"
  [ "$tries" -lt 30 ] || refuse busy
  sleep 1
done
trap 'rm -rf "$root/.lock"' EXIT
echo "$$ $(born $$)" >"$root/.lock/pid"
[ ! -d "$dir" ] || ! alive "$dir" || refuse name
! tmux has-session -t "=$name" || refuse name
${heldGpus(vendor)}
for gpu in ${shellLine(gpus)}; do
  printf '%s\\n' "$held" | grep -Fxq -e "$gpu" && refuse gpus "$gpu"
  for other in "$root"/*/; do
    grep -Fxq -e "$gpu" "$other/gpus" && alive "$other" && refuse gpus "$gpu"
  done
done
port_free ${port} || refuse port
rm -rf "$dir" && mkdir "$dir" || refuse start
${file('keeper', keeper)}
${file('server', server)}
${file('end', end)}
${file('line', line)}
${killLine === null ? '' : file('kill', killLine)}
${gpus.length === 0 ? '' : file('gpus', gpus.join('\n'))}
echo ${port} >"$dir/port"
${lifetimeSeconds === null ? '' : `echo $(($(date +%s) + ${lifetimeSeconds})) >"$dir/ends"`}
: >"$dir/log"
printf '%s,"startedAt":%s}\\n' ${shellLine([before])} "$(date +%s)" >"$dir/meta.json"
if ! tmux new-session -d -s "$name" -- /bin/sh "$dir/keeper" "$dir"; then
  command -v setsid >/dev/null && free=setsid || free=
  $free nohup /bin/sh "$dir/keeper" "$dir" </dev/null >/dev/null 2>&1 &
fi
tries=0
until [ -f "$dir/server.pid" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 10 ] || refuse start
  sleep 1
done
echo started`);
}

/** Ends a launch, or a session of vllmctl, and prints `ended` when nothing of it runs any more; or `refused`. */
export function stopScript(name: string): string {
  return script(`
${assign('name', name)}
dir=$root/$name
if [ -d "$dir" ]; then
  alive "$dir" || refuse gone
  : >"$dir/stop"
  if ! runs "$dir/keeper.pid"; then
    echo asked >"$dir/why"
    (cd "$dir" && /bin/sh ./end)
  fi
  waited=0
  while { alive "$dir" || runs "$dir/keeper.pid"; } && [ "$waited" -lt 60 ]; do
    # A keeper that does not act in the time of TERM and KILL is not waited for.
    [ "$waited" -ne 25 ] || (cd "$dir" && /bin/sh ./end)
    sleep 1
    waited=$((waited + 1))
  done
  [ "$waited" -lt 60 ] || refuse stays
  echo ended
  exit 0
fi
echo "$name" | grep -Eq '^vllmctl_server_[0-9]+$' || refuse gone
panes=$(tmux list-panes -s -t "=$name" -F '#{pane_pid}') || refuse gone
members() {
  for pane in $panes; do ps -eo pid=,sess=,stat= | awk -v session="$pane" '$2 == session && $1 != session && $3 !~ /^Z/ { print $1 }'; done
}
for pid in $(members); do kill -TERM "$pid"; done
waited=0
while [ -n "$(members)" ] && [ "$waited" -lt 20 ]; do
  sleep 1
  waited=$((waited + 1))
done
for pid in $(members); do kill -KILL "$pid"; done
tmux kill-session -t "=$name"
echo ended`);
}

/** Moves the end of a launch, and prints `extended`; or `refused` with `gone` or `endless`. */
export function extendScript(name: string, seconds: number): string {
  return script(`
${assign('name', name)}
dir=$root/$name
[ -d "$dir" ] && alive "$dir" || refuse gone
ends=$(cat "$dir/ends")
[ -n "$ends" ] || refuse endless
echo $((ends + ${seconds})) >"$dir/ends.new" && mv "$dir/ends.new" "$dir/ends" && echo extended`);
}

/** Prints the number of bytes of a log, then at most {@link logTailBytes} of it from that byte on; the latest where there are more. */
export function logScript(name: string, after: number): string {
  return script(`
${assign('name', name)}
dir=$root/$name
if [ -d "$dir" ]; then
  part() { cat "$dir/log"; }
else
  echo "$name" | grep -Eq '^vllmctl_server_[0-9]+$' || refuse gone
  part() { tmux capture-pane -p -S - -t "=$name:" | sed -e :a -e '/^\\n*$/{$d;N;ba' -e '}'; }
fi
size=$(part | wc -c)
from=$((size - ${logTailBytes}))
[ "$from" -ge ${after} ] || from=${after}
echo "size $((size))"
[ "$from" -ge "$size" ] || part | tail -c "+$((from + 1))" | head -c "$((size - from))"`);
}
