import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readAliases } from '#engine/ssh/config/config.ts';
import {
  type FileWatch,
  type WatchedFiles,
  type WatchGroup,
  type WatchOptions,
  watchFiles,
} from '#engine/ssh/config/config-watch.ts';
import { type Folder, temporaryFolder } from '../../../../support/folder.ts';

let folder: Folder;
let open: FileWatch[];
beforeEach(async () => {
  folder = await temporaryFolder();
  open = [];
});
afterEach(async () => {
  for (const watch of open) watch.close();
  await folder.remove();
});

const path = (name: string): string => join(folder.path, name);

interface Watching extends FileWatch {
  /** Every call of onChange so far, its groups in order. */
  readonly told: string[];
  /** Resolves with the groups of the next call that nobody has waited for. */
  next(): Promise<string>;
}

type Lists = Partial<WatchedFiles>;

/** Watches, and has looked once. */
async function watch(lists: Lists | (() => Lists), options: Partial<WatchOptions> = {}): Promise<Watching> {
  const told: string[] = [];
  const waiting: ((groups: string) => void)[] = [];
  let taken = 0;
  const files = (): WatchedFiles => ({
    ...{ config: [], includes: [], knownHosts: [], keys: [] },
    ...(typeof lists === 'function' ? lists() : lists),
  });
  const onChange = (changed: ReadonlySet<WatchGroup>): void | Promise<void> => {
    told.push([...changed].sort().join(' '));
    const waiter = waiting.shift();
    if (waiter !== undefined) waiter(told[taken++] ?? '');
    return options.onChange?.(changed);
  };
  const watching = watchFiles(files, { quietMs: 10, ...options, onChange });
  open.push(watching);
  await watching.look();
  return {
    ...watching,
    told,
    next: () =>
      new Promise((resolve) => {
        if (taken < told.length) resolve(told[taken++] ?? '');
        else waiting.push(resolve);
      }),
  };
}

/** Events alone, and looking from time to time alone: each must be enough. */
describe.each([
  { way: 'by events', options: { pollMs: 3_600_000 } },
  { way: 'by looking', options: { pollMs: 10, events: false } },
])('a change is noticed $way', ({ options }) => {
  it('when a file is written', async () => {
    const config = await folder.write('config', 'Host a\n');
    const watching = await watch({ config: [config] }, options);
    await folder.write('config', 'Host ab\n');
    expect(await watching.next()).toBe('config');
  });

  it('when an editor replaces the file by one of the same size and time', async () => {
    const config = await folder.write('config', 'Host a\n');
    const { atime, mtime } = await stat(config);
    const watching = await watch({ config: [config] }, options);
    for (const host of ['b', 'c']) {
      const aside = await folder.write('config.swp', `Host ${host}\n`);
      await utimes(aside, atime, mtime);
      await rename(aside, config);
      expect(await watching.next()).toBe('config');
    }
  });

  it('when a file goes and comes back', async () => {
    const key = await folder.write('.ssh/id', 'secret');
    const watching = await watch({ keys: [key] }, options);
    await rm(key);
    expect(await watching.next()).toBe('keys');
    await folder.write('.ssh/id', 'secret');
    expect(await watching.next()).toBe('keys');
  });

  it('when a file comes for which there was not even a folder', async () => {
    const watching = await watch({ knownHosts: [path('.ssh/deep/known_hosts')] }, options);
    await folder.write('.ssh/deep/known_hosts', '');
    expect(await watching.next()).toBe('knownHosts');
  });

  it('when the folder is another one with the same name', async () => {
    const config = await folder.write('.ssh/config', 'Host a\n');
    const watching = await watch({ config: [config] }, options);
    for (const host of ['b', 'c']) {
      // In one go, so that nobody looks in between; the new folder often gets the old one's inode.
      rmSync(path('.ssh'), { recursive: true });
      mkdirSync(path('.ssh'));
      writeFileSync(config, `Host ${host}\n`);
      expect(await watching.next()).toBe('config');
      await watching.look();
      await folder.write('.ssh/config', 'Host later\n');
      expect(await watching.next()).toBe('config');
    }
  });

  it('when an Include gains a file, loses it, and gains the folder itself', async () => {
    const watching = await watch({ includes: [path('.ssh/conf.d/*.conf')] }, options);
    const first = await folder.write('.ssh/conf.d/a.conf', 'Host a\n');
    expect(await watching.next()).toBe('config');
    await folder.write('.ssh/conf.d/b.conf', 'Host b\n');
    expect(await watching.next()).toBe('config');
    await rm(first);
    expect(await watching.next()).toBe('config');
  });

  it('when what a link leads to is written, or the link leads elsewhere', async () => {
    const target = await folder.write('dotfiles/config', 'Host a\n');
    await folder.write('other/config', 'Host b\n');
    await mkdir(path('.ssh'));
    await symlink(target, path('.ssh/config'));
    const watching = await watch({ config: [path('.ssh/config')] }, options);
    await folder.write('dotfiles/config', 'Host ab\n');
    expect(await watching.next()).toBe('config');
    await symlink(path('other/config'), path('.ssh/aside'));
    await rename(path('.ssh/aside'), path('.ssh/config'));
    expect(await watching.next()).toBe('config');
    await folder.write('other/config', 'Host bc\n');
    expect(await watching.next()).toBe('config');
  });
});

