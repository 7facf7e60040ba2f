/** How far a launch is, by the lines of its log and what is known beside them. Pure. */

import type { LaunchFailureKind, LaunchStage } from '#common/launches.ts';
import { plainText } from '#common/text.ts';

export interface LaunchFacts {
  /** Its program; `ended` with the exit code, null where that was not seen (a restart of the host, a KILL of all). */
  readonly program: { readonly kind: 'runs' } | { readonly kind: 'ended'; readonly code: number | null };
  /** Why the host ended it; null where it did not. */
  readonly endedFor: 'asked' | 'lifetime' | null;
  /** Whether `/v1/models` answers. */
  readonly answers: boolean;
}

const longestLine = 300;
/** Of a longer one the beginning says what it is about, and all of it would be searched for a time that grows with its square. */
const mostSearched = 1000;

/** The lines of a log: a progress bar writes over its own line, of which the last is what counts. */
export function logLines(log: string): readonly string[] {
  return log.split('\n').map((line) => line.split('\r').findLast((part) => part !== '') ?? '');
}

/** The latest line that says anything. */
export function lastLineOf(lines: readonly string[]): string {
  return plainText(lines.findLast((line) => line.trim() !== '') ?? '', longestLine);
}

/** The stage that these lines of the log, oldest first, and the facts make. */
export function stageOf(lines: readonly string[], { program, endedFor, answers }: LaunchFacts): LaunchStage {
  if (program.kind === 'ended') {
    if (endedFor !== null) return { kind: 'stopped', why: endedFor };
    return { kind: 'failed', failure: failureOf(lines, program.code) };
  }
  if (answers) return { kind: 'ready' };
  const stages = lines.map((line) => stageOfLine(line.slice(0, mostSearched)));
  return stages.findLast((stage) => stage !== null) ?? { kind: 'environment' };
}

/** What one line says of the stage; null: nothing. The texts are those of vLLM 0.4 to 0.11, huggingface_hub and tqdm. */
function stageOfLine(line: string): LaunchStage | null {
  if (/Capturing CUDA graph|Graph capturing|torch\.compile|Dynamo bytecode|Compiling a graph/i.test(line))
    return { kind: 'compile', pct: /\bcaptur/i.test(line) ? pctOf(line) : null };
  if (/Loading (?:safetensors|pt|bin)? ?(?:checkpoint shards|model weights|weights)/i.test(line))
    return { kind: 'load', pct: pctOf(line) };
  if (/Starting to load model|Loading weights took|Loading model from/i.test(line))
    return { kind: 'load', pct: null };
  const bar = /(\d+(?:\.\d+)?[kMGT]?)B?\/(\d+(?:\.\d+)?[kMGT]?)B? \[[^\]]*?(\d+(?:\.\d+)?[kMGT]?)B\/s/.exec(
    line,
  );
  if (bar !== null)
    return {
      kind: 'download',
      doneBytes: bytesOf(bar[1]),
      totalBytes: bytesOf(bar[2]),
      bytesPerSecond: bytesOf(bar[3]),
    };
  if (/Fetching \d+ files|Downloading|Pulling (?:from|fs layer)/i.test(line))
    return { kind: 'download', doneBytes: null, totalBytes: null, bytesPerSecond: null };
  return null;
}

function pctOf(line: string): number | null {
  const [, pct] = /(\d{1,3})% ?(?:Completed)?/.exec(line) ?? [];
  return pct === undefined ? null : Math.min(100, Number(pct));
}

const powers: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** tqdm counts in thousands. */
function bytesOf(text = ''): number | null {
  const [, number, unit = ''] = /^([\d.]+)([kMGT]?)$/.exec(text) ?? [];
  return number === undefined ? null : Math.round(Number(number) * (powers[unit] ?? 1));
}

/** What a line says of the cause; the first kind that fits the latest such line is the cause. In the order of how sure each is. */
const causes: readonly (readonly [LaunchFailureKind, RegExp])[] = [
  [
    'old-driver',
    /driver (?:version )?(?:is insufficient|on your system is too old)|NVIDIA driver .*too old|CUDA_ERROR_SYSTEM_DRIVER_MISMATCH/i,
  ],
  ['no-disk', /No space left on device|Disk quota exceeded|Not enough free disk space/i],
  [
    'no-access',
    /GatedRepoError|Cannot access gated repo|\b401 Client Error|\b403 Client Error|RepositoryNotFoundError|access to model .* is restricted|Invalid (?:username or password|user token)/i,
  ],
  ['port-taken', /Address already in use|EADDRINUSE|port is already allocated/i],
  [
    'uneven-split',
    /must be divisible by tensor parallel size|is not divisible by|attention heads .* divisible/i,
  ],
  ['gpu-names', /invalid literal for int\(\) with base 10: '(?:GPU|MIG)-/],
  [
    'out-of-memory',
    /CUDA out of memory|OutOfMemoryError|out of memory|No available memory for the cache blocks|Free memory on device .* is less than desired|larger than the (?:maximum|available) .*KV cache/i,
  ],
  [
    'no-environment',
    /EnvironmentNameNotFound|EnvironmentLocationNotFound|Could not find conda environment|Not a conda environment|bin\/activate: (?:No such file|not found)|(?:can't open|cannot open) \S*\/activate|Unable to find image|(?:manifest|image) .*(?:unknown|not known|not found)|pull access denied/i,
  ],
  [
    'no-program',
    /(?:^|[\s:'"/])(?:vllm|uv|conda|docker|podman)['"]?: (?:command )?not found|env: .{0,200}vllm.{0,200}: No such file|No module named ['"]?vllm|unrecognized arguments|executable file not found/i,
  ],
];

/** A KILL that no one of ours sent is mostly the kernel's, for memory of the host. */
const killCodes: ReadonlySet<number | null> = new Set([137, 143, null]);

function failureOf(lines: readonly string[], code: number | null) {
  for (const [kind, pattern] of causes) {
    const line = lines.findLast((each) => pattern.test(each.slice(0, mostSearched)));
    if (line !== undefined) return { kind, line: plainText(line, longestLine) };
  }
  const line = lastLineOf(lines);
  if (code === 127) return { kind: 'no-program' as const, line };
  return { kind: killCodes.has(code) ? ('killed' as const) : ('ended' as const), line };
}
