/**
 * The sentences that the engine adds to an error, in Russian. The engine writes them in English, into logs, JSON and reports;
 * only a face shows them in another language. What a host, ssh or a file says itself is not here, and stays as it is. Pure.
 */

import type { Language } from '../language.ts';
import { boundWords } from '../typography.ts';

/** The English sentence, and the Russian one with the same blanks; a blank takes any text. */
export const detailsRu = boundWords({
  // Local ports and forwards.
  'a session holds port {port}': 'порт {port} занят сессией tmux',
  '{port} is taken by another forward; {free} is free': 'порт {port} занят другим пробросом; свободен {free}',
  '{port} is taken; {free} is free': 'порт {port} занят; свободен {free}',
  '{port} is held by {program} (pid {pid}); {free} is free':
    'порт {port} занят программой {program} (pid {pid}); свободен {free}',
  '{port} is kept for {target}; {free} is free': 'порт {port} закреплён за {target}; свободен {free}',
  '{port} is taken by another forward; no port of {range} is free':
    'порт {port} занят другим пробросом; в диапазоне {range} свободных нет',
  '{port} is taken; no port of {range} is free': 'порт {port} занят; в диапазоне {range} свободных нет',
  '{port} is held by {program} (pid {pid}); no port of {range} is free':
    'порт {port} занят программой {program} (pid {pid}); в диапазоне {range} свободных нет',
  '{port} is kept for {target}; no port of {range} is free':
    'порт {port} закреплён за {target}; в диапазоне {range} свободных нет',
  'no target of a forward': 'это не назначение проброса',
  'the host lets no forward through to {target}': 'хост не пропускает пробросы на {target}',
  'the host lets no forward through to sockets (AllowStreamLocalForwarding)':
    'хост не пропускает пробросы на сокеты (AllowStreamLocalForwarding)',
  'the path is no socket': 'по этому пути не сокет',
  'its folder may not be entered': 'доступа к его каталогу нет',
  'no program listens on the socket': 'сокет никто не слушает',
  'the line is no ssh command with -L': 'это не команда ssh с -L',
  'no host of the list is {destination}': 'в списке нет хоста {destination}',
  'the forward is not there any more': 'этого проброса больше нет',
  'a browser starts no terminal': 'браузер не запускает терминал',
  'no terminal program was found': 'программа терминала не найдена',
  'the host is not listed any more': 'этого хоста больше нет в списке',
  'the server is not there any more': 'этого сервера больше нет',
  'the server has no such pages': 'у сервера нет таких страниц',
  'no host {host} in the SSH configuration': 'в конфигурации SSH нет хоста {host}',
  'process {pid} is another program now': 'процесс {pid} теперь другая программа',
  'process {pid} has ended': 'процесс {pid} завершился',
  'the session has ended': 'сессия завершилась',
  'tmux does not answer': 'tmux не отвечает',
  'state.json was not readable; it is kept as state.json.broken':
    'state.json не читался; он сохранён как state.json.broken',
  'state.json cannot be read': 'state.json не читается',
  'state.json cannot be written': 'state.json не записывается',

  // Launches.
  'there is no vllm in the PATH of the login shell': 'в PATH оболочки входа нет vllm',
  'there is no conda on the host': 'на хосте нет conda',
  'there is no uv on the host': 'на хосте нет uv',
  'there is neither docker nor podman on the host': 'на хосте нет ни docker, ни podman',
  'the name of the image is an option': 'вместо имени образа указан параметр',
  'no host has that number of free GPUs': 'ни на одном хосте нет столько свободных GPU',
  '{count} of the GPUs of {host} are free': 'свободных GPU на {host}: {count}',
  '{host} has no GPU {index}': 'на {host} нет GPU {index}',
  '{gpu} is in use': '{gpu} занят',
  '{program} does not say which GPUs are in use': '{program} не сообщает, какие GPU заняты',
  'the port is taken': 'порт занят',
  'the port is given by --remote-port': 'порт задаётся параметром --remote-port',
  '{name} would be seen by others; set it in the environment of the host':
    'значение {name} увидели бы другие; задайте его в окружении хоста',
  'the plan is not there any more': 'этого плана больше нет',
  'the profile is not there any more': 'этого профиля больше нет',
  'the launch is not there any more': 'этого запуска больше нет',
  'another start on this host does not end': 'другой запуск на этом хосте никак не завершится',
  'a launch or session of this name runs already': 'запуск или сессия с таким именем уже есть',
  'the host could not start a program': 'хосту не удалось запустить программу',
  'it has no end that could be moved': 'у него нет срока, который можно продлить',
  'it still runs after it was killed': 'он работает и после принудительного завершения',
  'GPU {index} of {host} is not free': 'GPU {index} на {host} занят',

  // Model servers.
  'it answers with status {status}': 'сервер отвечает кодом {status}',
  'it answered with JSON of another shape': 'в ответе JSON другого вида',
  'it answered with an HTML page': 'в ответе страница HTML',
  'it answered with an empty answer': 'ответ пуст',
  'it answered with broken JSON': 'в ответе повреждённый JSON',
  'it answered with text that is not JSON': 'в ответе текст, а не JSON',
  'an answer that is not the gzip it says to be': 'ответ назван сжатым gzip, но это не так',
  'an answer of more than {size} MiB': 'ответ больше {size} МиБ',
  'metrics of more than {size} MiB': 'метрики больше {size} МиБ',
  'no answer for {time} ms': 'нет ответа {time} мс',
  'no answer in {time} s': 'нет ответа за {time} с',
  'not reached in {time} s': 'не удалось связаться за {time} с',
  'it answers without end': 'отвечает без конца',
  'nothing came for {time} s': 'за {time} с ничего не пришло',

  // Prometheus.
  'it redirects to {place}': 'переадресует на {place}',
  'a web page came back, as from a login page': 'пришла веб-страница, как от страницы входа',
  'HTTP {status} with a web page': 'HTTP {status} с веб-страницей',
  'HTTP {status}, and no JSON': 'HTTP {status}, и не JSON',
  'HTTP {status}, and other JSON': 'HTTP {status}, и другой JSON',
  'something else than HTTP': 'это не HTTP',
  'no answer for {time} s': 'нет ответа {time} с',
  'too long for GET': 'слишком длинный для GET',
  'not an address of Prometheus': 'не адрес Prometheus',
  'looked for {exporters}': 'искали: {exporters}',
  '{count} series of GPUs; at most {most} are read': 'рядов с GPU: {count}; читается не больше {most}',
  'at most {most} are read': 'читается не больше {most}',
  '{count} series of GPUs': 'рядов с GPU: {count}',
  'the header has letters that no header can carry': 'в значении заголовка недопустимые символы',
  'the token has letters that no header can carry': 'в токене недопустимые символы',
  'the passphrase is not that of the key': 'парольная фраза не от этого ключа',
  '{file} is too long for a certificate': '{file} слишком велик для сертификата',
  'the server says that its answer is partial': 'сервер сообщает, что ответ неполный',
  'the first hosts of many have come': 'пришли первые из многих хостов',
  '{count} of {all} parts of the answer did not come': 'не пришло частей ответа: {count} из {all}',

  // Connections.
  'no answer to a ping': 'нет ответа на проверку связи',
  'no answer from {host} port {port} within {time} s': 'нет ответа от {host}, порт {port}, за {time} с',
  'no sign of life for {time} s': 'нет признаков жизни {time} с',
  'its host greets a new one, and this one is silent': 'хост принимает новые соединения, а это молчит',
  'it did not survive the pause': 'соединение не пережило сон компьютера',
  'the host opened no channel in time': 'хост не открыл канал вовремя',
  'the host sends what it was not asked for': 'хост присылает то, чего не запрашивали',
  'it sends without end before the login': 'хост без конца присылает данные до входа',
  'logging in took longer than {time} s': 'вход занял больше {time} с',
  'it accepts connections but says nothing within {time} s': 'хост принимает соединения, но молчит {time} с',
  'the handshake did not end within {time} s': 'согласование не завершилось за {time} с',
  'closed during the handshake': 'соединение закрыто во время согласования',
  'the agent did not sign within {time} s': 'агент SSH не подписал за {time} с',
  'no answer was given within {time} s': 'ответа не было {time} с',
  'the agent did not sign before the host hung up': 'агент SSH не подписал, и хост закрыл соединение',
  'no answer was given before the host hung up': 'ответа не было, и хост закрыл соединение',
  'the connection was closed before the server said anything': 'соединение закрыто до ответа сервера',
  'the host closed the connection during the login': 'хост закрыл соединение во время входа',
  'it answers "{text}"': 'ответ: «{text}»',
  'tried {methods}': 'опробовано: {methods}',
  'the host offers {methods}': 'хост предлагает: {methods}',
  'no agent': 'агента SSH нет',
  'the agent has no key': 'в агенте SSH нет ключей',
  'the agent at {socket} does not answer': 'агент SSH на {socket} не отвечает',
  'the agent failed ({why})': 'ошибка агента SSH ({why})',
  'certificates need the system ssh': 'для сертификатов нужен системный ssh',
  '{file} is a public key and not in the agent': '{file} — открытый ключ, в агенте SSH его нет',
  '{file} does not exist': 'файла {file} нет',
  '{file} is a certificate, not a key': '{file} — сертификат, а не ключ',
  '{file} is not a key file': '{file} — не файл ключа',
  '{file} is damaged or cut short': '{file} повреждён или обрезан',
  '{file} is a DSA key, which servers no longer take: make a new one with ssh-keygen -t ed25519':
    '{file} — ключ DSA, серверы его больше не принимают: создайте новый через ssh-keygen -t ed25519',
  '{file} cannot be read here ({why})': '{file} здесь не читается ({why})',
  'it ended with {code}': 'команда завершилась с кодом {code}',
  'the jump hosts go in a circle: {names}': 'промежуточные хосты замкнуты в кольцо: {names}',
  'more than {n} jump hosts': 'промежуточных хостов больше {n}',
  'from jump host {host}': 'от промежуточного хоста {host}',
  'jump host {host}': 'промежуточный хост {host}',
  '{program} could not be started': 'не удалось запустить {program}',
  '{print} instead of the key at {place}': '{print} вместо ключа в {place}',
  '{type} SHA256:{print} instead of {known} ({place})': '{type} SHA256:{print} вместо {known} ({place})',
  'only an authority is known for it, and certificates are not checked':
    'для хоста известен только центр сертификации, а сертификаты не проверяются',

  // On the host.
  'the list of listening ports does not come': 'список открытых портов не приходит',
  'no writable temporary directory on the host': 'на хосте нет временной папки, доступной для записи',
  'no shell after {time} ms': 'оболочка не запустилась за {time} мс',
  'an answer that was not asked for': 'ответ без запроса',
  'stderr without end': 'бесконечный вывод в stderr',
  '{tool} lists GPU {index} more than once, as where a wrapper joins the output of several hosts':
    '{tool} выводит GPU {index} несколько раз, как если бы обёртка объединяла вывод нескольких хостов',
  'killed after {time} ms': 'процесс снят через {time} мс',
  'process {pid} cannot be killed': 'процесс {pid} нельзя снять',

  'it may have {n} of them': 'предел: {n}',
  forwards: 'пробросы',
  'browser face': 'окно в браузере',

  // Settings, and files of the app.
  'the question is not open any more': 'этот вопрос уже закрыт',
  'one answer for each field is needed': 'нужен ответ для каждого поля',
  'the file does not hold settings of this app': 'в файле нет настроек этого приложения',
  'the file is not an object': 'в файле не объект JSON',
  "the file is of version {version}, newer than this app's {own}":
    'версия файла {version} новее, чем у приложения ({own})',
  'not an object': 'не объект JSON',
  'not a regular expression': 'не регулярное выражение',
  'it cannot be read': 'файл не читается',
  'it cannot be written': 'файл не записывается',
  'it is not a history': 'это не история',

  // The SSH configuration.
  'a quote is not closed': 'кавычка не закрыта',
  'Host without a name': 'Host без имени',
  'Include names no file': 'в Include не указан файл',
  '{file} includes itself': '{file} включает сам себя',
  '{file} cannot be read ({code})': '{file} не читается ({code})',
  '{file} is not a regular file': '{file} не обычный файл',
  '{file} is larger than {size} MB': '{file} больше {size} МБ',
  'not a regular file': 'не обычный файл',
  'larger than {size} MB': 'больше {size} МБ',
  'line {line} is too long': 'строка {line} слишком длинная',
  'ssh refuses it': 'ssh не принимает',
  'an empty host name': 'пустое имя хоста',
  'the host name {host} begins with a dash': 'имя хоста {host} начинается с дефиса',
  'the host name {host} is not written in UTF-8': 'имя хоста {host} записано не в UTF-8',

  // Why a GPU is slow.
  'power cap': 'лимит мощности',
  'hardware slowdown': 'аппаратное замедление',
  'sync boost': 'sync boost',
  thermal: 'перегрев',
  'hardware thermal': 'аппаратный перегрев',
  'power brake': 'power brake',
});