describe('what is told', () => {
  it('is which kind of file has changed, all of one burst at once', async () => {
    const config = await folder.write('.ssh/config', '');
    const known = await folder.write('.ssh/known_hosts', '');
    const watching = await watch({ config: [config], knownHosts: [known], keys: [path('.ssh/id')] });
    await folder.write('.ssh/known_hosts', 'a');
    expect(await watching.next()).toBe('knownHosts');
    writeFileSync(known, 'b');
    writeFileSync(path('.ssh/id'), 'key');
    expect(await watching.next()).toBe('keys knownHosts');
  });

  it('is nothing when nothing has changed, or something else in the same folder', async () => {
    const config = await folder.write('.ssh/config', 'Host a\n');
    const watching = await watch({ config: [config], includes: [path('.ssh/*.conf')] });
    await folder.write('.ssh/known_hosts', 'a');
    await folder.write('.ssh/.hidden.conf', 'a');
    await readFile(config);
    await watching.look();
    expect(watching.told).toEqual([]);
  });

  it('is a burst of writing once', async () => {
    const config = await folder.write('config', '');
    const watching = await watch({ config: [config] });
    for (let count = 0; count < 200; count += 1) writeFileSync(config, `Host h${count}\n`);
    expect(await watching.next()).toBe('config');
    await watching.look();
    expect(watching.told).toEqual(['config']);
  });

  it('is a burst that does not end, too', async () => {
    const config = await folder.write('config', '');
    const watching = await watch({ config: [config] }, { quietMs: 30 });
    let count = 0;
    const writing = setInterval(() => writeFileSync(config, `Host h${count++}\n`), 5);
    expect(await watching.next()).toBe('config');
    clearInterval(writing);
  });

  it('comes one after the other while the first is worked on', async () => {
    const config = await folder.write('config', '');
    const gates: (() => void)[] = [];
    let working = 0;
    const onChange = async (): Promise<void> => {
      working += 1;
      expect(working).toBe(1);
      await new Promise<void>((resolve) => gates.push(resolve));
      working -= 1;
    };
    const watching = await watch({ config: [config] }, { onChange });
    await folder.write('config', 'Host a\n');
    expect(await watching.next()).toBe('config');
    await folder.write('config', 'Host ab\n');
    const looked = watching.look();
    gates.shift()?.();
    expect(await watching.next()).toBe('config');
    gates.shift()?.();
    await looked;
    expect(watching.told).toEqual(['config', 'config']);
  });
});

