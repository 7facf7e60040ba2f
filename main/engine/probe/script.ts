/**
 * What runs on a host: POSIX sh text, written once to the stdin of `exec /bin/sh`, that defines functions; each request
 * is then one line that calls one of them. Holds for dash, busybox ash and bash.
 *
 * Commands run in a background job and the shell itself always reads its stdin: it notices the end of the connection
 * at once, and `stop` reaches it while a command hangs. So the client can keep the time; a watcher on the host keeps it
 * too, for a client that went away without the connection noticing.
 */

import { processFunctions } from './script-processes.ts';
import type { GpuTool, ToolShell } from './tools/gpu-tool.ts';
import { gpuTools } from './tools/registry.ts';

/** The command for the channel: the login shell, whichever it is, only replaces itself. */
export const shellCommand = 'exec /bin/sh';

/** Most bytes of one command's output that cross the wire. */
export const maxOutputBytes = 262_144;

export interface ScriptOptions {
  /** Frames every answer (see frames.ts); random, because other users' process names appear in the answers. */
  readonly sentinel: string;
  /** Name of the directory for outputs; random, which makes `mkdir` as safe as `mktemp -d` and works everywhere. */
  readonly directory: string;
  /** The watcher kills a command that has run for between one and two times this long. */
  readonly limitSeconds: number;
  /** The GPU tools to look for, in this order; default: all that are known. */
  readonly tools?: readonly GpuTool[] | undefined;
}

/**
 * Returns the script for one connection. Its requests, each answered with one frame:
 * - `gpus NUMBER [COLUMNS] [WITHOUT]`: by the first tool that is there and not named in WITHOUT (with commas), its part, or part
 *   `none`; and `host` (load and memory); or `hung`.
 * - `apps NUMBER [DETAILS]`: the parts that this tool's `apps` makes, mostly with `ps` and `users`; or `hung`.
 * - `names NUMBER PIDS`: part `ps`, the processes with these ids, separated by commas, and `users` (getent passwd).
 * - `kin NUMBER PIDS`: part `kin` with who started these processes, separated by commas, and their containers; `ps` and `users`.
 * - `facts NUMBER`: the parts of its `facts`; or `hung`.
 * - `ports NUMBER`: part `ss` or, without a working ss, `tcp` (/proc/net/tcp and tcp6), or `hung`.
 * - `stop NUMBER`: ends what that request started; part `stopped`.
 *
 * `hung` means that an earlier command of this kind would not die, so no second one was started. Before all others
 * comes frame 0 with part `hello`: code 0 and the directory's path, or code 1 when none is writable.
 */
export function probeScript({ sentinel, directory, limitSeconds, tools = gpuTools }: ScriptOptions): string {
  // The shell puts the sentinel together, so that an account that merely echoes its input never prints it whole.
  const half = sentinel.length >> 1;
  return `exec 2>/dev/null
S=${sentinel.slice(0, half)}
S="$S"${sentinel.slice(half)}
D=${directory}
L=${Math.ceil(limitSeconds)}
${bodyFor(tools)}`;
}

/** The arms of a `case $tool`, one for each tool that does this. */
function arms(tools: readonly GpuTool[], verb: Exclude<keyof ToolShell, 'functions'>): string {
  return tools
    .flatMap(({ program, shell }) => {
      const text = shell[verb];
      return text === undefined ? [] : `    ${program})\n${text}\n      ;;`;
    })
    .join('\n');
}

/** As /proc/PID/stat has a program's name. */
const shortName = ({ program }: GpuTool): string => program.slice(0, 15).replaceAll('.', String.raw`\.`);

