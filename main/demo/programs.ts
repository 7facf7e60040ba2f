/**
 * The stand-in programs of a demo host, as POSIX sh and awk (mawk, busybox and gawk alike). They answer from the files of
 * state-files.ts, which stand in `../state` beside the folder they are called from.
 */

const prologue = `#!/bin/sh
# A stand-in of the vllm-tray demo cluster.
state=\${0%/bin/*}/state
`;

/** What else nvidia-smi calls a column, by that name; it prints the other one in the header (nvidia-smi --help-query-gpu). */
export const columnAliases: ReadonlyMap<string, string> = new Map([
  ['gpu_name', 'name'],
  ['gpu_uuid', 'uuid'],
  ['gpu_serial', 'serial'],
  ['gpu_bus_id', 'pci.bus_id'],
  ['clocks.gr', 'clocks.current.graphics'],
  ['clocks.sm', 'clocks.current.sm'],
  ['clocks.mem', 'clocks.current.memory'],
  ['used_memory', 'used_gpu_memory'],
  ['name', 'process_name'],
]);
const aliases = [...columnAliases].map((pair) => pair.join('=')).join(' ');

const selectColumns = `
function trim(text) { gsub(/^ +| +$/, "", text); return text }
BEGIN {
  FS = "|"
  count = split(fields, asked, ",")
  pairs = split("${aliases}", pair, " ")
  for (i = 1; i <= pairs; i++) { at = index(pair[i], "="); other[substr(pair[i], 1, at - 1)] = substr(pair[i], at + 1) }
}
NR == 1 {
  for (c = 1; c <= NF; c++) {
    at = index($c, " [")
    key = at ? substr($c, 1, at - 1) : $c
    column[key] = c
    unit[c] = at ? substr($c, at + 2, length($c) - at - 2) : ""
  }
  column["timestamp"] = last = NF + 1
  $last = "timestamp"
  line = ""
  for (i = 1; i <= count; i++) {
    key = trim(asked[i])
    if (!(key in column) && other[key] in column) key = other[key]
    if (!(key in column)) { printf "Field \\"%s\\" is not a valid field to query.\\n\\n", key; failed = 2; exit }
    want[i] = column[key]
    line = line (i > 1 ? ", " : "") $(want[i])
  }
  if (header) print line
  next
}
{
  $last = now
  line = ""
  for (i = 1; i <= count; i++) {
    cell = $(want[i])
    if (units && unit[want[i]] != "" && cell !~ /^\\[/) cell = cell " " unit[want[i]]
    line = line (i > 1 ? ", " : "") cell
  }
  print line
}
END { exit failed }
`;

const gpuTable = `
BEGIN { FS = "|"; rule = "+-----------------------------------------+------------------------+----------------------+" }
NR == 1 {
  for (c = 1; c <= NF; c++) { at = index($c, " ["); column[at ? substr($c, 1, at - 1) : $c] = c }
  next
}
function cell(name) { return $(column[name]) }
function reading(name, unit) { return cell(name) ~ /reset/ ? "ERR!" : cell(name) ~ /^\\[/ ? "N/A" : int(cell(name)) unit }
!headed {
  headed = 1
  print "+-----------------------------------------------------------------------------------------+"
  printf "| NVIDIA-SMI %-22s Driver Version: %-38s|\\n", cell("driver_version"), cell("driver_version")
  print rule
  print "| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |"
  print "| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |"
  print "|                                         |                        |               MIG M. |"
  print "|=========================================+========================+======================|"
}
{
  printf "|%4d  %-30.30s On  |   %-16s Off | %20s |\\n", cell("index"), cell("name"), cell("pci.bus_id"), reading("ecc.errors.uncorrected.volatile.total", "")
  printf "| N/A %5s %5s         %7s / %5s |", reading("temperature.gpu", "C"), cell("pstate") ~ /reset/ ? "ERR!" : cell("pstate"), reading("power.draw", "W"), reading("power.limit", "W")
  printf " %7dMiB / %6dMiB |%8s      Default |\\n", cell("memory.used"), cell("memory.total"), reading("utilization.gpu", "%")
  printf "|                                         |                        | %20s |\\n", cell("mig.mode.current")
  print rule
}
`;

const nvidiaSmi = `${prologue}
query= table= header=1 units=1 now=
case "$*" in
  '-q -x') exec cat "$state/xml" ;;
  '-q -d COMPUTE') exec cat "$state/compute" ;;
esac
[ $# -eq 0 ] && exec awk '${gpuTable}' "$state/gpus"
for option do
  case $option in
    --query-gpu=*) table=gpus query=\${option#*=} ;;
    --query-compute-apps=*) table=apps query=\${option#*=} ;;
    --format=*)
      case ",\${option#*=}," in *,noheader,*) header=0 ;; esac
      case ",\${option#*=}," in *,nounits,*) units=0 ;; esac ;;
    -L | --list-gpus) exec cat "$state/list" ;;
    *) table= && break ;;
  esac
done
if [ -z "$table" ]; then
  printf "Invalid combination of input arguments. Please run 'nvidia-smi -h' for help.\\n\\n"
  exit 2
fi
case $query in *timestamp*) now=$(date '+%Y/%m/%d %H:%M:%S.000') ;; esac
exec awk -v fields="$query" -v header=$header -v units=$units -v now="$now" '${selectColumns}' "$state/$table"
`;

