/** Numbers as people read them; the same in window, tray and terminal. An unknown number is a dash. */

import type { Language } from './language.ts';
import { lazily } from './lazily.ts';
import { nbsp } from './typography.ts';

export interface Formats {
  /** `71.2` for 72,900 MiB: in GiB with one decimal below 100, none above. */
  gib(mib: number | null): string;
  /** `71.2 GiB`. */
  memory(mib: number | null): string;
  /** `12.5 / 79.6 GiB`. */
  memoryOf(usedMiB: number | null, totalMiB: number | null): string;
  /** `563 W`, and `563 / 700 W` where there is a limit. */
  power(watts: number | null, limitW: number | null): string;
  /** `1980 MHz`. */
  clockRate(mhz: number): string;
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
  /** `14:05`, or `3 Jul, 14:05` when that was not today. */
  clock(ms: number, nowMs?: number): string;
  /** `14:05`, whatever the day. */
  time(ms: number): string;
  /** `14:05`, and at the beginning of a day `3 Jul`: for an axis. */
  mark(ms: number): string;
  /** Day and time. */
  dateTime(ms: number): string;
}

const dash = '–';
const byteUnits = {
  en: ['B', 'kB', 'MB', 'GB', 'TB'],
  ru: ['Б', 'кБ', 'МБ', 'ГБ', 'ТБ'],
} as const;
const countUnits = { en: ['k', 'M'], ru: ['тыс.', 'млн'] } as const;

type Unit = 'gib' | 'mib' | 'watts' | 'mhz' | 'milliseconds' | 'seconds' | 'minutes' | 'hours' | 'days';

/** Every unit that words are built with, beside those of bytes and of counts. */
export const units: Readonly<Record<Language, Readonly<Record<Unit, string>>>> = {
  en: {
    gib: 'GiB',
    mib: 'MiB',
    watts: 'W',
    mhz: 'MHz',
    milliseconds: 'ms',
    seconds: 's',
    minutes: 'min',
    hours: 'h',
    days: 'd',
  },
  ru: {
    gib: 'ГиБ',
    mib: 'МиБ',
    watts: 'Вт',
    mhz: 'МГц',
    milliseconds: 'мс',
    seconds: 'с',
    minutes: 'мин',
    hours: 'ч',
    days: 'дн.',
  },
};

const made = new Map<Language, Formats>();

/** The formats of a language; made once. */
export function formatsOf(language: Language): Formats {
  const formats = made.get(language) ?? createFormats(language);
  made.set(language, formats);
  return formats;
}

function createFormats(language: Language): Formats {
  const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 0, useGrouping: false });
  const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const wholes = lazily(() => new Intl.NumberFormat(language, { maximumFractionDigits: 0 }));
  const upToTenths = lazily(() => new Intl.NumberFormat(language, { maximumFractionDigits: 1 }));
  const times = lazily(
    () => new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  );
  const days = lazily(
    () => new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { day: 'numeric', month: 'short' }),
  );
  const dateTimes = lazily(
    () => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }),
  );
  const timeOf = (ms: number) => times().format(ms);
  const dayOf = (ms: number) => days().format(ms);
  const [thousand, million] = countUnits[language];
  const unit = units[language];
  // A terminal prints English, and people search its output: only Russian has the spaces that no line breaks at.
  const space = language === 'en' ? ' ' : nbsp;
  const countSpace = language === 'en' ? '' : nbsp;
  const gib = (mib: number | null): string => {
    if (mib === null) return dash;
    const value = mib / 1024;
    return (value >= 99.95 ? plain : tenths).format(value);
  };
  return {
    gib,
    memory: (mib) => (mib === null ? dash : `${gib(mib)}${space}${unit.gib}`),
    memoryOf: (usedMiB, totalMiB) => `${gib(usedMiB)} /${space}${gib(totalMiB)}${space}${unit.gib}`,
    power(watts, limitW) {
      if (watts === null) return dash;
      const limit = limitW === null ? '' : ` /${space}${wholes().format(limitW)}`;
      return `${wholes().format(watts)}${limit}${space}${unit.watts}`;
    },
    clockRate: (mhz) => `${plain.format(mhz)}${space}${unit.mhz}`,
    pct: (pct) => (pct === null ? dash : `${plain.format(pct)}${space}%`),
    bytes(bytes) {
      let value = bytes;
      let power = 0;
      while (value >= 999.5 && power < byteUnits[language].length - 1) {
        value /= 1000;
        power += 1;
      }
      const shown = (power === 0 || value >= 99.95 ? plain : tenths).format(value);
      return `${shown}${space}${byteUnits[language][power]}`;
    },
    tenth: (value) => tenths.format(value),
    count(value) {
      if (value === null) return dash;
      if (value < 9.95) return upToTenths().format(value);
      if (value < 9999.5) return plain.format(value);
      return value < 999_950
        ? `${tenths.format(value / 1000)}${countSpace}${thousand}`
        : `${tenths.format(value / 1_000_000)}${countSpace}${million}`;
    },
    whole: (value) => (value === null ? dash : wholes().format(value)),
    latency(ms) {
      if (ms === null) return dash;
      return ms < 999.5
        ? `${plain.format(ms)}${space}${unit.milliseconds}`
        : `${tenths.format(ms / 1000)}${space}${unit.seconds}`;
    },
    elapsed: formatElapsed,
    age(ms) {
      const s = Math.max(0, Math.floor(ms / 1000));
      if (s < 60) return `${s}${space}${unit.seconds}`;
      if (s < 3600) return `${Math.floor(s / 60)}${space}${unit.minutes}`;
      return s < 172_800
        ? `${Math.floor(s / 3600)}${space}${unit.hours}`
        : `${Math.floor(s / 86_400)}${space}${unit.days}`;
    },
    temperature: (celsius) => (celsius === null ? dash : `${plain.format(celsius)}${space}°C`),
    clock(ms, nowMs = Date.now()) {
      const isToday = new Date(ms).toDateString() === new Date(nowMs).toDateString();
      return isToday ? timeOf(ms) : `${dayOf(ms)}, ${timeOf(ms)}`;
    },
    time: timeOf,
    mark: (ms) => (timeOf(ms) === '00:00' ? dayOf(ms) : timeOf(ms)),
    dateTime: (ms) => dateTimes().format(ms),
  };
}

function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const pad = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}
