import { useId, useRef, useState } from 'react';
import {
  commandsFor,
  type FreeGpusOffer,
  type FreeGpusWanted,
  findFreeGpus,
  gpuKindNames,
  visibleDevices,
} from '#common/free-gpus.ts';
import { Popover } from '../components/Popover.tsx';
import { Icon } from '../icons/Icon.tsx';
import { shortGpuName } from '../lib/format.ts';
import { useWords } from '../state/language.ts';
import { reveal } from '../state/route.ts';
import { useActions, useSnapshot } from '../state/services.ts';
import { gpuWords } from './words.ts';

/** The fields as typed. */
interface Fields {
  readonly count: string;
  readonly memGiB: string;
  readonly kind: string;
}

const mostShown = 20;

/** Which hosts have so many free GPUs with so much memory, and the commands that lead there. */
export function FindFree() {
  const words = useWords(gpuWords);
  const [fields, setFields] = useState<Fields>({ count: '1', memGiB: '', kind: '' });
  return (
    <Popover
      label={words.findFree}
      className="button"
      flush="start"
      face={
        <>
          <Icon name="search" />
          {words.findFree}
        </>
      }
    >
      {(close) => <Finder fields={fields} onFields={setFields} onClose={close} />}
    </Popover>
  );
}

interface FinderProps {
  readonly fields: Fields;
  readonly onFields: (fields: Fields) => void;
  readonly onClose: () => void;
}

function Finder({ fields, onFields, onClose }: FinderProps) {
  const words = useWords(gpuWords);
  const snapshot = useSnapshot();
  const wanted = readFields(fields);
  const [held, setHeld] = useState(false);
  const offers = useStillOrder(findFreeGpus(snapshot, wanted), held);
  const [countId, memId, kindId] = [useId(), useId(), useId()];
  return (
    <div className="finder">
      <p className="popover-title">{words.findFree}</p>
      <div className="finder-fields">
        <label className="finder-field" htmlFor={countId}>
          {words.howMany}
          <input
            id={countId}
            className="input"
            type="number"
            min={1}
            max={99}
            value={fields.count}
            onChange={(event) => onFields({ ...fields, count: event.target.value })}
          />
        </label>
        <label className="finder-field" htmlFor={memId}>
          {words.memoryEach}
          <input
            id={memId}
            className="input"
            type="number"
            min={0}
            max={9999}
            placeholder={words.anyMemory}
            value={fields.memGiB}
            onChange={(event) => onFields({ ...fields, memGiB: event.target.value })}
          />
        </label>
        <label className="finder-field finder-kind" htmlFor={kindId}>
          {words.kind}
          <select
            id={kindId}
            className="input"
            value={fields.kind}
            onChange={(event) => onFields({ ...fields, kind: event.target.value })}
          >
            <option value="">{words.anyKind}</option>
            {gpuKindNames(snapshot.hosts).map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        </label>
      </div>
      <p className="finder-outcome" role="status">
        {offers.length === 0 ? words.noneFree : words.hostsHave(offers.length, wanted.count)}
      </p>
      <ul className="offers" onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
        {offers.slice(0, mostShown).map((offer) => (
          <OfferRow key={offer.host.id} offer={offer} onClose={onClose} />
        ))}
      </ul>
      {offers.length > mostShown && <p className="dim">{words.moreHosts(offers.length - mostShown)}</p>}
    </div>
  );
}

function OfferRow({ offer, onClose }: { readonly offer: FreeGpusOffer; readonly onClose: () => void }) {
  const { host, devices, spare } = offer;
  const words = useWords(gpuWords);
  const actions = useActions();
  const { source } = useSnapshot();
  const kinds = [
    ...new Set(
      devices.map(
        ({ gpu, instance }) =>
          `${shortGpuName(gpu.name)}${instance === null ? '' : ` MIG ${instance.profile ?? ''}`}`,
      ),
    ),
  ];
  const isSplit = devices.length > 1 && devices.some(({ instance }) => instance !== null);
  return (
    <li className="offer">
      <button
        type="button"
        className="offer-host cut"
        title={words.showHost(host.alias)}
        onClick={() => {
          onClose();
          reveal({ view: 'gpus', id: host.id });
        }}
      >
        {host.alias}
      </button>
      <span className="dim cut">
        {[kinds.join(', '), ...(spare > 0 ? [words.spare(spare)] : [])].join(' · ')}
      </span>
      <code className="offer-devices cut" title={visibleDevices(host, devices)}>
        {visibleDevices(host, devices)}
      </code>
      <button
        type="button"
        className="button"
        title={words.copyCommandsHint}
        aria-label={words.copyCommands(host.alias)}
        onClick={() => void actions.copy(commandsFor(source, host, devices), words.commands)}
      >
        <Icon name="copy" />
        {words.copy}
      </button>
      {isSplit && <p className="dim small offer-note">{words.oneInstance}</p>}
    </li>
  );
}

/** While the pointer is on its way to one of them the offers stay where they are, though not what they are. */
function useStillOrder(offers: readonly FreeGpusOffer[], held: boolean): readonly FreeGpusOffer[] {
  const order = useRef<readonly FreeGpusOffer[]>(offers);
  if (held) {
    const byHost = new Map(offers.map((offer) => [offer.host.id, offer]));
    const kept = order.current.flatMap(({ host }) => {
      const offer = byHost.get(host.id);
      byHost.delete(host.id);
      return offer ?? [];
    });
    order.current = [...kept, ...byHost.values()];
  } else order.current = offers;
  return order.current;
}

function readFields({ count, memGiB, kind }: Fields): FreeGpusWanted {
  const whole = (text: string, least: number) => Math.max(least, Math.floor(Number(text)) || least);
  return { count: whole(count, 1), memGiB: whole(memGiB, 0), kind };
}
