// A long way in a process of its own: passes TCP connections on, each byte later by half a round trip, as wide as it comes.
import { connect, createServer, type Socket } from 'node:net';

const [targetPort = 0, roundTripMs = 0] = process.argv.slice(2).map(Number);

/** Unlike a buffer of fixed size it holds whatever is under way, so that the delay alone limits, and not its product. */
function passLate(from: Socket, to: Socket): void {
  const underway: { readonly chunk: Buffer | null; readonly dueAt: number }[] = [];
  let waits = false;
  const pass = (): void => {
    waits = false;
    const now = performance.now();
    to.cork();
    for (let due = underway[0]; due !== undefined && due.dueAt <= now; due = underway[0]) {
      underway.shift();
      if (due.chunk === null) to.end();
      else to.write(due.chunk);
    }
    to.uncork();
    const [next] = underway;
    if (next !== undefined) wait(next.dueAt - now);
  };
  const wait = (ms: number): void => {
    waits = true;
    setTimeout(pass, Math.max(1, ms));
  };
  const add = (chunk: Buffer | null): void => {
    underway.push({ chunk, dueAt: performance.now() + roundTripMs / 2 });
    if (!waits) wait(roundTripMs / 2);
  };
  from.on('data', add);
  from.once('end', () => add(null));
  from.once('error', () => to.destroy());
  from.once('close', () => to.destroySoon());
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
  const far = connect({ host: '127.0.0.1', port: targetPort, allowHalfOpen: true, noDelay: true });
  passLate(near, far);
  passLate(far, near);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : null);
});
process.once('disconnect', () => process.exit());
