/** The next step that a failure leaves to a person. */

import { describe, expect, it } from 'vitest';
import { type ErrorCode, errors } from '#common/failure.ts';
import { canLogIn, canTryAgain, hostRemedy, remedyOf } from '#common/select/remedies.ts';
import { aFailure } from '../../../support/samples.ts';
import { host } from '../../../support/snapshot.ts';

const codes = Object.keys(errors) as ErrorCode[];

describe('a remedy', () => {
  it.each(codes)('of %s is the action of its code, or none where the failure lacks what it needs', (code) => {
    const full = aFailure(code, { command: 'ssh gpu1', hostKeyId: 'k' });
    expect(remedyOf(full, 'gpu1')?.kind ?? null).toBe(errors[code].action);
    const bare = remedyOf({ code }, null)?.kind ?? null;
    expect([null, 'open-settings']).toContain(bare);
  });

  it('of a key that cannot be accepted is the command that shows it', () => {
    expect(remedyOf({ code: 'hostkey-unknown', hostKeyId: 'k' }, 'a')).toEqual({
      kind: 'accept-key',
      keyId: 'k',
    });
    expect(remedyOf({ code: 'hostkey-unknown', command: 'ssh a' }, 'a')).toEqual({
      kind: 'copy-command',
      command: 'ssh a',
    });
  });

  it('opens the section where it can be changed', () => {
    expect(remedyOf({ code: 'ports-exhausted' }, null)).toEqual({
      kind: 'open-settings',
      place: { view: 'settings', id: 'forwards' },
    });
  });
});

describe('a host', () => {
  const failing = (code: ErrorCode, more = {}) =>
    host('a', { state: { kind: 'auth-needed', failure: aFailure(code, more) } });

  it('that is up waits for nothing', () => {
    expect(hostRemedy(host('a'))).toBeNull();
    expect([canLogIn(host('a')), canTryAgain(host('a'))]).toEqual([false, true]);
  });

  it('that wants a login can be logged in to, and tried again', () => {
    const waits = failing('auth-interactive');
    expect([canLogIn(waits), canTryAgain(waits)]).toEqual([true, true]);
  });

  it('whose key is unknown stays so until it is accepted', () => {
    const unknown = failing('hostkey-unknown', { hostKeyId: 'k' });
    expect([canLogIn(unknown), canTryAgain(unknown)]).toEqual([false, false]);
  });
});
