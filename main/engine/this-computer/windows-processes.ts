/** The processes of this computer as Windows tells them: CIM's Win32_Process, read by the PowerShell that comes with it. */

import { win32 } from 'node:path';
import { run } from '../ssh/io/child.ts';
import type { LocalProcess } from './local-process.ts';

/** PowerShell itself takes a second to start, on a slow computer several. */
const timeoutMs = 15_000;
/** Longer ones are cut, as `ps` has them; and more processes than this no computer has. */
const longestArgs = 20_000;
const mostProcesses = 50_000;

/**
 * Without double quotes, which would have to be escaped. Windows shows the command lines of other people's processes to an
 * administrator alone: so an ssh must belong to this person, and is asked for its owner.
 */
const script = `$ErrorActionPreference = 'Stop'
try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { }
$me = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
$all = Get-CimInstance -ClassName Win32_Process -Property Handle, Name, ProcessId, ParentProcessId, CreationDate, CommandLine
$rows = foreach ($one in $all) {
  if (-not $one.CommandLine) { continue }
  if ($one.Name -match '^(auto)?ssh(\\.exe)?$') {
    try { $owner = (Invoke-CimMethod -InputObject $one -MethodName GetOwnerSid).Sid } catch { continue }
    if ($owner -ne $me) { continue }
  }
  $start = if ($one.CreationDate) { ([DateTimeOffset]$one.CreationDate).ToUnixTimeMilliseconds() } else { $null }
  [pscustomobject]@{ pid = $one.ProcessId; parent = $one.ParentProcessId; start = $start; args = $one.CommandLine }
}
ConvertTo-Json -Compress -InputObject @($rows)`;

/** The processes whose command lines this person may read; null where PowerShell does not say. Never rejects. */
export async function listWindowsProcesses(env: NodeJS.ProcessEnv): Promise<readonly LocalProcess[] | null> {
  // By its whole path: a program of that name in the current folder would come before the one of Windows.
  const folder = env.SystemRoot ?? env.SYSTEMROOT ?? 'C:\\Windows';
  const powerShell = win32.join(folder, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  const args = ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', script];
  const result = await run(powerShell, args, { env, timeoutMs });
  return result.kind === 'ended' && result.code === 0 ? parseWindowsProcesses(result.stdout) : null;
}

/** Reads the array of objects that the script prints; null for anything else. Entries that are not usable are left out. Never throws. */
export function parseWindowsProcesses(text: string): readonly LocalProcess[] | null {
  const rows = parseJson(text.replace(/^\uFEFF/, ''));
  if (!Array.isArray(rows)) return null;
  return rows.slice(0, mostProcesses).flatMap((row: unknown) => {
    if (typeof row !== 'object' || row === null) return [];
    const { pid, parent, start, args } = row as Readonly<Record<string, unknown>>;
    if (!isId(pid) || typeof args !== 'string' || args.trim() === '') return [];
    return {
      pid,
      parentPid: isId(parent) ? parent : 0,
      startedAt: typeof start === 'number' && Number.isSafeInteger(start) && start > 0 ? start : null,
      args: args.slice(0, longestArgs),
    };
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // An error in the person's language, or a part of the array.
    return null;
  }
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 0xffff_ffff;
}

/**
 * The words of a command line as a program of Windows gets them (CommandLineToArgvW): quotes hold blanks together,
 * backslashes mean themselves but before a quote, and two quotes within quotes are one. Never throws.
 */
export function splitCommandLine(line: string): readonly string[] {
  const [, quoted, plain = '', rest = ''] = /^\s*(?:"([^"]*)"?|(\S*))(.*)$/s.exec(line) ?? [];
  const words = [quoted ?? plain];
  let word: string | null = null;
  let isQuoted = false;
  for (const [part] of rest.matchAll(/\\*"|\\+|\s|[^\s\\"]+/g)) {
    if (part.endsWith('"')) {
      const backslashes = part.length - 1;
      word = (word ?? '') + '\\'.repeat(backslashes >> 1);
      if (backslashes % 2 === 1) word += '"';
      else isQuoted = !isQuoted;
    } else if (/^\s$/.test(part) && !isQuoted) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + part;
  }
  return word === null ? words : [...words, word];
}
