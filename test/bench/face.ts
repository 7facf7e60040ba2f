import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { Engine } from '#engine/engine.ts';
import type { FromFace, ToFace } from './face-process.ts';
import type { Stalls } from './stalls.ts';

export interface Followed {
  readonly patches: number;
  /** Of the patches as JSON. */
  readonly bytes: number;
  /** Samples of hosts in them. */
  readonly samples: number;
  /** Whether the face has come to the engine's Snapshot. */
  readonly isSame: boolean;
  /** Of the face's own event loop. */
  readonly stalls: Stalls;
}

/** Lets a face in another process follow the engine from now on. */
export function followAsFace(engine: Engine): { stop(): Promise<Followed> } {
  const face = fork(fileURLToPath(new URL('face-process.mjs', import.meta.url)));
  const send = (message: ToFace): void => void face.send(message);
  let [patches, bytes, samples] = [0, 0, 0];
  send({ kind: 'snapshot', text: JSON.stringify(engine.snapshot()) });
  const unsubscribe = engine.subscribe((patch) => {
    const text = JSON.stringify(patch);
    patches += 1;
    bytes += Buffer.byteLength(text);
    samples += patch.hosts?.steps?.length ?? 0;
    send({ kind: 'patch', text });
  });
  return {
    async stop() {
      const published: unknown = JSON.parse(JSON.stringify(engine.snapshot()));
      unsubscribe();
      send({ kind: 'end' });
      const [{ text, stalls }] = (await once(face, 'message')) as [FromFace];
      face.disconnect();
      await once(face, 'exit');
      return { patches, bytes, samples, isSame: isDeepStrictEqual(JSON.parse(text), published), stalls };
    },
  };
}