interface Pattern {
  readonly en: RegExp;
  readonly ru: string;
}

const blank = /\{\w+\}/g;

const patterns: readonly Pattern[] = Object.entries(detailsRu).map(([en, ru]) => ({
  en: new RegExp(
    `^${en.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)\}/g, '(?<$1>(?:(?!; ).)+?)')}$`,
    's',
  ),
  ru,
}));

/**
 * The detail of a failure, in that language: sentences of the app in its words, all else as it came. A path or name may stand
 * before a sentence, behind a colon; several are joined by a semicolon or a colon.
 */
export function detailText(detail: string, language: Language): string {
  if (language === 'en' || detail === '') return detail;
  return (
    sentenceText(detail) ??
    detail
      .split('; ')
      .map((part) => sentenceText(part) ?? afterColon(part))
      .join('; ')
  );
}

function afterColon(part: string): string {
  const colon = part.indexOf(': ');
  if (colon < 0) return part;
  const [before, after] = [part.slice(0, colon), part.slice(colon + 2)];
  return `${sentenceText(before) ?? before}: ${sentenceText(after) ?? afterColon(after)}`;
}

function sentenceText(sentence: string): string | null {
  for (const { en, ru } of patterns) {
    const groups = en.exec(sentence)?.groups;
    if (groups !== undefined) return ru.replace(blank, (name) => groups[name.slice(1, -1)] ?? '');
    if (en.test(sentence)) return ru;
  }
  return null;
}
