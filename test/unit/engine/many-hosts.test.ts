/** A step for each host and each other host takes minutes here, and longer than a test may. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emptySnapshot } from '#common/reduce.ts';
import { defaultSettings } from '#common/settings.ts';
import { createHostList } from '#engine/host-list.ts';
import { createScanner } from '#engine/scan/scanner.ts';
import { readAliases } from '#engine/ssh/config/config.ts';
import type { Resolver } from '#engine/ssh/config/resolve.ts';
import { createStore } from '#engine/store.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';

const count = 50_000;

describe('50,000 hosts', () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const hosts = Array.from(
      { length: count },
      (_, at) => `Host gpu${at}\n  HostName gpu${at}.example\n  User me\n`,
    );
    await folder.write('.ssh/config', hosts.join(''));
  });
  afterAll(() => folder.remove());

  it('are listed, queued and let go of, and ssh is asked about none', async () => {
    const sshConfigPath = `${folder.path}/.ssh/config`;
    const store = createStore(emptySnapshot({ kind: 'ssh-config', path: sshConfigPath }, defaultSettings));
    const asked: string[] = [];
    const resolver: Resolver = {
      expect: async () => undefined,
      resolve(alias) {
        asked.push(alias);
        throw new Error('it is not to be asked');
      },
      resolveHop: () => Promise.reject(new Error('it is not to be asked')),
      read: () => Promise.reject(new Error('it is not to be asked')),
      forget: () => undefined,
      dispose: async () => undefined,
    };
    const list = createHostList({
      sshConfigPath,
      otherProblems: () => [],
      home: folder.path,
      store,
      resolver,
    });
    await list.load();
    expect(store.snapshot().hosts).toHaveLength(count);
    expect(await list.resolveAll()).toBe(false);
    let measured = 0;
    const scanner = createScanner({
      store,
      tracked: () => {
        measured += 1;
        if (measured === 1)
          expect(store.current().hosts.every(({ state }) => state.kind === 'queued')).toBe(true);

        return { measure: () => Promise.resolve() } as never;
      },
    });
    const scanned = scanner.scan();
    scanner.cancel();
    await scanned;
    expect(store.snapshot().hosts.filter(({ state }) => state.kind !== 'unresolved')).toEqual([]);
    expect(asked).toEqual([]);
    store.dispose();
  });
});

it('5,000 files of one Include are all read', async () => {
  const folder = await temporaryFolder();
  try {
    await Promise.all(
      Array.from({ length: 5000 }, (_, at) => folder.write(`.ssh/conf.d/${at}`, `Host node${at}\n`)),
    );
    const path = await folder.write('.ssh/config', 'Include conf.d/*\n');
    const { aliases, problems } = await readAliases(path, { home: folder.path });
    expect([aliases.length, problems]).toEqual([5000, []]);
  } finally {
    await folder.remove();
  }
});
