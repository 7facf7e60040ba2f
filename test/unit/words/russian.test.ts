import { describe, expect, it } from 'vitest';
import { units } from '#common/format.ts';
import { countRu } from '#common/language.ts';
import { bound } from '#common/typography.ts';
import { type Text, textsIn } from './dictionaries.ts';

const russian = await textsIn('ru');
const english = await textsIn('en');

const placesWith = (texts: readonly Text[], pattern: RegExp): readonly string[] =>
  texts.filter(({ text }) => pattern.test(text)).map(({ place, text }) => `${place}: ${text}`);

/** A Russian word: \b knows Latin letters only. */
const word = (stem: string): RegExp => new RegExp(`(?<![а-яё])(?:${stem})(?![а-яё])`, 'i');

/** What the glossary has another word for, each with that word. */
const forbidden: readonly (readonly [instead: string, pattern: RegExp])[] = [
  ['хост', word('машин[аыуе]|машиной|машинах?')],
  ['узел только у кластера', word('(?<!кластера )узл[аыуе]|узлов')],
  ['утилита GPU', word('программ[аыуе] для gpu|видеокарт[а-я]*|карт[аыу]')],
  ['тип GPU', word('вид[ау]? gpu|этого вида')],
  ['опрос, опросить', word('сканирова[а-я]*|измер[а-я]+|измерен[а-я]*')],
  ['опросить заново', word('опросить снова|опросите снова|опрошен снова')],
  ['замер', word('измерени[а-я]+')],
  [
    'выбран, опрашивается',
    word('включите хост|включить все|выключить все|хост[а-я]* (?:включ|выключ)[а-я]*'),
  ],
  ['проброс', word('переадресаци[а-я]*|форвард[а-я]*')],
  ['закрыть', word('остановить проброс[а-я]*|остановить вс[её]|проброс[а-я]* остановлен[а-я]*')],
  ['проброс на', word('проброс к')],
  ['прерван / восстановлен', word('потерян проброс|проброс[а-я]* потерян[а-я]*')],
  ['закрепить', word('оставить порт|оставлен за')],
  ['назначение', word('цел[ьи]|целью')],
  ['локальный, удалённый порт', word('локально|удал[её]нно')],
  ['сессия', word('сеанс[а-я]*')],
  ['вход', word('авторизаци[а-я]*')],
  ['парольная фраза', word('парол[а-я]* ключа|защищ[её]н паролем')],
  ['агент SSH', /(?<![а-яё])агент[а-яё]*(?!\sSSH)(?![а-яё])/i],
  ['промежуточный хост', word('jump-хост[а-я]*')],
  ['конфигурация SSH', word('настро[а-я]+ ssh')],
  ['оболочка пользователя', word('оболочк[а-я]+ входа')],
  ['промпт или запрос', word('спрашива[а-я]+ (?:модел|порт|сервер)[а-я]*')],
  ['исчезла', word('пропа(?:л|ла|ли|жи|дает|жа)')],
  ['повторить', word('попробовать снова|попробуйте снова')],
  ['отменить', word('вернуть')],
  ['экспорт, импорт', word('выгруз[а-я]+|взять настройки')],
  ['символ', word('знак[аои]?|знаков')],
  ['недопустимый', word('негодн[а-я]+|непригодн[а-я]*')],
  ['приложение', word('о программе')],
  ['трей', word('область уведомлений|области уведомлений')],
  ['среда рабочего стола', /рабоч[а-яё]+ стол(?!а не показывает)/i],
  ['работает и после выхода', word('пережив[а-я]+|переживёт|переживут')],
  ['сообщает, указано', word('говорит|говорят|скажет|сказано')],
  [
    'без «мы»',
    word('подключаемся|ищем|жд[её]м|повторяем|восстанавливаем|входим|читаем|проверяем|составляем'),
  ],
];

describe('Russian words', () => {
  it.each(forbidden)('say %s, and nothing else for it', (_instead, pattern) => {
    expect(placesWith(russian, pattern)).toEqual([]);
  });

  it('break no line before a unit, a counted noun or a dash', () => {
    expect(russian.filter(({ text }) => text !== bound(text))).toEqual([]);
    const unit = Object.values(units.ru).join('|').replaceAll('.', '\\.');
    expect(placesWith(russian, new RegExp(`\\d (?:${unit}|%|°C)(?![а-яё])`))).toEqual([]);
  });

  it('have no unit in Latin letters', () => {
    const code = /mem>=40GiB/g;
    const shown = russian.map(({ place, text }) => ({ place, text: text.replace(code, '') }));
    expect(placesWith(shown, /\b(?:GiB|MiB|MHz|kB|GB)\b|\d\s(?:W|s|ms|min|h)\b/)).toEqual([]);
  });

  it('are not the English ones where those are sentences', () => {
    const sentences = new Set(
      english.map(({ text }) => text).filter((text) => /[a-z]{2,} [a-z]{2,}/i.test(text)),
    );
    // Names of things that are the same in Russian: what a model is called with, keys of the filter, and programs.
    const same = russian.filter(
      ({ place, text }) =>
        sentences.has(text) && !/[а-яё]/i.test(text) && !/ gatewayWords\.clients\./.test(place),
    );
    expect(same).toEqual([]);
  });
});

describe('a text', () => {
  it('is bound where a number meets what is counted, and where a dash follows', () => {
    expect(bound('занято 3 из 8 GPU — 42 % за 1 234 с')).toBe(
      'занято 3\u00a0из 8\u00a0GPU\u00a0— 42\u00a0% за 1 234\u00a0с',
    );
    expect(bound('gpu-01 localhost:8000 free>=4 idle')).toBe('gpu-01 localhost:8000 free>=4 idle');
  });

  it('counts fractions as Russian does', () => {
    expect(countRu(1.5, ['запись', 'записи', 'записей'])).toBe('1,5\u00a0записи');
  });
});
