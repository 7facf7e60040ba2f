/** What failed, as the commands print it for people: the cause, the line to type against it, and a hint. */

import { describeFailure, type Failure } from '#common/failure.ts';
import { formatsOf } from '#common/format.ts';
import { failureOf } from '#common/select/failures.ts';
import { hasFailed } from '#common/select/hosts.ts';
import { hostRemedy, type Remedy } from '#common/select/remedies.ts';
import type { Snapshot, Source } from '#common/snapshot.ts';
import { plainText } from '#common/text.ts';
import { errorsEn } from '#common/words/errors-en.ts';
import type { Io } from './io.ts';
import { ownCommand } from './own-command.ts';
import type { TextStyle } from './table.ts';
import type { UnderLine, ViewTable } from './view.ts';

const formats = formatsOf('en');

/**
 * The cause of every host that is not fully there; under it what to do and the line to type where there is one. Hosts with the
 * same cause stand together. `command` is the one that prints them.
 */
export function failedHosts({ hosts, source }: Snapshot, { nowMs }: TextStyle, command: string): ViewTable {
  const failed = hosts.flatMap((host) => {
    const failure = hasFailed(host) ? failureOf(host.state) : null;
    return failure === null ? [] : [{ host, failure }];
  });
  const codes = [...new Set(failed.map(({ failure }) => failure.code))];
  const together = codes.flatMap((code) => failed.filter(({ failure }) => failure.code === code));
  return {
    columns: [
      { title: 'HOST', gives: 'name', enough: 20 },
      { title: 'NO ANSWER', gives: 'text' },
      { title: 'NEXT TRY' },
    ],
    rows: together.map(({ host, failure }) => ({
      cells: [
        host.alias,
        { text: describeFailure(failure), colour: 'red' },
        { text: nextTry(failure, nowMs), colour: 'dim' },
      ],
      under: [
        { kind: 'sentence', text: errorsEn[failure.code].hint },
        ...lineToType(hostRemedy(host), { command, source }),
      ],
    })),
    none: '',
  };
}

/** Nothing where the program ends before it, or none is scheduled. */
function nextTry({ nextAttemptAt }: Failure, nowMs: number | undefined): string {
  if (nowMs === undefined || nextAttemptAt === null) return '';
  const left = Math.ceil((nextAttemptAt - nowMs) / 1000);
  return left > 0 ? `in ${formats.elapsed(left * 1000)}` : 'now';
}

/** One line of each host that gave no answer: the cause, and what to do. */
export function sayFailed({ hosts }: Snapshot, { err }: Pick<Io, 'err'>): void {
  for (const { alias, state } of hosts) {
    const failure = failureOf(state);
    if (failure !== null)
      err.write(`${plainText(alias)}: ${describeFailure(failure)}. ${errorsEn[failure.code].hint}\n`);
  }
}

interface Scanning {
  /** The one that runs, and scans. */
  readonly command: string;
  readonly source: Source;
}

/** What stands under a row whose failure leaves a step to the person. */
export function lineToType(remedy: Remedy | null, scanning: Scanning): readonly UnderLine[] {
  return remedy === null ? [] : [{ kind: 'command', text: remedyLine(remedy, scanning) }];
}

/** The line to type for the step that a failure leaves to a person. */
function remedyLine(remedy: Remedy, { command, source }: Scanning): string {
  switch (remedy.kind) {
    case 'log-in':
    case 'accept-key':
      return ownCommand(source, command, '--login');
    case 'open-settings':
      return `npm start -- --show ${remedy.place.view}${remedy.place.id === undefined ? '' : `/${remedy.place.id}`}`;
    case 'copy-command':
      return remedy.command;
  }
}
