/** What hosts, servers and forwards are called by. */

/** A host's alias in the SSH configuration; unique within one configuration. */
export type HostId = string;

/** The id of a host that Prometheus alone knows: no alias begins so, and none of it reaches ssh. */
export function prometheusHostId(name: string): HostId {
  return `${prometheusPrefix}${name}`;
}

export function isPrometheusHostId(hostId: HostId): boolean {
  return hostId.startsWith(prometheusPrefix);
}

const prometheusPrefix = 'prometheus/';

/** `<alias>:<remote port>`, see {@link serverId}. A forward to a server has the same id. */
export type ServerId = string;

export function serverId(hostId: HostId, port: number): ServerId {
  return `${hostId}:${port}`;
}

/** Equal to the {@link ServerId} of its target where that is a port of the host itself; see forward-target.ts. */
export type ForwardId = string;
