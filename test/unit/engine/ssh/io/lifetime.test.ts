import { describe, expect, it } from 'vitest';
import { AppError } from '#common/failure.ts';
import { createLifetime, request } from '#engine/ssh/io/lifetime.ts';

describe('a request on a connection', () => {
  const timedOut = () => new AppError('server-timeout');

  it('ends with the first of answer, timeout, abort and end', async () => {
    const lifetime = createLifetime();
    const base = { lifetime, onTimeout: timedOut };
    expect(await request<string>({ ...base, start: (answer) => answer(null, 'yes') })).toBe('yes');
    const never = { ...base, start: () => undefined };
    await expect(request({ ...never, timeoutMs: 1 })).rejects.toMatchObject({ code: 'server-timeout' });
    await expect(request({ ...never, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
    const open = request(never);
    lifetime.end(new AppError('connection-lost'));
    await expect(open).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(request(never)).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('throws away an answer that comes too late', async () => {
    const late: string[] = [];
    let answer: ((error: Error | null, value?: string) => void) | undefined;
    const given = request<string>({
      lifetime: createLifetime(),
      timeoutMs: 1,
      onTimeout: timedOut,
      start: (reply) => {
        answer = reply;
      },
      discard: (value) => late.push(value),
    });
    await expect(given).rejects.toMatchObject({ code: 'server-timeout' });
    answer?.(null, 'late');
    expect(late).toEqual(['late']);
  });
});
