/** What the fields of serving a model ask for. Pure. */

import { type LaunchRequest, launchRequest, parseLifetime, secretIn } from '#common/launch-request.ts';
import { launchNamePattern } from '#common/launches.ts';
import { splitWords } from '#common/split-words.ts';
import {
  blankFields,
  type FieldProblem,
  placed,
  type ServeErrors,
  type ServeField,
  type ServeFields,
} from './serve-fields.ts';

export type FormReading =
  | { readonly ok: true; readonly request: LaunchRequest }
  | { readonly ok: false; readonly errors: ServeErrors };

type Problems = { -readonly [Field in ServeField]?: FieldProblem };

/** Reads the fields; what is wrong is said at each field that is. */
export function readServeForm(fields: ServeFields): FormReading {
  const errors: Problems = {};
  const read = <Value extends object>(field: ServeField, value: Value | FieldProblem): Value | undefined => {
    if (typeof value !== 'string') return value;
    errors[field] = value;
    return undefined;
  };
  const model = fields.model.trim();
  if (model === '' || model.startsWith('-')) errors.model = 'noModel';
  const gpus = readGpus(fields, errors);
  const launcher = read('place', launcherOf(fields)) ?? { kind: 'auto' };
  const args = read('args', argsOf(fields.args)) ?? [];
  const env = read('env', envOf(fields.env)) ?? {};
  const time = read('lifetime', lifetimeOf(fields.lifetime));
  const target = readTarget(fields, errors);
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const hostId = fields.hostId === '' ? null : fields.hostId;
  return check({
    ...{ hostId, model, ...target, launcher },
    ...(gpus !== undefined && { gpus }),
    ...{ args: [...args], env, lifetimeSeconds: time?.seconds ?? null },
  });
}

function readTarget(fields: ServeFields, errors: Problems): Pick<LaunchRequest, 'name' | 'remotePort'> {
  const name = fields.name.trim();
  const remotePort = wholeOf(fields.remotePort, 1, 65_535);
  if (name !== '' && !launchNamePattern.test(name)) errors.name = 'badName';
  if (fields.remotePort.trim() !== '' && remotePort === undefined) errors.remotePort = 'badPort';
  return { ...(name !== '' && { name }), ...(remotePort !== undefined && { remotePort }) };
}

/** What the fields let through and the engine would not: too long, or a control character. */
function check(request: LaunchRequest): FormReading {
  const { error } = launchRequest.safeParse(request);
  if (error === undefined) return { ok: true, request };
  const at = String(error.issues[0]?.path[0] ?? 'model');
  const field = at === 'launcher' ? 'place' : at === 'gpus' ? 'gpuIndices' : at;
  return { ok: false, errors: { [Object.hasOwn(blankFields, field) ? field : 'model']: 'badValue' } };
}

/** Undefined: no such number. */
function wholeOf(text: string, least: number, most: number): number | undefined {
  const number = Number(text.trim());
  const isWhole = /^\d+$/.test(text.trim()) && number >= least && number <= most;
  return isWhole ? number : undefined;
}

type Wish = NonNullable<LaunchRequest['gpus']>;

function readGpus({ gpuWay, gpuCount, minGiB, gpuIndices }: ServeFields, errors: Problems): Wish | undefined {
  switch (gpuWay) {
    case 'model':
      return undefined;
    case 'count': {
      const count = wholeOf(gpuCount, 0, 64);
      const memory = minGiB.trim() === '' ? 0 : wholeOf(minGiB, 0, 100_000);
      if (count === undefined) errors.gpuCount = 'badCount';
      if (memory === undefined) errors.minGiB = 'badMemory';
      return { kind: 'count', count: count ?? 0, minGiB: memory ?? 0 };
    }
    case 'indices': {
      const indices = gpuIndices.split(/[\s,]+/).filter((part) => part !== '');
      const numbers = indices.map((part) => wholeOf(part, 0, 1000));
      if (numbers.length === 0 || numbers.includes(undefined)) errors.gpuIndices = 'badIndices';
      return { kind: 'indices', indices: [...new Set(numbers.flatMap((number) => number ?? []))] };
    }
  }
}

function launcherOf({ launcher, place: typed }: ServeFields): LaunchRequest['launcher'] | FieldProblem {
  const place = typed.trim();
  if (placed[launcher] && (place === '' || place.startsWith('-'))) return 'noPlace';
  switch (launcher) {
    case 'conda':
      return { kind: 'conda', environment: place };
    case 'venv':
      return { kind: 'venv', folder: place };
    case 'container':
      return { kind: 'container', image: place };
    case 'auto':
    case 'plain':
    case 'uv':
      return { kind: launcher };
  }
}

function envOf(text: string): Readonly<Record<string, string>> | FieldProblem {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (!lines.every((line) => /^\s*[A-Za-z_]\w{0,99}=/.test(line))) return 'badEnv';
  const env = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at).trim(), line.slice(at + 1)];
    }),
  );
  return secretIn({ args: [], env }) === null ? env : 'secret';
}

function argsOf(text: string): readonly string[] | FieldProblem {
  const args = splitWords(text);
  if (args === null) return 'openQuote';
  return secretIn({ args: [...args], env: {} }) === null ? args : 'secret';
}

function lifetimeOf(text: string): { readonly seconds: number | null } | FieldProblem {
  if (text.trim() === '') return { seconds: null };
  const seconds = parseLifetime(text);
  return seconds === null ? 'badLifetime' : { seconds };
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

function lifetimeText(seconds: number | null): string {
  if (seconds === null) return '';
  const [unit, size] = units.find(([, size]) => seconds % size === 0) ?? (['s', 1] as const);
  return `${seconds / size}${unit}`;
}

/** The fields that ask for this, for a profile that is edited. */
export function fieldsOf(request: LaunchRequest): ServeFields {
  const { hostId, model, launcher, gpus, args, env, lifetimeSeconds, remotePort, name } = request;
  const count = gpus?.kind === 'count' ? gpus : null;
  const place =
    launcher.kind === 'conda'
      ? launcher.environment
      : launcher.kind === 'venv'
        ? launcher.folder
        : launcher.kind === 'container'
          ? launcher.image
          : '';
  return {
    model,
    hostId: hostId ?? '',
    gpuWay: gpus?.kind ?? 'model',
    gpuCount: String(count?.count ?? 1),
    minGiB: count === null || count.minGiB === 0 ? '' : String(count.minGiB),
    gpuIndices: gpus?.kind === 'indices' ? gpus.indices.join(',') : '',
    launcher: launcher.kind,
    place,
    args: args.map(asTyped).join(' '),
    env: Object.entries(env)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
    lifetime: lifetimeText(lifetimeSeconds),
    remotePort: remotePort === undefined ? '' : String(remotePort),
    name: name ?? '',
  };
}

/** As {@link splitWords} reads it back. */
function asTyped(word: string): string {
  return /^[^\s'"\\]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
