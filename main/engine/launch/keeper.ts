/**
 * What stays on the host with a launch: three small programs of sh in its state folder. They need nothing of the app, which may
 * be gone, and no more than POSIX has; setsid and /proc are used where they are.
 */

/**
 * Tells a process from a later one with its number. One that has ended has none, though it may be listed for long (state Z): the
 * first process of a container collects others late or never.
 */
const born = `
born() {
  if [ -r "/proc/$1/stat" ]; then
    # It may end while it is read: then it has no birth, and not one that is another's.
    since=$(sed 's/.*) //' "/proc/$1/stat" | awk '$1 !~ /[ZX]/ { print $20 }')
    [ -z "$since" ] || echo "$(cat /proc/sys/kernel/random/boot_id):$since"
  else case $(ps -o stat= -p "$1") in Z*) ;; *) ps -o lstart= -p "$1" | tr -s ' ' '_' ;; esac; fi 2>/dev/null
}`;

/**
 * `runs FILE` for a process and `group_runs FILE` for its group: whether they are still those that wrote their number there. While
 * any process of a group is listed, its number is given to no other; a leader of another birth is another group, and without a
 * leader that runs it is asked whether another of the group does.
 */
export const identity = `${born}
runs() {
  { read -r pid birth <"$1"; } 2>/dev/null || return 1
  kill -0 "$pid" 2>/dev/null && [ "$(born "$pid")" = "$birth" ]
}
group_runs() {
  { read -r pid birth <"$1"; } 2>/dev/null || return 1
  kill -0 "-$pid" 2>/dev/null || return 1
  now=$(born "$pid")
  [ -z "$now" ] || { [ "$now" = "$birth" ]; return; }
  if [ -r /proc/self/stat ]; then cat /proc/[0-9]*/stat | sed 's/.*) //' | awk '{ print $1, $3 }'
  else ps -A -o stat= -o pgid=; fi 2>/dev/null | awk -v group="$pid" '$2 == group && $1 !~ /^[ZX]/ { found = 1 } END { exit !found }'
}`;

/** A log that is longer than that is cut at its front, to the latest part; in bytes. */
export const mostLogBytes = 16_777_216;
const keptLogBytes = 4_194_304;

/** Starts the server in a process group of its own, notes how it ends, and ends it when its time is over or a file asks for it. */
export const keeper = `#!/bin/sh
cd -- "$1" || exit 1
umask 077
${identity}
echo "$$ $(born $$)" >keeper.pid
why=
# Ctrl-C in the session, or its end, is a person's wish.
trap 'why=asked' INT TERM HUP
(
  # Handled, not ignored: what is ignored would be so in the server too.
  trap : INT TERM HUP
  if command -v setsid >/dev/null 2>&1; then setsid /bin/sh ./server
  else
    set -m
    /bin/sh ./server &
    wait $!
  fi
  echo $? >exit.new
  mv exit.new exit
) >>log 2>&1 </dev/null &
tail -n +1 -f log 2>/dev/null &
shown=$!
while [ ! -f exit ]; do
  # What writes to it appends: it goes on at the new end.
  if [ "$(wc -c <log)" -gt ${mostLogBytes} ]; then
    tail -c ${keptLogBytes} log >log.new && cat log.new >log
    rm -f log.new
  fi
  ends=$(cat ends 2>/dev/null)
  [ -n "$ends" ] && [ "$(date +%s)" -ge "$ends" ] && why=lifetime
  [ -f stop ] && why=asked
  if [ -n "$why" ]; then
    trap '' INT TERM HUP
    echo "$why" >why
    /bin/sh ./end
    break
  fi
  sleep 1
done
kill "$shown" 2>/dev/null
`;

/** Notes its number, then becomes the login shell, which becomes the line: for every login shell the same few words. */
export const server = `umask 077
${born}
echo "$$ $(born $$)" >server.new
mv server.new server.pid
TRAY_LINE=$(pwd)/line
TRAY_SHELL=$(command -v bash || echo /bin/sh)
export TRAY_LINE TRAY_SHELL
cd || exit 1
case \${SHELL:-/bin/sh} in *csh) how=-c ;; *) how=-lc ;; esac
exec "\${SHELL:-/bin/sh}" "$how" 'exec "$TRAY_SHELL" "$TRAY_LINE"'
`;

/** Ends the group: TERM, and after 20 seconds KILL; then what has left the group and not the session. */
export const end = `${identity}
group_runs server.pid || exit 0
kill -TERM "-$pid" 2>/dev/null
waited=0
while group_runs server.pid && [ "$waited" -lt 20 ]; do
  sleep 1
  waited=$((waited + 1))
done
group_runs server.pid && kill -KILL "-$pid" 2>/dev/null
for left in $(ps -eo pid=,sess= 2>/dev/null | awk -v session="$pid" '$2 == session { print $1 }'); do
  kill -KILL "$left" 2>/dev/null
done
[ ! -f kill ] || /bin/sh ./kill >/dev/null 2>&1
exit 0
`;
