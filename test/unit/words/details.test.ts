import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { detailsRu, detailText } from '#common/words/details.ts';

const sources = readdirSync('main', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.includes('words'))
  .map((file) => readFileSync(`main/${file}`, 'utf8'));
const all = sources.join('\n');

const blanks = (text: string): readonly string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe('the details of failures', () => {
  it('are worded with the same blanks, and in Russian where they are sentences', () => {
    for (const [en, ru] of Object.entries(detailsRu)) {
      expect(blanks(ru), en).toEqual(blanks(en));
      if (en !== ru) expect(ru, en).toMatch(/[а-яё]/);
    }
  });

  it('stand in the sources, so that none is worded in vain', () => {
    for (const en of Object.keys(detailsRu)) {
      for (const part of en.split(/\{\w+\}|it answered with|; | is | of more| within| before the host/)) {
        expect(all.includes(part.trim()), `${en}: ${part}`).toBe(true);
      }
    }
  });

  it('are all worded: every sentence that is given as a detail', () => {
    const given = sources.flatMap((text) => [...text.matchAll(/\bdetail(?::| =) (['`])((?:(?!\1).)+)\1/g)]);
    const sentences = given
      .map(([, , text = '']) =>
        text.replaceAll(/\$\{(\w*)[^}]*\}/g, (_all, name) => (name === 'shown' ? 'ssh-rsa SHA256:7' : '7')),
      )
      // One word, and what others say with only a number or a name of ours around it.
      .filter((text) => /[a-z]{2,} [a-z]{2,}/.test(text) && !unworded.has(text));
    expect(sentences.length).toBeGreaterThan(10);
    expect(sentences.filter((text) => detailText(text, 'ru') === text)).toEqual([]);
  });

  it('keep what a host says, and the names around a sentence', () => {
    expect(detailText('Permission denied (publickey).', 'ru')).toBe('Permission denied (publickey).');
    expect(detailText('a session holds port 8000', 'ru')).toBe('порт 8000 занят сессией tmux');
    expect(detailText('a session holds port 8000', 'en')).toBe('a session holds port 8000');
    expect(detailText('/home/me/.ssh/config:3: a quote is not closed', 'ru')).toBe(
      '/home/me/.ssh/config:3: кавычка не закрыта',
    );
    expect(detailText('16100 is held by python3 (pid 42); 16101 is free', 'ru')).toBe(
      'порт 16100 занят программой python3 (pid 42); свободен 16101',
    );
    expect(detailText('tried publickey; the host offers password', 'ru')).toBe(
      'опробовано: publickey; хост предлагает: password',
    );
  });
});

/** Never shown in another language: faults of a build, and answers to other programs. */
const unworded: ReadonlySet<string> = new Set([
  'no closed port was found on 127.0.0.1',
  'not a page of this app',
  'bad argument',
  'the window is not built: no 7',
  // Its kinds are worded one by one.
  'it answered with 7',
  'a browser copies the text',
  'a browser follows the link',
]);
