/** Reads a command line of ssh that a person pastes in place of the fields of a forward. Nothing is run for it. Pure. */

import { AppError } from '#common/failure.ts';
import { type ForwardTarget, targetOf } from '#common/forward-target.ts';
import type { PastedForwards } from '#common/forwards.ts';
import type { Host } from '#common/hosts.ts';
import { plainText } from '#common/text.ts';
import { splitArguments, splitDirective } from '../ssh/config/config-lines.ts';
import { splitFields } from './forward-spec.ts';
import { parseSshCommand, type SshCommand } from './ssh-arguments.ts';

const mostForwards = 50;

/**
 * The host is the one of that alias or, for another destination, the one at that address. Errors: `bad-request` for a line
 * without a forward, `not-found` for a host that is not listed.
 */
export function readPastedForwards(line: string, hosts: readonly Host[]): PastedForwards {
  // A command of several lines has a backslash at their ends.
  const text = line.replace(/\\?[\r\n]+/g, ' ').trim();
  const command = parseSshCommand(splitArguments(text.replace(/^[$%#>]\s+/, '')) ?? []);
  const specs = command?.written.slice(0, mostForwards) ?? [];
  if (command === null || specs.length === 0)
    throw new AppError('bad-request', { step: 'forward', detail: 'the line is no ssh command with -L' });
  const host = hostOf(command, hosts);
  if (host === null) {
    const detail = `no host of the list is ${plainText(command.destination, 80)}`;
    throw new AppError('not-found', { step: 'forward', detail });
  }
  const readings = specs.map((spec) => readSpec(spec) ?? spec);
  return {
    hostId: host.id,
    forwards: readings.filter((reading) => typeof reading !== 'string'),
    ignored: readings.filter((reading) => typeof reading === 'string').map((spec) => plainText(spec, 80)),
  };
}

/** `[address:]port:host:port` and `[address:]port:/path`; null for anything else, as a socket on this computer. */
function readSpec(spec: string): (ForwardTarget & { readonly localPort: number }) | null {
  const fields = splitFields(spec) ?? [];
  const last = fields.at(-1) ?? '';
  const isSocket = last.startsWith('/');
  const target = isSocket
    ? targetOf({ remoteSocket: last })
    : targetOf({ remotePort: numberOf(last), remoteHost: fields.at(-2) });
  const before = fields.slice(0, isSocket ? -1 : -2);
  const localPort = numberOf(before.at(-1) ?? '');
  const isWhole = before.length === 1 || before.length === 2;
  return target === null || !isWhole || localPort < 1 || localPort > 65_535 ? null : { ...target, localPort };
}

function numberOf(text: string): number {
  return /^\d{1,5}$/.test(text) ? Number(text) : 0;
}

/** The value of an option, or of the same by `-o`: as for ssh, the first one counts. */
function optionOf({ options }: SshCommand, letter: string, keyword: string): string | null {
  for (const [at, option] of options.entries()) {
    const value = options[at + 1] ?? '';
    if (option === letter) return value;
    const directive = option === '-o' ? splitDirective(value) : null;
    if (directive?.keyword === keyword) return splitArguments(directive.rest)?.[0] ?? null;
  }
  return null;
}

function hostOf(command: SshCommand, hosts: readonly Host[]): Host | null {
  const { destination } = command;
  // A port stands in a URI alone: elsewhere what follows a colon belongs to the name.
  const [, userInUri, address, nameInUri, portInUri] =
    /^ssh:\/\/(?:(.*)@)?(?:\[(.+)\]|([^:]*))(?::(\d{1,5}))?\/?$/.exec(destination) ?? [];
  const [, userBefore, nameAlone = ''] = /^(?:(.*)@)?(.*)$/s.exec(destination) ?? [];
  const isUri = destination.startsWith('ssh://');
  const name = isUri ? (address ?? nameInUri ?? '') : nameAlone;
  const user = optionOf(command, '-l', 'user') ?? (isUri ? userInUri : userBefore) ?? null;
  const port = optionOf(command, '-p', 'port') ?? portInUri ?? null;
  const fits = ({ endpoint }: Host): boolean =>
    endpoint === null ||
    ((user === null || endpoint.user === user) && (port === null || endpoint.port === numberOf(port)));
  const isThere = ({ endpoint }: Host): boolean =>
    endpoint !== null && endpoint.hostname.toLowerCase() === name.toLowerCase();
  return (
    hosts.find((host) => host.alias === name && fits(host)) ??
    hosts.find((host) => isThere(host) && fits(host)) ??
    null
  );
}
