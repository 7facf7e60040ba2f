/** What the name of a listening process says of it. Pure. */

import type { EngineKind } from '#common/model.ts';

/** The beginnings of the names of servers, as `ss` cuts them off after 15 characters. */
const engineProcesses: readonly (readonly [RegExp, EngineKind])[] = [
  [/^vllm/i, 'vllm'],
  [/^sglang/i, 'sglang'],
  [/^text-generation/i, 'tgi'],
  [/^llama[-_]server/i, 'llama.cpp'],
  [/^ollama/i, 'ollama'],
  [/^(?:lmstudio|lm studio|lms$|llmster)/i, 'lmstudio'],
  [/^(?:tritonserver|lmdeploy|tabbyapi|koboldcpp|local-ai|mlc_llm|xinference|aphrodite)/i, 'openai'],
];

/** Daemons, and the inner processes of engines and of training jobs. */
const otherProcess =
  /^(?:sshd|systemd|init$|rpc|cupsd|avahi|chronyd|ntpd|dnsmasq|named$|master$|exim|postfix|sendmail|postgres|mysqld|mariadbd|redis|memcached|mongod|etcd|kube|containerd|slurm|munged|node_exporter|prometheus|dcgm|nv-hostengine|grafana|zabbix|telegraf|nfs|smbd|nmbd|Xorg|Xvnc|xrdp|vncserver|raylet|gcs_server|ray::|VLLM::(?:Eng|Work|DP|Ro)|sglang::(?:sch|det|data)|orted|prted|mpi|hydra|torchrun)/i;

/** The engine whose server the process is; null for any other process, inner ones of engines included. */
export function engineOfProcess(name: string | null): EngineKind | null {
  if (name === null || isOtherProcess(name)) return null;
  return engineProcesses.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** Whether the process is known to be no model server. */
export function isOtherProcess(name: string | null): boolean {
  return name !== null && otherProcess.test(name);
}
