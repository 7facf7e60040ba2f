/**
 * What runs on a host: POSIX sh text, written once to the stdin of `exec /bin/sh`, that defines functions; each request
 * is then one line that calls one of them. Holds for dash, busybox ash and bash.
 *
 * Commands run in a background job and the shell itself always reads its stdin: it notices the end of the connection
 * at once, and `stop` reaches it while a command hangs. So the client can keep the time; a watcher on the host keeps it
 * too, for a client that went away without the connection noticing.
 */

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
}

/**
 * Returns the script for one connection. Its requests, each answered with one frame:
 * - `gpus NUMBER COLUMNS`: by the tool that is there, part `gpus` (nvidia-smi --query-gpu; code 127 where there is none),
 *   `metric` (amd-smi) or `rocm` (rocm-smi), and `host` (load and memory); or `hung`.
 * - `apps NUMBER [mig]`: parts `apps` (nvidia-smi --query-compute-apps) and `ps`, on request `mig` (lines of
 *   `nvidia-smi -q -x`) and `list` (-L); or `process` (amd-smi), or `pids` (rocm-smi); or `hung`.
 * - `names NUMBER PIDS`: part `ps`, the processes with these ids, separated by commas.
 * - `facts NUMBER`: part `cuda` (nvidia-smi -q -d COMPUTE) or `static` (amd-smi); or `hung`.
 * - `ports NUMBER`: part `ss` or, without a working ss, `tcp` (/proc/net/tcp and tcp6), or `hung`.
 * - `stop NUMBER`: ends what that request started; part `stopped`.
 *
 * `hung` means that an earlier command of this kind would not die, so no second one was started. Before all others
 * comes frame 0 with part `hello`: code 0 and the directory's path, or code 1 when none is writable.
 */
export function probeScript({ sentinel, directory, limitSeconds }: ScriptOptions): string {
  // The shell puts the sentinel together, so that an account that merely echoes its input never prints it whole.
  const half = sentinel.length >> 1;
  return `exec 2>/dev/null
S=${sentinel.slice(0, half)}
S="$S"${sentinel.slice(half)}
D=${directory}
L=${Math.ceil(limitSeconds)}
${body}`;
}

const body = String.raw`
LC_ALL=C
PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/cuda/bin:/opt/rocm/bin
PATH=$PATH:/usr/lib/wsl/lib:/run/opengl-driver/bin:/run/current-system/sw/bin
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
# before it begins, and only begins while its job lives: so whoever has collected the job finds it, or it never was.
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
  run look grep -l '^[0-9]* (\(nvidia\|amd\|rocm\)-smi) D' /proc/[0-9]*/stat
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
# In a job: PIDS, separated by commas
name() {
  o=$out
  run ps ps -o pid= -o user:32= -o etime= -o args= -p "$1"
  x=
  [ "$c" = 0 ] || read -r x <ps
  case $x in ps:*) # busybox knows no -p
    out=$o
    run ps ps -o pid,user,etime,args
    [ "$c" = 0 ] || { out=$o; run ps ps -o pid,user,args; }
    ;;
  esac
}
# In a job: the lines of nvidia-smi -q -x that tell of MIG instances
mig() {
  o=$out
  run xml nvidia-smi -q -x
  out=$o
  run mig grep -E '<(gpu id=|/gpu>|uuid>|/?mig_device>|index>|gpu_instance_id>|compute_instance_id>|/?fb_memory_usage>|total>|used>|/?process_info>|pid>|used_memory>)' xml
  : >xml
  run list nvidia-smi -L
}

ask_gpus() {
  job
  [ -n "$looked" ] || [ -z "$tool" ] || ! left_behind || { say "$1" hung 137 "$p"; return; }
  out=
  case $tool in
    nvidia-smi) run gpus nvidia-smi --query-gpu="$2" --format=csv,nounits ;;
    amd-smi) run metric amd-smi metric --usage --mem-usage --power --temperature --json ;;
    rocm-smi)
      run rocm rocm-smi --showproductname --showuniqueid --showbus --showuse --showmeminfo vram --showtemp --showpower --showdriverversion --json
      ;;
    *) : >gpus && add gpus 127 ;;
  esac
  host
  answer "$1"
}
ask_apps() {
  job
  case $tool in
    nvidia-smi)
      run apps nvidia-smi --query-compute-apps=gpu_uuid,pid,process_name,used_memory --format=csv,nounits
      l= s=
      while IFS=', ' read -r x p x; do
        case $p in '' | *[!0-9]*) ;; *) l=$l$s$p s=, ;; esac
      done <apps
      [ "$2" != mig ] || mig
      [ -z "$l" ] || name "$l"
      ;;
    amd-smi) run process amd-smi process --json ;;
    rocm-smi) run pids rocm-smi --showpids --json ;;
  esac
  answer "$1"
}
ask_names() {
  job
  name "$2"
  answer "$1"
}
ask_facts() {
  job
  case $tool in
    nvidia-smi) run cuda nvidia-smi -q -d COMPUTE ;;
    amd-smi) run static amd-smi static --asic --bus --driver --json ;;
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
  for tool in nvidia-smi amd-smi rocm-smi ''; do
    command -v "$tool" >/dev/null && break
  done
  begin gpus gpus "$@"
  looked=1
}
apps() { begin gpus apps "$@"; }
facts() { begin gpus facts "$@"; }
names() { begin names names "$@"; }
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
# In memory where nobody wants it elsewhere: a disk would be written to for each request
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
