import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..', '..');
const read = (name: string) => readFileSync(path.join(root, name), 'utf8');
const { notesOf } = (await import(pathToFileURL(path.join(root, 'build', 'release-notes.mjs')).href)) as {
  notesOf(changelog: string, tag: string, version: string): string;
};

const changelog =
  '# Changelog\n\n## [Unreleased]\n\n- a\n\n## [1.2.3] - 2026-01-02\n\n### Added\n\n- b\n\n## [1.2.2] - 2026-01-01\n\n- c\n';

describe('the notes of a release', () => {
  it('are what the changelog says of the version, and no more', () => {
    expect(notesOf(changelog, 'v1.2.3', '1.2.3')).toBe('### Added\n\n- b\n');
  });

  it('are refused for another version than that of the package, and for one that the changelog does not have', () => {
    expect(() => notesOf(changelog, 'v1.2.3', '1.2.2')).toThrow(
      'The tag is v1.2.3, and package.json has 1.2.2.',
    );
    expect(() => notesOf(changelog, 'v1.2.4', '1.2.4')).toThrow('no section [1.2.4]');
    expect(() => notesOf('## [1.0.0] - soon\n\n- a\n', 'v1.0.0', '1.0.0')).toThrow('has no date');
    expect(() => notesOf('## [1.0.0] - 2026-01-01\n', 'v1.0.0', '1.0.0')).toThrow('is empty');
  });
});

describe('CHANGELOG.md', () => {
  const headings = read('CHANGELOG.md').match(/^##+ .*/gm) ?? [];

  it('has what is unreleased first, then versions with dates, newest first', () => {
    const [first, ...versions] = headings.filter((line) => line.startsWith('## '));
    expect(first).toBe('## [Unreleased]');
    for (const line of versions) expect(line).toMatch(/^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/);
    const dates = versions.map((line) => line.slice(-10));
    expect(dates).toEqual(dates.toSorted().reverse());
  });

  it('sorts changes by the kinds of Keep a Changelog', () => {
    const kinds = headings.filter((line) => line.startsWith('### ')).map((line) => line.slice(4));
    for (const kind of kinds)
      expect(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']).toContain(kind);
  });
});

it('updates of ssh2 are left to people, and it is pinned', () => {
  const { packageRules } = JSON.parse(read('renovate.json')) as {
    readonly packageRules: readonly {
      readonly matchPackageNames?: readonly string[];
      readonly enabled?: boolean;
    }[];
  };
  const rule = packageRules.find(({ matchPackageNames }) => matchPackageNames?.includes('ssh2'));
  expect(rule?.enabled).toBe(false);
  const { dependencies } = JSON.parse(read('package.json')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  for (const [name, version] of Object.entries(dependencies))
    expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
});
