import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Traffic } from '#common/forwards.ts';
import { createTrafficMeter } from '#engine/forward/traffic.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The counters of a socket, without one. */
const counted = () => Object.assign(new EventEmitter(), { bytesRead: 0, bytesWritten: 0 });
const asSocket = (one: ReturnType<typeof counted>) => one as unknown as Socket;

it('reports once a second what flows, and nothing while nothing does', () => {
  const reports: Traffic[] = [];
  const meter = createTrafficMeter((traffic) => reports.push(traffic));
  const one = counted();
  meter.add(asSocket(one));
  expect(reports).toEqual([{ openConnections: 1, totalConnections: 1, bytesIn: 0, bytesOut: 0 }]);
  one.bytesRead = 5;
  one.bytesWritten = 70;
  vi.advanceTimersByTime(1000);
  expect(reports.at(-1)).toMatchObject({ bytesIn: 70, bytesOut: 5 });
  vi.advanceTimersByTime(10_000);
  expect(reports).toHaveLength(2);
  meter.dispose();
});

it('keeps the bytes of connections that are closed, and no timer without one', () => {
  const reports: Traffic[] = [];
  const meter = createTrafficMeter((traffic) => reports.push(traffic));
  const [one, other] = [counted(), counted()];
  meter.add(asSocket(one));
  meter.add(asSocket(other));
  one.bytesRead = 5;
  one.bytesWritten = 7;
  one.emit('close');
  expect(reports.at(-1)).toEqual({ openConnections: 1, totalConnections: 2, bytesIn: 7, bytesOut: 5 });
  other.bytesRead = 1;
  other.emit('close');
  expect(reports.at(-1)).toEqual({ openConnections: 0, totalConnections: 2, bytesIn: 7, bytesOut: 6 });
  expect(vi.getTimerCount()).toBe(0);
});