const bodyFor = (tools: readonly GpuTool[]): string => String.raw`
LC_ALL=C
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
PATH=$PATH:${[...new Set(tools.flatMap(({ folders }) => folders))].join(':')}:/run/current-system/sw/bin
export LC_ALL PATH
umask 077
ulimit -f 4096

# A whole answer at once: NUMBER PART CODE TEXT
say() { printf '\n%s begin %s\n\n%s part %s %s\n%s\n\n%s end %s\n' "$S" "$1" "$S" "$2" "$3" "$4" "$S" "$1"; }

# The process's own id, which $$ is not in a job, as p. A shell reads byte by byte: "status" says it early, "stat" is long
self() {
  while read -r n p x; do
    [ "$n" != Pid: ] || break
  done </proc/self/status
}
# First in a job: its own process id
job() {
  out=
  self
  me=$p
}
# In a job: PART COMMAND... leaves the output in the file PART and the exit code in c. The command notes its process id
# before it begins, and only begins while its job lives: so the collector of the job finds it, or it never was.
run() {
  f=$1
  shift
  {
    self
    echo "$p" >pid
    kill -0 "$me" && exec "$@"
  } </dev/null >"$f" 2>&1 &
  wait $!
  c=$?
  echo >pid
  add "$f" "$c"
}
# In a job: PART CODE, the file PART goes into the answer
add() {
  printf '\n%s part %s %s\n' "$S" "$1" "$2" >"$1.h"
  out="$out $1.h $1"
}
# In a job, last: turns it into the one process that writes the answer
answer() {
  printf '\n%s begin %s\n' "$S" "$1" >begin
  printf '\n%s end %s\n' "$S" "$1" >end
  exec head -q -c ${maxOutputBytes} begin $out end
}

# Ends job j, if it runs, with its command p, named n. /proc tells ours from a process id that was given out again.
end_job() {
  p= a= b=
  read -r x x a b x <"/proc/$j/stat"
  [ "$b" = $$ ] && [ "$a" != Z ] || return
  kill -9 "$j"
  wait "$j"
  read -r p <pid && [ -n "$p" ] && read -r x n x <"/proc/$p/stat" && kill -9 "$p"
  echo >pid
}
stop() {
  end_job
  [ -z "$p" ] || echo "$p $n" >"stuck.$k"
  say "$1" stopped 137
}
# True when no command of kind $1 outlived its kill
gone() {
  p= a= b=
  read -r p n <"stuck.$1" && read -r x b a x <"/proc/$p/stat"
  [ -z "$a" ] || [ "$a" = Z ] || [ "$b" != "$n" ]
}
# True when a GPU tool of an earlier connection hangs: D now and a second later
left_behind() {
  run look grep -l '^[0-9]* (\(${tools.map(shortName).join(String.raw`\|`)}\)) D' /proc/[0-9]*/stat
  o=
  while read -r f; do
    [ -O "$f" ] && o=$f
  done <look
  [ -n "$o" ] || return
  run nap sleep 1
  a=
  read -r p n a x <"$o"
  [ "$a" = D ] && echo "$p $n" >stuck.gpus
}

# In a job: the host's own load and memory, without starting anything
host() {
  l= n=
  read -r l </proc/loadavg
  read -r n </sys/devices/system/cpu/online
  {
    printf '%s\ncpus %s\n' "$l" "$n"
    while read -r n l x; do
      case $n in MemTotal: | MemFree: | MemAvailable: | Buffers: | Cached:) echo "$n $l $x" ;; esac
      # Older kernels know no MemAvailable
      case $n in MemAvailable: | Cached:) break ;; esac
    done </proc/meminfo
  } >host
  add host 0
}
${processFunctions(maxOutputBytes)}
${tools.flatMap(({ shell }) => shell.functions ?? []).join('\n')}

ask_gpus() {
  job
  [ -n "$looked" ] || [ -z "$tool" ] || ! left_behind || { say "$1" hung 137 "$p"; return; }
  out=
  case $tool in
${arms(tools, 'gpus')}
    *) : >none && add none 127 ;;
  esac
  host
  answer "$1"
}
ask_apps() {
  job
  case $tool in
${arms(tools, 'apps')}
  esac
  answer "$1"
}
ask_names() {
  job
  name "$2"
  answer "$1"
}
ask_kin() {
  job
  relate "$2"
  name "$kept"
  answer "$1"
}
ask_facts() {
  job
  case $tool in
${arms(tools, 'facts')}
  esac
  answer "$1"
}
ask_ports() {
  job
  c=1
  if command -v ss >/dev/null; then
    run ss ss -H -ltnp
    [ "$c" = 0 ] || { out=; run ss ss -ltnp; }
  fi
  [ "$c" = 0 ] || { out=; run tcp cat /proc/net/tcp /proc/net/tcp6; }
  answer "$1"
}

# KIND VERB NUMBER ARGUMENT: answers the request in a job, unless a command of its kind outlived its kill
begin() {
  k=$1
  shift
  if gone "$k"; then
    "ask_$@" &
    j=$!
  else
    say "$2" hung 137 "$p"
  fi
}
gpus() {
  for tool in ${tools.map(({ program }) => program).join(' ')} ''; do
    case ,$3, in *",$tool,"*) continue ;; esac
    command -v "$tool" >/dev/null && break
  done
  begin gpus gpus "$@"
  looked=1
}
apps() { begin gpus apps "$@"; }
facts() { begin gpus facts "$@"; }
names() { begin names names "$@"; }
kin() { begin names kin "$@"; }
ports() { begin ports ports "$@"; }

watch() {
  exec </dev/null >/dev/null
  trap 'kill $s; exit' TERM
  o=
  while kill -0 $$; do
    sleep "$L" &
    s=$!
    wait $s
    read -r p <pid && [ -n "$p" ] && [ "$p" = "$o" ] && kill -9 "$p"
    o=$p
  done
  [ -n "$p" ] && read -r x x x j x <"/proc/$p/stat" && kill -9 "$j" "$p"
  cd / && rm -rf "$d"
}
# At the end of stdin, or on a signal; one that comes meanwhile must not leave it half done
bye() {
  trap '' HUP INT TERM PIPE
  trap - 0
  end_job
  kill "$w"
  # Once more: a command that was just to begin may have noted its process id meanwhile
  cd / && { rm -rf "$d" || rm -rf "$d"; }
}

j= looked= tool= d=
# In memory where no other place is set: a disk would be written to for each request
case $TMPDIR in /*) ;; *) TMPDIR=/dev/shm ;; esac
for t in "$TMPDIR" /tmp /var/tmp /dev/shm; do
  mkdir -m 700 "$t/$D" || continue
  cd "$t/$D" && echo >pid && read -r x <pid && d=$t/$D && break
  cd / && rm -rf "$t/$D"
done
[ -n "$d" ] || { say 0 hello 1; exit; }
watch &
w=$!
trap bye 0
trap 'bye; exit' HUP INT TERM PIPE
say 0 hello 0 "$d"
`;
