import { memo, useId, useRef, useState } from 'react';
import {
  type FreeGpusOffer,
  type FreeGpusWanted,
  findFreeGpus,
  gpuKindNames,
  shellOnDevices,
  visibleDevices,
} from '#common/free-gpus.ts';
import { hasSsh } from '#common/select/hosts.ts';
import { Popover } from '../components/Popover.tsx';
import { Icon } from '../icons/Icon.tsx';
import { useOpenServe } from '../launches/ServePlace.tsx';
import { fieldsOn } from '../launches/serve-fields.ts';
import { shortGpuName } from '../lib/format.ts';
import { useWords } from '../state/language.ts';
import { reveal } from '../state/route.ts';
import { useActions, useSnapshot } from '../state/services.ts';
import css from './FindFree.module.css';
import { NotifyFree } from './NotifyFree.tsx';
import { gpuWords } from './words.ts';

/** The fields as typed. */
interface Fields {
  readonly count: string;
  readonly memGiB: string;
  readonly kind: string;
}

const mostShown = 20;

/** Which hosts have so many free GPUs with so much memory, and the command that leads there. */
export const FindFree = memo(function FindFree() {
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
});

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
    <div className={css.finder}>
      <p className="popover-title">{words.findFree}</p>
      <div className={css.fields}>
        <label className={css.field} htmlFor={countId}>
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
        <label className={css.field} htmlFor={memId}>
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
        <label className={`${css.field} ${css.kind}`} htmlFor={kindId}>
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
      <div className={css.outcome}>
        <p role="status">
          {offers.length === 0 ? words.noneFree : words.hostsHave(offers.length, wanted.count)}
        </p>
        {offers.length === 0 && <NotifyFree wanted={wanted} />}
      </div>
      <ul className={css.offers} onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)}>
        {offers.slice(0, mostShown).map((offer) => (
          <OfferRow key={offer.host.id} offer={offer} onClose={onClose} />
        ))}
      </ul>
      {offers.length > mostShown && <p className="dim">{words.moreHosts(offers.length - mostShown)}</p>}
    </div>
  );
}

interface OfferProps {
  readonly offer: FreeGpusOffer;
  readonly onClose: () => void;
}

function OfferRow({ offer, onClose }: OfferProps) {
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
  const assignments = visibleDevices(devices);
  const isSplit = devices.length > 1 && devices.some(({ instance }) => instance !== null);
  return (
    <li className={css.offer}>
      <button
        type="button"
        className={`${css.offerHost} cut`}
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
      <code className={`${css.offerDevices} cut`} title={assignments.join(' ')}>
        {assignments.at(-1)}
      </code>
      {hasSsh(host) && (
        <button
          type="button"
          className="button"
          title={words.copyCommandHint}
          aria-label={words.copyCommand(host.alias)}
          onClick={() => void actions.copy(shellOnDevices(source, host, devices), words.command)}
        >
          <Icon name="copy" />
          {words.copy}
        </button>
      )}
      {hasSsh(host) && <ServeHere offer={offer} onClose={onClose} />}
      {isSplit && <p className={`dim small ${css.offerNote}`}>{words.oneInstance}</p>}
    </li>
  );
}

/** Opens the dialog with this host and these GPUs filled in. */
function ServeHere({ offer: { host, devices }, onClose }: OfferProps) {
  const openServe = useOpenServe();
  const words = useWords(gpuWords);
  return (
    <button
      type="button"
      className="button"
      aria-label={words.serveOn(host.alias)}
      onClick={() => {
        onClose();
        openServe(fieldsOn(host.id, devices));
      }}
    >
      <Icon name="play" />
      {words.serve}
    </button>
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
