import type { Socket } from 'node:net';
import type { Traffic } from '#common/forwards.ts';
import { createAlarm } from '#common/timer.ts';

/** Counts the connections of a forward and their bytes, from the sockets' own counters: no work per chunk. */
export interface TrafficMeter {
  add(socket: Socket): void;
  dispose(): void;
}

const everyMs = 1000;

/** Calls `onChange` when a connection opens or closes, and once a second while bytes flow. */
export function createTrafficMeter(onChange: (traffic: Traffic) => void): TrafficMeter {
  const sockets = new Set<Socket>();
  let closedBytesIn = 0;
  let closedBytesOut = 0;
  let totalConnections = 0;
  const alarm = createAlarm();
  let last: Traffic | null = null;

  const report = (): void => {
    let bytesIn = closedBytesIn;
    let bytesOut = closedBytesOut;
    for (const socket of sockets) {
      bytesIn += socket.bytesWritten;
      bytesOut += socket.bytesRead;
    }
    const traffic = { openConnections: sockets.size, totalConnections, bytesIn, bytesOut };
    if (last !== null && sameTraffic(last, traffic)) return;
    last = traffic;
    onChange(traffic);
  };

  return {
    add(socket) {
      sockets.add(socket);
      totalConnections += 1;
      if (!alarm.isSet()) alarm.every(everyMs, report);
      socket.once('close', () => {
        sockets.delete(socket);
        closedBytesIn += socket.bytesWritten;
        closedBytesOut += socket.bytesRead;
        if (sockets.size === 0) alarm.cancel();
        report();
      });
      report();
    },
    dispose: alarm.cancel,
  };
}

function sameTraffic(a: Traffic, b: Traffic): boolean {
  return (
    a.openConnections === b.openConnections &&
    a.totalConnections === b.totalConnections &&
    a.bytesIn === b.bytesIn &&
    a.bytesOut === b.bytesOut
  );
}
