import { type GatewayOutcome, type GatewayRequest, thisComputerName } from '#common/gateway.ts';
import { Name } from '../components/Name.tsx';
import { StateMark } from '../components/StateMark.tsx';
import { preciseTime } from '../lib/format.ts';
import type { Mood } from '../lib/mood.ts';
import type { TableSpec, TextKey } from '../table/column.ts';
import { gatewayWords } from './words.ts';

const dash = '–';

const moods: Readonly<Record<GatewayOutcome, Mood>> = {
  answered: 'good',
  own: 'idle',
  'client-gone': 'unknown',
  cut: 'bad',
};

function moodOf({ outcome, status }: GatewayRequest): Mood {
  const isError = status !== null && status >= 400;
  return isError && outcome !== 'cut' ? 'warning' : moods[outcome];
}

const placeOf = ({ host, port }: GatewayRequest): string =>
  host === null ? '' : port === null ? host : `${host}:${port}`;

/** The requests that went through the gateway. */
export const requestTable: TableSpec<GatewayRequest, TextKey<(typeof gatewayWords)['en']>> = {
  words: gatewayWords,
  name: 'gateway-requests',
  keyOf: ({ number }) => String(number),
  columns: [
    {
      key: 'time',
      room: { rem: 6 },
      cell: ({ at }) => preciseTime(at),
      hover: ({ at }, { formats }) => formats.dateTime(at),
    },
    {
      key: 'request',
      isHead: true,
      room: { least: 18, text: ({ method, path }) => `${method} ${path}` },
      cell: ({ method, path }) => (
        <Name name={`${method} ${path}`}>
          <span className="dim">{`${method} `}</span>
          {path}
        </Name>
      ),
    },
    {
      key: 'asked',
      room: { least: 12, text: ({ model }) => model ?? '' },
      cell: ({ model }) => (model === null ? dash : <Name name={model} />),
    },
    {
      key: 'host',
      fromRem: 40,
      under: 'asked',
      room: { least: 16, text: placeOf },
      cell: (request, { language }) => <Place request={request} words={gatewayWords[language]} />,
    },
    {
      key: 'status',
      align: 'end',
      room: { rem: 3 },
      cell: ({ status }) => status ?? dash,
    },
    {
      key: 'tokens',
      align: 'end',
      fromRem: 50,
      room: { rem: 7 },
      cell: ({ tokensIn, tokensOut }, { formats }) =>
        tokensIn === null && tokensOut === null
          ? dash
          : `${formats.count(tokensIn)} / ${formats.count(tokensOut)}`,
    },
    {
      key: 'firstToken',
      align: 'end',
      fromRem: 58,
      room: { rem: 5 },
      cell: ({ firstTokenMs }, { formats }) => formats.latency(firstTokenMs),
    },
    {
      key: 'total',
      align: 'end',
      room: { rem: 4.5 },
      cell: ({ totalMs }, { formats }) => formats.latency(totalMs),
    },
    {
      key: 'outcome',
      fromRem: 46,
      under: 'request',
      room: { rem: 10 },
      cell: (request, { language }) => (
        <StateMark mood={moodOf(request)} word={gatewayWords[language].outcomes[request.outcome]} />
      ),
      hover: ({ outcome }, { language }) => gatewayWords[language].outcomesWhat[outcome],
    },
  ],
};

interface PlaceProps {
  readonly request: GatewayRequest;
  readonly words: (typeof gatewayWords)['en'];
}

/** The server that answered, and whether another one was tried first. */
function Place({ request, words }: PlaceProps) {
  const { host, retried } = request;
  const place = placeOf(request);
  const title = host === thisComputerName ? words.here : place;
  return (
    <>
      {host === null ? dash : <Name name={place} title={title} />}
      {retried && (
        <span className="subline" title={words.retriedWhat}>
          {words.retried}
        </span>
      )}
    </>
  );
}
