import { describe, expect, it } from 'vitest';
import { type GroupHints, groupOf } from '#engine/settings/host-groups.ts';

const none: GroupHints = { comment: null, label: null, includedFile: null };
const settings = { byFile: true, patterns: [{ name: 'big', hosts: ['h100-*', 'DGX?'] }] };

describe('the group of a host', () => {
  it.each<[string, string, Partial<GroupHints>, string | null]>([
    ['none says one', 'a', {}, null],
    ['a pattern, before all else', 'h100-01', { comment: 'c', label: 'l', includedFile: '/f' }, 'big'],
    ['a pattern in any case', 'dgx1', {}, 'big'],
    ['a comment, before the label', 'a', { comment: 'c', label: 'l', includedFile: '/f' }, 'c'],
    ['a label, before the file', 'a', { label: 'l', includedFile: '/f' }, 'l'],
    ['the file', 'a', { includedFile: '/home/me/.ssh/config.d/h100.conf' }, 'h100'],
    ['the file without the number that orders it', 'a', { includedFile: '/d/10-h100.conf' }, 'h100'],
    [
      'the folder of a file that is called config',
      'a',
      { includedFile: '/home/me/.orbstack/config' },
      'orbstack',
    ],
    ['what can be seen of a hostile comment', 'a', { comment: '\u001b[31mred\u202e' }, 'red'],
    ['the next one where nothing can be seen', 'a', { comment: '\u200b', label: 'l' }, 'l'],
  ])('%s', (_title, alias, hints, group) => {
    expect(groupOf(alias, { ...none, ...hints }, settings)).toBe(group);
  });

  it('is bounded, and not of a file where the settings say so', () => {
    expect(groupOf('a', { ...none, comment: 'x'.repeat(5000) }, settings)).toHaveLength(60);
    expect(groupOf('a', { ...none, includedFile: '/f' }, { ...settings, byFile: false })).toBeNull();
  });
});
