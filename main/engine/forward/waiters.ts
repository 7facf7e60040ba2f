import type { AppError } from '#common/failure.ts';
import { createAlarm } from '#common/timer.ts';
import type { Transport } from '../ssh/transport.ts';

/** Those who wait for a Transport that is away. */
export interface Waiters {
  /** Waits so long for one, and then for the attempt that is under way. Errors: why it is away. */
  wait(timeoutMs: number): Promise<Transport>;
  resolve(transport: Transport): void;
  /** Turns all away, or those who wait for the attempt that was under way. */
  refuse(which: 'all' | 'late'): void;
  isEmpty(): boolean;
}

export interface WaitersDeps {
  /** Whether an attempt is under way. */
  readonly isTrying: () => boolean;
  readonly whyAway: () => AppError;
}

/** An attempt that is under way is waited for no longer than this in all: logins may wait for an agent, or in a queue. */
const mostHoldMs = 30_000;

interface Waiter {
  /** `late`: its time is over, and it waits for the attempt that is under way and for nothing after it. */
  patience: 'in time' | 'late';
  resolve(transport: Transport): void;
  reject(error: AppError): void;
}

export function createWaiters({ isTrying, whyAway }: WaitersDeps): Waiters {
  const waiters = new Set<Waiter>();
  return {
    wait: (timeoutMs) =>
      new Promise((resolve, reject) => {
        const alarm = createAlarm();
        const leave = (): void => {
          alarm.cancel();
          waiters.delete(waiter);
        };
        const waiter: Waiter = {
          patience: 'in time',
          resolve(transport) {
            leave();
            resolve(transport);
          },
          reject(error) {
            leave();
            reject(error);
          },
        };
        const giveUp = (): void => waiter.reject(whyAway());
        alarm.after(timeoutMs, () => {
          waiter.patience = 'late';
          if (isTrying()) alarm.after(Math.max(0, mostHoldMs - timeoutMs), giveUp);
          else giveUp();
        });
        waiters.add(waiter);
      }),
    resolve(transport) {
      for (const waiter of waiters) waiter.resolve(transport);
    },
    refuse(which) {
      for (const waiter of waiters)
        if (which === 'all' || waiter.patience === which) waiter.reject(whyAway());
    },
    isEmpty: () => waiters.size === 0,
  };
}
