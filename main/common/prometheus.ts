/** Prometheus as a source of measurements beside SSH: how one is named, and what is known of it. Pure. */

import * as z from 'zod/mini';
import { settingsBounds } from './bounds.ts';
import type { Failure } from './failure.ts';

/** Programs whose series are read; the first of them that measures a GPU is preferred. */
export const exporterKinds = [
  'dcgm',
  'nvidia-gpu-exporter',
  'amd',
  'all-smi',
  'node-exporter',
  'vllm',
] as const;
export type ExporterKind = (typeof exporterKinds)[number];

const text = z.string().check(z.maxLength(settingsBounds.nameLength));

const labelPattern = /^(?:[A-Za-z_]\w{0,100})?$/;

/** The name of a label; empty: none. */
export const labelName = z.string().check(z.regex(labelPattern));

export function isLabelName(text: string): boolean {
  return labelPattern.test(text);
}

/** One Prometheus, or what answers like it. Its password or token and the value of its header are no setting: see `source.setSecret`. */
export const prometheusSource = z.strictObject({
  id: z.string().check(z.regex(/^[\w-]{1,60}$/)),
  enabled: z.boolean(),
  /** Empty: its address. */
  name: text,
  /** What is no address is said when it is asked. */
  url: z.string().check(z.maxLength(1000)),
  login: z.enum(['none', 'basic', 'bearer', 'certificate']),
  /** For `basic`. */
  user: text,
  /** One more header, such as `X-Scope-OrgID`; empty: none. */
  header: z.string().check(z.regex(/^[A-Za-z0-9-]{0,100}$/)),
  /** PEM files of the client certificate and its key, and of the authority that signed the server's; empty: none. */
  certificate: text,
  key: text,
  authority: text,
  /** The label that names the host; empty: the usual ones. */
  hostLabel: labelName,
  /** Which alias of the SSH configuration a name in Prometheus means where several could be meant; empty: none of them. */
  joins: z.record(text, text),
});

export type PrometheusSource = z.infer<typeof prometheusSource>;

export const mostPrometheusSources = 20;

/** A new source at that address, without a login. */
export function newPrometheusSource(id: string, url: string): PrometheusSource {
  return {
    id,
    enabled: true,
    name: '',
    url,
    login: 'none',
    user: '',
    header: '',
    certificate: '',
    key: '',
    authority: '',
    hostLabel: '',
    joins: {},
  };
}

export type SourceAddress =
  | { readonly kind: 'http'; readonly secure: boolean; readonly authority: string; readonly prefix: string }
  /** A port of 127.0.0.1 on a host of the SSH configuration. */
  | { readonly kind: 'ssh'; readonly alias: string; readonly port: number; readonly prefix: string };

const httpUrl = /^(https?):\/\/([^\s/?#@\\]{1,300})(\/[^\s?#\\]{0,500})?$/i;
const sshUrl = /^ssh:\/\/([^\s/?#@:\\]{1,200}):(\d{1,5})(\/[^\s?#\\]{0,500})?$/i;

/** Reads `https://host/prefix` or `ssh://ALIAS:9090`; null for anything else, and where it holds a name or password. */
export function readSourceUrl(url: string): SourceAddress | null {
  const http = httpUrl.exec(url.trim());
  if (http !== null) {
    const [, scheme = '', authority = '', path = ''] = http;
    return { kind: 'http', secure: scheme.toLowerCase() === 'https', authority, prefix: prefixOf(path) };
  }
  const ssh = sshUrl.exec(url.trim());
  const port = Number(ssh?.[2]);
  if (ssh === null || !(port >= 1 && port <= 65_535)) return null;
  return { kind: 'ssh', alias: ssh[1] ?? '', port, prefix: prefixOf(ssh[3] ?? '') };
}

export function isSourceUrl(url: string): boolean {
  return readSourceUrl(url) !== null;
}

/** What a person calls it: its name, else its address without the scheme. */
export function sourceName({ name, url }: Pick<PrometheusSource, 'name' | 'url'>): string {
  return name === '' ? url.replace(/^https?:\/\//i, '').replace(/\/+$/, '') : name;
}

/** Without the slash at its end, and without the path of the API, which some paste with it. */
function prefixOf(path: string): string {
  return path.replace(/\/api\/v1(?:\/[^/]*)?\/?$/, '').replace(/\/+$/, '');
}

/** How a source is at the moment, in the Snapshot. */
export interface PrometheusState {
  readonly id: string;
  readonly state: /** Not asked yet, or switched off. */
    | { readonly kind: 'waiting' }
    | { readonly kind: 'up' }
    /** Its hosts are shown as they were until they are too old. */
    | { readonly kind: 'failed'; readonly failure: Failure };
  /** When it answered last; null: never. */
  readonly answeredAt: number | null;
  readonly hosts: number;
  readonly gpus: number;
  /** Of its exporters, in milliseconds; null where it is not known. */
  readonly scrapeMs: number | null;
  /** What it says is missing from its answer, as where a store of Thanos is away; null: nothing. */
  readonly partial: string | null;
  /** Names of Prometheus for which several hosts of the SSH configuration could be meant. */
  readonly ambiguous: readonly AmbiguousName[];
  /** Whether a secret of it is known, and whether it outlasts the app. */
  readonly secret: { readonly login: boolean; readonly header: boolean; readonly kept: boolean };
}

export interface AmbiguousName {
  readonly name: string;
  readonly aliases: readonly string[];
}

/** What the test of a source has found. */
export interface SourceReport {
  /** `Prometheus 2.53.3`; null where it does not say. */
  readonly version: string | null;
  readonly exporters: readonly { readonly kind: ExporterKind; readonly series: number }[];
  readonly gpus: number;
  readonly hosts: number;
  /** How many of these hosts are in the SSH configuration. */
  readonly joined: number;
  readonly series: number;
  readonly scrapeMs: number | null;
  /** Of dcgm-exporter: `old` up to 4.8, `new` from 4.9; null without it. */
  readonly nameSet: 'old' | 'new' | 'both' | null;
  /** In which unit dcgm-exporter's old name of the utilisation comes; null without it. */
  readonly utilUnit: 'percent' | 'ratio' | null;
  /** The server's clock less this computer's. */
  readonly clockDifferenceMs: number;
  readonly partial: string | null;
}