describe('a list that changes', () => {
  it('is asked for again after each change, and old files in it are none', async () => {
    const [top, old] = [await folder.write('config', ''), await folder.write('elsewhere/old', '')];
    const written = Date.now();
    await expect.poll(() => Date.now() - written).toBeGreaterThan(50);
    let config = [top];
    const watching = await watch(() => ({ config }), {
      pollMs: 3_600_000,
      onChange: () => {
        config = [top, old];
      },
    });
    await folder.write('config', 'Include elsewhere/old\n');
    expect(await watching.next()).toBe('config');
    await folder.write('elsewhere/old', 'Host a\n');
    expect(await watching.next()).toBe('config');
    await watching.look();
    expect(watching.told).toEqual(['config', 'config']);
  });

  it('has changed by a file that was written after the last reading', async () => {
    const top = await folder.write('config', '');
    let config = [top];
    const watching = await watch(() => ({ config }), { events: false });
    const read = Date.now();
    const included = await folder.write('included', '');
    // The clock of the files goes in steps of some milliseconds.
    while (Math.floor((await stat(included)).ctimeMs) <= read) await folder.write('included', 'Host late\n');
    config = [top, included];
    await watching.look();
    expect(watching.told).toEqual(['config']);
  });

  it('that follows the configuration sees what the configuration comes to name', async () => {
    const top = await folder.write('config', 'Host a\n');
    const read = () => readAliases(top, { home: folder.path });
    let reading = await read();
    const watching = await watch(() => ({ config: reading.files, includes: reading.includes }), {
      pollMs: 3_600_000,
      onChange: async () => {
        reading = await read();
      },
    });
    const names = async (): Promise<string[]> => {
      await watching.next();
      await watching.look();
      return reading.aliases.map(({ alias }) => alias);
    };
    await folder.write('config', 'Host a\nInclude conf.d/*\n');
    expect(await names()).toEqual(['a']);
    await folder.write('.ssh/conf.d/b', 'Host b\nInclude later\n');
    expect(await names()).toEqual(['a', 'b']);
    await folder.write('.ssh/later', 'Host c\n');
    expect(await names()).toEqual(['a', 'b', 'c']);
    await rm(path('.ssh/conf.d'), { recursive: true });
    expect(await names()).toEqual(['a']);
    await rm(top);
    expect(await names()).toEqual([]);
    await folder.write('config', 'Host back\n');
    expect(await names()).toEqual(['back']);
  });
});

/** As the kernel counts them (proc(5)); null where it does not tell. */
async function countWatches(): Promise<number | null> {
  const names = await readdir('/proc/self/fdinfo').catch(() => null);
  if (names === null) return null;
  const texts = await Promise.all(
    names.map((name) => readFile(`/proc/self/fdinfo/${name}`, 'utf8').catch(() => '')),
  );
  return texts.join('').split('inotify wd:').length - 1;
}

describe('a watch', () => {
  const lists = (): Lists => ({
    config: [path('.ssh/config'), path('elsewhere/config')],
    includes: [path('.ssh/conf.d/*')],
    keys: [path('.ssh/id')],
  });

  it('that is closed leaves nothing behind and tells nothing', async () => {
    await folder.write('.ssh/config', '');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const before = await countWatches();
    const watching = await watch(lists);
    if (before === null) console.warn('skipped: this system does not count its watches');
    else expect(await countWatches()).toBe(before + 2);
    await folder.write('.ssh/config', 'Host a\n');
    await expect.poll(() => vi.getTimerCount()).toBe(2);
    watching.close();
    watching.close();
    await watching.look();
    expect([await countWatches(), vi.getTimerCount(), watching.told]).toEqual([before, 0, []]);
  });

  it('that is closed while it looks leaves nothing behind either', async () => {
    const before = await countWatches();
    const watching = await watch(lists);
    await folder.write('.ssh/config', 'Host a\n');
    const looked = watching.look();
    watching.close();
    await looked;
    expect([await countWatches(), watching.told]).toEqual([before, []]);
  });

  it('keeps no more watches than there are folders, whatever happens in them', async () => {
    await folder.write('.ssh/config', '');
    const watching = await watch(lists);
    const before = await countWatches();
    for (let round = 0; round < 20; round += 1) {
      await rm(path('.ssh'), { recursive: true });
      await watching.look();
      await folder.write('.ssh/config', `Host h${round}\n`);
      await watching.look();
    }
    expect(await countWatches()).toBe(before);
  });

  it('keeps no process running', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await watch(lists);
    // One of the test runner's own may have ended meanwhile.
    expect(timers()).toBeLessThanOrEqual(before);
    expect(process.getActiveResourcesInfo()).not.toContain('FSEventWrap');
  });
});
