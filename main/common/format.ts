/** Numbers as people read them; the same in window, tray and terminal. An unknown number is a dash. */

import type { Language } from './language.ts';

export interface Formats {
  /** `71.2` for 72,900 MiB: in GiB with one decimal below 100, none above. */
  gib(mib: number | null): string;
  /** `42 %`. */
  pct(pct: number | null): string;
  /** `0 B`, `12.3 kB`, `1.0 GB`: decimal units, as network tools print them. */
  bytes(bytes: number): string;
  /** `12.3`. */
  tenth(value: number): string;
  /** `7`, `12.3k`, `4.5M`: a count or rate in at most five characters. */
  count(value: number | null): string;
  /** `32,768`. */
  whole(value: number | null): string;
  /** `85 ms`, `1.2 s`. */
  latency(ms: number | null): string;
  /** `0:07`, `12:34`, `1:02:03`. */
  elapsed(ms: number): string;
  /** `45 s`, `12 min`, `7 h`, `3 d`: how long something has been running. */
  age(ms: number): string;
  /** `61 °C`. */
  temperature(celsius: number | null): string;
  /** `14:05`, or the day when that was not today. */
  clock(ms: number, nowMs?: number): string;
  /** `14:05`, whatever the day. */
  time(ms: number): string;
  /** Day and time. */
  dateTime(ms: number): string;
}

const dash = '–';
const byteUnits = {
  en: ['B', 'kB', 'MB', 'GB', 'TB'],
  ru: ['Б', 'кБ', 'МБ', 'ГБ', 'ТБ'],
} as const;
const countUnits = { en: ['k', 'M'], ru: ['тыс.', 'млн'] } as const;
const timeUnits = { en: ['ms', 's'], ru: ['мс', 'с'] } as const;
const ageUnits = { en: ['s', 'min', 'h', 'd'], ru: ['с', 'мин', 'ч', 'дн.'] } as const;

const made = new Map<Language, Formats>();

/** The formats of a language; made once. */
export function formatsOf(language: Language): Formats {
  const formats = made.get(language) ?? createFormats(language);
  made.set(language, formats);
  return formats;
}

function createFormats(language: Language): Formats {
  const wholes = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 0, useGrouping: false });
  const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const upToTenths = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const day = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    day: 'numeric',
    month: 'short',
  });
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const [thousand, million] = countUnits[language];
  const [millisecond, second] = timeUnits[language];
  const gap = language === 'en' ? '' : '\u00a0';
  return {
    gib(mib) {
      if (mib === null) return dash;
      const gib = mib / 1024;
      return (gib >= 99.95 ? plain : tenths).format(gib);
    },
    pct: (pct) => (pct === null ? dash : `${plain.format(pct)} %`),
    bytes(bytes) {
      let value = bytes;
      let unit = 0;
      while (value >= 999.5 && unit < byteUnits[language].length - 1) {
        value /= 1000;
        unit += 1;
      }
      return `${(unit === 0 || value >= 99.95 ? plain : tenths).format(value)} ${byteUnits[language][unit]}`;
    },
    tenth: (value) => tenths.format(value),
    count(value) {
      if (value === null) return dash;
      if (value < 9.95) return upToTenths.format(value);
      if (value < 9999.5) return plain.format(value);
      return value < 999_950
        ? `${tenths.format(value / 1000)}${gap}${thousand}`
        : `${tenths.format(value / 1_000_000)}${gap}${million}`;
    },
    whole: (value) => (value === null ? dash : wholes.format(value)),
    latency(ms) {
      if (ms === null) return dash;
      return ms < 999.5 ? `${plain.format(ms)} ${millisecond}` : `${tenths.format(ms / 1000)} ${second}`;
    },
    elapsed: formatElapsed,
    age(ms) {
      const [seconds, minutes, hours, days] = ageUnits[language];
      const s = Math.max(0, Math.floor(ms / 1000));
      if (s < 60) return `${s} ${seconds}`;
      if (s < 3600) return `${Math.floor(s / 60)} ${minutes}`;
      return s < 172_800 ? `${Math.floor(s / 3600)} ${hours}` : `${Math.floor(s / 86_400)} ${days}`;
    },
    temperature: (celsius) => (celsius === null ? dash : `${plain.format(celsius)} °C`),
    clock: (ms, nowMs = Date.now()) =>
      (new Date(ms).toDateString() === new Date(nowMs).toDateString() ? clock : day).format(ms),
    time: (ms) => clock.format(ms),
    dateTime: (ms) => dateTime.format(ms),
  };
}

function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}
