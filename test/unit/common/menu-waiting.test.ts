import { describe, expect, it } from 'vitest';
import type { MenuEntry } from '#common/menu-entry.ts';
import { attention, failedMenu } from '#common/menu-waiting.ts';
import type { Prompt, UnknownHostKey } from '#common/prompts.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { menuWords } from '#common/words/menu.ts';
import { aFailure } from '../../support/samples.ts';
import { failed, host, snapshot } from '../../support/snapshot.ts';

const context = (fields: Partial<Snapshot>) => ({
  snapshot: snapshot(fields),
  language: 'en' as const,
  words: menuWords.en,
});
const key = { id: 'k1', name: 'new', type: 'ssh-ed25519' } as UnknownHostKey;
const keyless = host('new', {
  state: { kind: 'hostkey-unknown', failure: aFailure('hostkey-unknown', { hostKeyId: 'k1' }) },
});
const locked = host('locked', { state: { kind: 'auth-needed', failure: aFailure('auth-no-key') } });
const idsOf = (entries: readonly MenuEntry[]) =>
  entries.map((entry) => ('id' in entry ? entry.id : entry.kind));

describe('what waits for a person', () => {
  it('is counted in one entry, and is none where nothing waits', () => {
    const prompts = [{ id: 'p1' }, { id: 'p2' }] as unknown as readonly Prompt[];
    const fields = { prompts, hostKeys: [key], hosts: [keyless, locked, host('fine')] };
    expect(attention(context(fields))).toMatchObject([
      { id: 'attention', label: '2 questions waiting, 1 new host key, 1 host to log in to…' },
    ]);
    expect(attention(context({ hosts: [host('fine')] }))).toEqual([]);
  });

  it('a host key for which no host waits any more is not counted', () => {
    expect(attention(context({ hostKeys: [key], hosts: [host('new')] }))).toEqual([]);
  });
});

describe('hosts that have failed', () => {
  it('stand in a list, each with why and with what helps', () => {
    const [section] = failedMenu(context({ hosts: [host('fine'), locked, keyless], hostKeys: [key] }));
    if (section?.kind !== 'submenu') throw new Error('no list');
    expect(idsOf(section.entries)).toEqual(['failed locked', 'failed new']);
    const [first, second] = section.entries;
    expect(first?.kind === 'submenu' && idsOf(first.entries)).toEqual([
      'why locked',
      'remedy locked',
      'again locked',
      'show locked',
    ]);
    // To try again does not make a key known.
    expect(second?.kind === 'submenu' && idsOf(second.entries)).not.toContain('again new');
  });

  it('are none where all is well, or nothing is left to a person', () => {
    expect(failedMenu(context({ hosts: [host('fine'), host('away', { state: failed() })] }))).toEqual([]);
  });
});
