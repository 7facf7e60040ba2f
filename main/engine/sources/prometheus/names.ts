/** Which host a series is of: exporters and scrape configurations say it in different labels. Pure. */

import { plainText } from '#common/text.ts';
import type { Labels } from './answer.ts';
import { type LabelPair, labelOf, pairOf } from './exporters/exporter.ts';

export interface Naming {
  /** The label that the person chose; empty: none. */
  readonly hostLabel: string;
  /** The names that node_exporter gives, by the host part of its instance. */
  readonly nodeNames: ReadonlyMap<string, string>;
}

/**
 * The name of the host: the chosen label, else `node` or `nodename`, else dcgm-exporter's `Hostname` where that is no pod and
 * not `localhost`, else what node_exporter at the same address says, else the instance without its port. Null without any.
 */
export function hostNameOf(labels: Labels, { hostLabel, nodeNames }: Naming): string | null {
  const [, instance] = originOf(labels) ?? [];
  const hostPart = instance === undefined ? null : hostPartOf(instance);
  const name =
    (hostLabel === '' ? null : labelOf(labels, hostLabel)) ??
    labelOf(labels, 'node', 'nodename', 'kubernetes_node', 'exported_node') ??
    exporterHostName(labels) ??
    (hostPart === null ? null : (nodeNames.get(hostPart) ?? hostPart));
  const shown = name === null ? '' : plainText(name, 200).trim();
  return shown === '' ? null : shown;
}

/**
 * Which exporter a series comes from, and by which label that is said. Of what a Pushgateway or another Prometheus passes on,
 * `instance` names the one that passes it on, unless honor_labels is set, and `exported_instance` the exporter. That one may be
 * called by an address which only its own computer has. Null without an instance.
 */
export function originOf(labels: Labels): LabelPair | null {
  const exported = pairOf(labels, ['exported_instance']);
  return exported === null || isOwnAddress(exported[1]) ? pairOf(labels, ['instance']) : exported;
}

/** The labels by which queries keep exporters apart. */
export const originLabels = 'instance, exported_instance';

function isOwnAddress(instance: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|0\.0\.0\.0|::1?|)$/i.test(hostPartOf(instance));
}

function exporterHostName(labels: Labels): string | null {
  const name = labelOf(labels, 'Hostname', 'hostname');
  if (name === null || /^localhost(?:\.|$)/i.test(name)) return null;
  // Before NODE_NAME was honoured it was the name of the exporter's own pod.
  const isPod = ['pod', 'exported_pod', 'pod_name', 'kubernetes_pod_name'].some(
    (pod) => labels[pod] === name,
  );
  return isPod || /exporter-[a-z0-9]{4,10}(?:-[a-z0-9]{5})?$/.test(name) ? null : name;
}

/** `gpu-01:9400` → `gpu-01`, `[::1]:9400` → `::1`, and of an address of the web its host. */
export function hostPartOf(instance: string): string {
  const place = instance.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/s, '');
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(place)?.[1];
  if (bracketed !== undefined) return bracketed;
  // More colons than one are an IPv6 address without a port.
  return /^[^:]*:\d+$/.test(place) ? place.replace(/:\d+$/, '') : place;
}

/** The port of an instance; null where it has none. */
export function portOf(instance: string): number | null {
  const port = Number(/:(\d{1,5})$/.exec(instance.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/s, ''))?.[1]);
  return port >= 1 && port <= 65_535 ? port : null;
}

const isOfSeries =
  /^(?:__|DCGM_|GPU_|UUID$|gpu|uuid$|device$|modelName$|pci|instance$|job$|node$|nodename$|hpc_job$|pod|exported_|namespace$|container|err_|window|Hostname$|hostname$|card_|job_|index$|name$|driver_version$|cuda_version$|vbios|model_name$|engine$|le$|serial)/;
const mostLabels = 12;

/**
 * The labels that say where the host belongs, such as cluster, rack or team: not those of the series themselves, but for the
 * one (`chosen`) by which the settings group hosts.
 */
export function placeLabels(labels: Labels, chosen = ''): Labels {
  const kept = Object.entries(labels)
    .filter(
      ([name, value]) =>
        (name === chosen || !isOfSeries.test(name)) && typeof value === 'string' && value !== '',
    )
    .sort(([a], [b]) => Number(b === chosen) - Number(a === chosen));
  return Object.fromEntries(kept.slice(0, mostLabels).map(([name, value]) => [name, plainText(value, 100)]));
}
