/** The entries of the tray menu about what only a person can go on with. */

import {
  action,
  label,
  type MenuContext,
  type MenuEntry,
  remedyEntry,
  section,
  show,
  submenu,
} from './menu-entry.ts';
import type { Place } from './place.ts';
import { failureOf } from './select/failures.ts';
import { hasFailed, waitingKeys } from './select/hosts.ts';
import { canLogIn, canTryAgain, hostRemedy } from './select/remedies.ts';
import { remedyWords } from './words/remedies.ts';
import { errorWords } from './words/states.ts';

/** How much there is of it; the window asks. */
export function attention({ snapshot, words }: MenuContext): readonly MenuEntry[] {
  const keys = waitingKeys(snapshot).length;
  const logins = snapshot.hosts.filter(canLogIn).length;
  const parts = [
    ...(snapshot.prompts.length > 0 ? [words.questionsWaiting(snapshot.prompts.length)] : []),
    ...(keys > 0 ? [words.newHostKeys(keys)] : []),
    ...(logins > 0 ? [words.hostsToLogInTo(logins)] : []),
  ];
  return parts.length === 0 ? [] : [show('attention', `${parts.join(', ')}…`)];
}

/** Hosts that only a person can bring on, each with what it waits for. */
export function failedMenu(context: MenuContext): readonly MenuEntry[] {
  const { snapshot, language, words } = context;
  const entries = snapshot.hosts.flatMap((host) => {
    const failure = hasFailed(host) ? failureOf(host.state) : null;
    const remedy = hostRemedy(host);
    if (failure === null || remedy === null) return [];
    const row: Place = { view: 'gpus', id: host.id };
    return submenu(`failed ${host.id}`, host.alias, [
      label(`why ${host.id}`, errorWords(failure.code, language).title),
      remedyEntry(`remedy ${host.id}`, remedyWords[language][remedy.kind], remedy, row),
      ...(canTryAgain(host)
        ? [action(`again ${host.id}`, words.retry, { name: 'scan.start', input: { hostIds: [host.id] } })]
        : []),
      show(`show ${host.id}`, words.showInWindow, row),
    ]);
  });
  if (entries.length === 0) return [];
  return [section({ id: 'failed', title: words.waitingHosts, entries, empty: '', words })];
}
