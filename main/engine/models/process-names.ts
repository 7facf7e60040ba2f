/** What the name of a listening process says of it. Pure. */

import type { EngineKind } from '#common/servers.ts';
import { allEngines } from './engines/registry.ts';

/** Daemons, and the inner processes of training jobs. */
const otherProcess =
  /^(?:sshd|systemd|init$|rpc|cupsd|avahi|chronyd|ntpd|dnsmasq|named$|master$|exim|postfix|sendmail|postgres|mysqld|mariadbd|redis|memcached|mongod|etcd|kube|containerd|slurm|munged|node_exporter|prometheus|dcgm|nv-hostengine|grafana|zabbix|telegraf|nfs|smbd|nmbd|Xorg|Xvnc|xrdp|vncserver|raylet|gcs_server|ray::|orted|prted|mpi|hydra|torchrun)/i;

/** The engine whose server the process is; null for any other process, inner ones of engines included. */
export function engineOfProcess(name: string | null): EngineKind | null {
  if (name === null || isOtherProcess(name)) return null;
  return allEngines.find(({ processes }) => processes?.test(name))?.kind ?? null;
}

/** Whether the process is known to be no model server. */
export function isOtherProcess(name: string | null): boolean {
  if (name === null) return false;
  return otherProcess.test(name) || allEngines.some(({ innerProcesses }) => innerProcesses?.test(name));
}
