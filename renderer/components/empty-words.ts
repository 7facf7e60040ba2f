import { countEn, dictionary } from '#common/language.ts';

/** The words of views that are empty because no host answers. */
export const emptyWords = dictionary({
  en: {
    allHostsOff: (n: number) =>
      n === 1 ? 'The only host is switched off' : `All ${countEn(n, 'host')} are switched off`,
    allHostsOffHint: 'Switch some on to scan them.',
    noHostWanted: (pattern: string) => `No host that is switched on matches the pattern ${pattern}.`,
    chooseHosts: 'Choose hosts',
    noHostIn: (where: string) => `No host in ${where}`,
    theDemo: 'the demo cluster',
    scanAgain: 'Scan again',
    addHosts: 'Add a Host block for each GPU machine, then scan again:',
    noHostAnswered: 'No host answered',
    noHostAnsweredHint: 'The GPUs view says for each host what happened and what to do.',
    showHosts: 'Show hosts',
  },
  ru: {
    allHostsOff: (n: number) =>
      n === 1 ? 'Единственный хост исключён из опроса' : `Исключены из опроса все хосты: ${n}`,
    allHostsOffHint: 'Включите нужные, чтобы их опросить.',
    noHostWanted: (pattern: string) => `Ни один из включённых хостов не подходит под шаблон ${pattern}.`,
    chooseHosts: 'Выбрать хосты',
    noHostIn: (where: string) => `В ${where} нет хостов`,
    theDemo: 'демо-кластере',
    scanAgain: 'Опросить заново',
    addHosts: 'Добавьте блок Host для каждого хоста с GPU и запустите опрос заново:',
    noHostAnswered: 'Ни один хост не ответил',
    noHostAnsweredHint: 'В разделе «GPU» для каждого хоста указано, что случилось и что делать.',
    showHosts: 'Показать хосты',
  },
});
