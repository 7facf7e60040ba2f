import { parseLsof, parseNetstat } from '../probe/netstat.ts';
import { type ListeningPort, parseSs } from '../probe/ports.ts';
import { run } from '../ssh/io/child.ts';

export interface PortHolder {
  readonly pid: number;
  /** The program's name without arguments, which may hold secrets; null where the system does not tell. */
  readonly name: string | null;
}

type Question = readonly [
  program: string,
  args: readonly string[],
  parse: (text: string) => readonly ListeningPort[],
];

const timeoutMs = 2000;

/**
 * Who listens on a local port of this computer, by `ss`, `lsof` or Windows' `netstat`; null where none of them knows,
 * as of a process of another user. Never rejects.
 */
export async function portHolder(port: number): Promise<PortHolder | null> {
  for (const [program, args, parse] of questions(port)) {
    const result = await run(program, args, { env: process.env, timeoutMs });
    if (result.kind !== 'ended') continue;
    const found = parse(result.stdout).find((listening) => listening.port === port);
    if (found !== undefined && found.pid !== null) return { pid: found.pid, name: found.process };
  }
  return null;
}

function questions(port: number): readonly Question[] {
  if (process.platform === 'win32') return [['netstat', ['-ano', '-p', 'TCP'], parseNetstat]];
  const lsof: Question = ['lsof', ['-nP', '+c', '0', `-iTCP:${port}`, '-sTCP:LISTEN'], parseLsof];
  if (process.platform !== 'linux') return [lsof];
  return [['ss', ['-H', '-ltnp', `sport = :${port}`], parseSs], lsof];
}
