/** The fields of serving a model as they are typed. Pure. */

import type { FreeGpusOffer } from '#common/free-gpus.ts';
import type { HostId } from '#common/ids.ts';
import type { GpuWish, LauncherChoice } from '#common/launches.ts';

export type LauncherWay = LauncherChoice['kind'];
/** `model`: as many as its arguments split it over. */
export type GpuWay = 'model' | GpuWish['kind'];

export interface ServeFields {
  readonly model: string;
  /** Empty: the host that fits best. */
  readonly hostId: string;
  readonly gpuWay: GpuWay;
  readonly gpuCount: string;
  readonly minGiB: string;
  readonly gpuIndices: string;
  readonly launcher: LauncherWay;
  /** The environment, folder or image, of a launcher that has one. */
  readonly place: string;
  readonly args: string;
  /** `NAME=value`, one a line. */
  readonly env: string;
  /** `2h`; empty: until it is stopped. */
  readonly lifetime: string;
  readonly remotePort: string;
  readonly name: string;
}

export type ServeField = keyof ServeFields;

/** What is wrong, as a key of the words. */
export type FieldProblem =
  | 'noModel'
  | 'badCount'
  | 'badMemory'
  | 'badIndices'
  | 'noPlace'
  | 'openQuote'
  | 'badEnv'
  | 'badLifetime'
  | 'badPort'
  | 'badName'
  | 'badValue'
  | 'secret';

export type ServeErrors = { readonly [Field in ServeField]?: FieldProblem };

export const blankFields: ServeFields = {
  model: '',
  hostId: '',
  gpuWay: 'count',
  gpuCount: '1',
  minGiB: '',
  gpuIndices: '',
  launcher: 'auto',
  place: '',
  args: '',
  env: '',
  lifetime: '',
  remotePort: '',
  name: '',
};

/** The launchers that need the name of something on the host. */
export const placed: Readonly<Record<LauncherWay, boolean>> = {
  auto: false,
  plain: false,
  conda: true,
  venv: true,
  uv: false,
  container: true,
};

/** Filled in from a host, and from GPUs that are free there. An instance has no number: so many of them are asked for. */
export function fieldsOn(hostId: HostId, devices: FreeGpusOffer['devices'] = []): ServeFields {
  const fields = { ...blankFields, hostId };
  if (devices.length === 0) return fields;
  if (devices.some(({ instance }) => instance !== null))
    return { ...fields, gpuCount: String(devices.length) };
  return { ...fields, gpuWay: 'indices', gpuIndices: devices.map(({ gpu }) => gpu.index).join(',') };
}
