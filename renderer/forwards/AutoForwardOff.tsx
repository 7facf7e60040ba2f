import { type ReactNode, useState } from 'react';
import type { Forward } from '#common/forwards.ts';
import { Dialog } from '../components/Dialog.tsx';
import { frameWords } from '../lib/frame-words.ts';
import { useWords } from '../state/language.ts';
import { useActions, useAppState } from '../state/services.ts';
import { forwardWords } from './words.ts';

const none: readonly Forward[] = [];

/**
 * What the switch of auto-forward does: off asks first what becomes of the forwards that the rules have opened, where there are
 * any. `question` is that dialog, to be shown beside the switch.
 */
export function useAutoForwardSwitch(): {
  readonly onChange: (enabled: boolean) => void;
  readonly question: ReactNode;
} {
  const forwards = useAppState(({ snapshot }) => snapshot?.forwards) ?? none;
  const actions = useActions();
  const [asks, setAsks] = useState(false);
  const opened = forwards.filter(({ origin }) => origin === 'auto');
  const change = (enabled: boolean) =>
    actions.changeSettings(({ autoForward }) => ({ autoForward: { ...autoForward, enabled } }));
  const off = (stop: boolean) => {
    setAsks(false);
    void actions.switchAutoForwardOff(stop);
  };
  return {
    onChange: (enabled) => {
      if (enabled || opened.length === 0) void change(enabled);
      else setAsks(true);
    },
    question: asks && (
      <OffDialog
        opened={opened}
        onClose={() => setAsks(false)}
        onStop={() => off(true)}
        onKeep={() => off(false)}
      />
    ),
  };
}

interface Props {
  readonly opened: readonly Forward[];
  readonly onClose: () => void;
  readonly onStop: () => void;
  readonly onKeep: () => void;
}

function OffDialog({ opened, onClose, onStop, onKeep }: Props) {
  const words = useWords(forwardWords);
  const frame = useWords(frameWords);
  const connections = opened.reduce((sum, { traffic }) => sum + traffic.openConnections, 0);
  return (
    <Dialog title={words.autoOffTitle} onClose={onClose}>
      <div className="dialog-body">
        <p>{words.autoOffWhat(opened.length)}</p>
        <p className="dim">{words.stopAllWhat(opened.length, connections)}</p>
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {frame.notNow}
          </button>
          <button type="button" className="button" onClick={onKeep}>
            {words.autoOffKeep}
          </button>
          <button type="button" className="button button-danger" onClick={onStop}>
            {words.autoOffStop}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
