import { dictionary } from '#common/language.ts';

/** The words of the sections on hosts and their groups. */
export const hostSettingWords = dictionary({
  en: {
    hostsIntro: 'Only hosts that are switched on are contacted.',
    leftOut: 'Excluded by the pattern',
    client: 'SSH client',
    clientHelp:
      'The built-in client is faster; the system’s ssh is used automatically where it cannot connect, as with security keys or Kerberos.',
    clientOf: (alias: string) => `SSH client for ${alias}`,
    clients: { auto: 'Automatic', 'built-in': 'Built-in', system: 'System’s ssh' },
    clientAsAll: 'Default client',
    groupsIntro:
      'Hosts of a group stand together. A comment such as “# group: h100” above a Host block of the SSH configuration makes one too.',
    groupByFile: 'Group by file',
    groupByFileHelp: 'Hosts of a file that the SSH configuration includes are a group.',
    groupLabel: 'Group by label',
    groupLabelHelp: 'A label of Prometheus, such as cluster or rack; after comments, before files.',
    groupLabelHint: 'cluster',
    labelsKnown: (names: string) => `Hosts have: ${names}.`,
    badLabel: 'A label has letters, digits and _ only, and no digit in front.',
    groupHosts: (name: string) => `Hosts of ${name}`,
    groupHostsHelp: '* and ? stand for any letters; without hosts there is no group.',
    newGroup: 'New group',
    newGroupHelp: 'Its name, a colon, and which hosts.',
    newGroupHint: 'h100: h100-*, dgx-*',
    badGroup: 'Needs a name, a colon and hosts, as in h100: h100-*, dgx-*',
  },
  ru: {
    hostsIntro: 'Приложение обращается только к выбранным хостам.',
    leftOut: 'Исключён регулярным выражением',
    client: 'Клиент SSH',
    clientHelp:
      'Встроенный быстрее; если он не может подключиться (аппаратные ключи, Kerberos), автоматически используется системный ssh.',
    clientOf: (alias: string) => `Клиент SSH для ${alias}`,
    clients: { auto: 'Автоматически', 'built-in': 'Встроенный', system: 'Системный ssh' },
    clientAsAll: 'По умолчанию',
    groupsIntro:
      'Хосты одной группы стоят вместе. Группу задаёт и комментарий вида «# group: h100» над блоком Host в конфигурации SSH.',
    groupByFile: 'Группы по файлам',
    groupByFileHelp: 'Хосты из подключённого через Include файла составляют группу.',
    groupLabel: 'Группы по метке',
    groupLabelHelp: 'Метка Prometheus, например cluster или rack; после комментариев, перед файлами.',
    groupLabelHint: 'cluster',
    labelsKnown: (names: string) => `У хостов есть: ${names}.`,
    badLabel: 'В метке допустимы только латинские буквы, цифры и _, не с цифры.',
    groupHosts: (name: string) => `Хосты группы ${name}`,
    groupHostsHelp: '* — любые символы, ? — один любой; без хостов группы нет.',
    newGroup: 'Новая группа',
    newGroupHelp: 'Название, двоеточие и какие хосты.',
    newGroupHint: 'h100: h100-*, dgx-*',
    badGroup: 'Нужны название, двоеточие и хосты, например h100: h100-*, dgx-*',
  },
});