const ss = `${prologue}
header=1 process=0 netid=0
for option do
  case $option in
    --no-header) header=0 ;;
    --processes) process=1 ;;
    --udp) netid=1 ;;
    --*) ;;
    -*)
      case $option in *H*) header=0 ;; esac
      case $option in *p*) process=1 ;; esac
      case $option in *u*) netid=1 ;; esac ;;
  esac
done
exec awk -F '|' -v header=$header -v process=$process -v netid=$netid '
  function row(net, state, received, sent, here, peer, users) {
    if (netid) printf "%-5s ", net
    printf "%-6s %-6s %-6s %21s %13s%s\\n", state, received, sent, here, peer, users
  }
  BEGIN { if (header) row("Netid", "State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port", process ? "Process" : "") }
  { row("tcp", "LISTEN", 0, 2048, $1, $2, process ? " " $3 : "") }
' "$state/listen"
`;

const ps = `${prologue}
pids= format= every=0
while [ $# -gt 0 ]; do
  case $1 in
    --pid=*) pids=$pids,\${1#*=} ;;
    --format=*) format=$format,\${1#*=} ;;
    --pid | -*p) pids=$pids,\${2-} && shift ;;
    -p[0-9]*) pids=$pids,\${1#-p} ;;
    --format | -*[eAax]*o | [aux]*o) every=1 && format=$format,\${2-} && shift ;;
    --*) ;;
    -*o) format=$format,\${2-} && shift ;;
    -o*) format=$format,\${1#-o} ;;
    -*[eA]* | *a*x*) every=1 ;;
    [0-9]*) pids=$pids,$1 ;;
  esac
  [ $# -gt 0 ] && shift
done
[ -n "$pids" ] && every=0
exec awk -F '|' -v pids="$pids" -v every=$every -v format="\${format:-,pid,user,etimes,args}" -v now="$(date +%s)" '
  function base(path) { sub(/^.*\\//, "", path); return path }
  function elapsed(seconds, text) {
    text = sprintf("%02d:%02d", int(seconds / 60) % 60, seconds % 60)
    if (seconds >= 3600) text = sprintf("%02d:%s", int(seconds / 3600) % 24, text)
    return seconds >= 86400 ? sprintf("%d-%s", int(seconds / 86400), text) : text
  }
  function value(name) {
    if (name == "pid") return $1
    if (name ~ /^(user|euser|ruser|uname)$/) return $2
    if (name == "etimes") return now - $3
    if (name == "etime") return elapsed(now - $3)
    if (name ~ /^(comm|ucmd|ucomm)$/) return base($4)
    if (name ~ /^(args|cmd|command)$/) return $5
    return "-"
  }
  function row(line, i, text) {
    line = ""
    for (i = 1; i <= columns; i++) {
      text = printing == "titles" ? title[i] : value(column[i])
      if (i < columns) text = sprintf(column[i] ~ /^(pid|etime|etimes)$/ ? "%7s" : "%-8s", text)
      line = line (i > 1 ? " " : "") text
    }
    print line
  }
  BEGIN {
    asked = split(pids, list, /[, ]+/)
    for (i = 1; i <= asked; i++) chosen[list[i]] = 1
    parts = split(format, part, /[, ]+/)
    for (i = 1; i <= parts; i++) {
      if (part[i] == "") continue
      at = index(part[i], "=")
      column[++columns] = at ? substr(part[i], 1, at - 1) : part[i]
      sub(/:[0-9]+$/, "", column[columns])
      title[columns] = at ? substr(part[i], at + 1) : toupper(column[columns])
      titles = titles title[columns]
    }
    printing = "titles"
    if (titles != "") row()
    printing = "values"
    failed = 1
  }
  every || $1 in chosen { row(); failed = 0 }
  END { exit failed }
' "$state/processes"
`;

/** What a host has instead of nvidia-smi where this computer has one of its own that its shell would find. */
const noDevices = `${prologue}
echo 'No devices were found'
exit 6
`;

/** Script text by program name. */
export const standIns: Readonly<Record<'nvidia-smi' | 'ss' | 'ps', string>> = {
  'nvidia-smi': nvidiaSmi,
  ss,
  ps,
};
export const nvidiaSmiWithoutDevices: string = noDevices;
