// Runs inside a network namespace: listens on the addresses it is told and hands the listening sockets to its parent,
// where they stay in this namespace. So one process can serve many hosts.
import { createServer } from 'node:net';

process.once('message', async (addresses) => {
  for (const { host, port } of addresses) {
    const server = createServer({ allowHalfOpen: true });
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, resolve);
    });
    await new Promise((resolve) => process.send({ host, port }, server, resolve));
    server.close();
  }
  process.disconnect();
});
