import type { ModelServer } from '#common/servers.ts';
import { type Asked, discover, listens } from '../../../support/discovery.ts';
import { type Engine, httpServer, type Page } from '../../../support/model-servers.ts';

interface Round extends Partial<Asked> {
  readonly known?: readonly ModelServer[];
  readonly process?: string;
}

/** Looks at one server, as an expected one where it has the name of a process. */
export async function look(
  port: number,
  { process, ...options }: Round = {},
): Promise<ModelServer | undefined> {
  const owner = process === undefined ? {} : { process, pid: 77 };
  const [server] = await discover({ listening: [listens(port, owner)], ...options }).result;
  return server;
}

/** Starts it, looks at it, and again with what was found: that, and what was asked each time. */
export async function twice(standIn: Engine, options: Round = {}) {
  const port = await httpServer(standIn.handler);
  const first = await look(port, options);
  const askedFirst = standIn.asked.splice(0);
  const second = await look(port, { ...options, known: first === undefined ? [] : [first] });
  return { port, first, askedFirst, second, askedAgain: standIn.asked.splice(0) };
}

/** An answer with this status. */
export const status = (code: number, body: unknown = '', headers = {}): Page => ({
  status: code,
  body,
  headers,
});
/** A model as a server's row has it. */
export const model = (id: string, maxModelLen: number | null = null, parent: string | null = null) => ({
  id,
  maxModelLen,
  parent,
});
