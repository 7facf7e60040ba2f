/** The shell functions of script.ts that tell of processes: what they are, whose, and what they belong to. */

/** Uses `run` and `add` of the script; `mostBytes` is the most of one part that crosses the wire. */
export const processFunctions = (
  mostBytes: number,
): string => String.raw`# In a job: PIDS, separated by commas. Each line is cut, so that all of them fit into a part
name() {
  o=$out
  IFS=,
  set -- "$1" $1
  w=$((${mostBytes} * 2 / 3 / $#))
  [ "$w" -le 2048 ] || w=2048
  [ "$w" -ge 160 ] || w=160
  f=ps
  [ $# -le 20 ] || f=all
  run $f env LC_ALL=C.UTF-8 COLUMNS="$w" ps -o pid= -o user:64= -o etime= -o args= -p "$1"
  # Not every ps minds COLUMNS
  [ $# -le 20 ] || { r=$c out=$o; run ps cut -b "1-$w" all; c=$r; }
  x=
  [ "$c" = 0 ] || while IFS= read -r x; do
    case $x in ps:*) break ;; esac
    x=
  done <ps
  shift
  IFS='|'
  [ -z "$x" ] || each "$*"
  unset IFS
  full
}
# In a job: PIDS, separated by |, where ps knows no -p (busybox)
each() {
  out=$o
  run all ps -o pid,user,etime,args
  [ "$c" = 0 ] || { out=$o; run all ps -o pid,user,args; }
  out=$o
  run some grep -E "^ *(PID|$1) " all
  out=$o
  run ps cut -b "1-$w" some
  : >all
}
# In a job: PIDS, separated by commas. Without starting anything: a process is read once, and at most 16 that led to it.
# Adds the keepers of podman's containers to PIDS, in kept
relate() {
  kept=$1
  IFS=,
  set -- $1
  unset IFS
  g= r= u=' '
  for p in "$@"; do
    n=0 q=$p
    while [ "$q" -gt 1 ] && [ "$n" -lt 16 ]; do
      case $u in *" $q "*) break ;; esac
      u="$u$q "
      a= m=
      while read -r k v x; do
        case $k in Name:) m=$v ;; PPid:) a=$v; break ;; esac
      done <"/proc/$q/status"
      [ -n "$a" ] || break
      echo "parent $q $a"
      case $m in conmon) kept=$kept,$q ;; rootlessport) r="$r $q" ;; esac
      q=$a n=$((n + 1))
    done
    # Of several lines some may name but the service that began it, as docker.service or slurmd.service
    while read -r l; do
      case $l in *docker[-/:]* | *libpod* | *containerd[-/:]* | *nerdctl-* | *kubepods* | *crio[-/]* | *slurm*job_* | *lxc*)
        echo "group $p $l"
        g="$g $p"
        break
        ;;
      esac
    done <"/proc/$p/cgroup"
  done >kin
  # Podman's proxy of ports, a child of it or both are in the network that it leads to
  n=0
  for q in $r; do
    [ "$n" -lt 16 ] || break
    n=$((n + 1)) c=$q
    for k in "/proc/$q/task/"*; do
      a=
      read -r a <"$k/children"
      c="$c $a"
    done
    for a in $c; do
      [ "/proc/$a/ns/net" -ef "/proc/$$/ns/net" ] || for p in "$@"; do
        [ "/proc/$a/ns/net" -ef "/proc/$p/ns/net" ] && echo "leads $q $p"
      done
    done
  done >>kin
  n=0
  for p in $g; do
    [ "$n" -lt 16 ] || break
    n=$((n + 1)) l=
    while read -r a v x; do
      case "$a $v $x" in
        '|-- '*) l=$v ;;
        '/32 host LOCAL') echo "address $p $l" ;;
      esac
    done <"/proc/$p/net/fib_trie"
  done >>kin
  add kin 0
}
# In a job: the full names of the users for whom ps has no room: it prints their number, or the beginning and a +
full() {
  u=
  while read -r p a x; do
    case $a in *+) ;; '' | *[!0-9]*) continue ;; esac
    e=
    while read -r n b e x; do
      [ "$n" != Uid: ] || break
    done <"/proc/$p/status"
    case $a in *+) ;; *) [ "$a" = "$e" ] || continue ;; esac
    case " $u " in *" $e "*) ;; *) u="$u $e" ;; esac
  done <ps
  [ -z "$u" ] || run users getent passwd $u
}`;
