import { createAlarm } from '#common/timer.ts';

/** What has been received: the frame that comes in now (0 while none does), and everything on its connection. */
export interface Received {
  frameBytes(): number;
  allBytes(): number;
}

/** No answer takes longer, however steadily it comes: so many times what is given to one that has not begun. */
const mostLooks = 12;
/** As sshd sends them (CHAN_SES_PACKET_DEFAULT): at 2 kB/s one takes 16 s. */
const largestPacketBytes = 32_768;
/** Less than this are signs of life. */
const slowBytesPerSecond = 100;
/** How often in a row the time for an answer may pass while a packet may be under way. */
const packetPatience = 3;

/**
 * Calls `late` once when for so long nothing of an answer has come: one that is under way takes what a slow link needs.
 * Of a packet nothing is seen before it is whole, so a connection that receives a little is given some time for one.
 * Returns the end of the watch.
 */
export function whenSilent(received: Received, limitMs: number, late: () => void): () => void {
  let frameBytes = received.frameBytes();
  let allBytes = received.allBytes();
  let patience = packetPatience;
  let looks = 0;
  const alarm = createAlarm();
  const look = (): void => {
    const [frameBefore, allBefore] = [frameBytes, allBytes];
    [frameBytes, allBytes] = [received.frameBytes(), received.allBytes()];
    const count = allBytes - allBefore;
    const trickles = count > (slowBytesPerSecond * limitMs) / 1000 && count < largestPacketBytes;
    if (frameBytes !== frameBefore) patience = packetPatience;
    else patience = trickles ? patience - 1 : 0;
    looks += 1;
    if (patience > 0 && looks < mostLooks) alarm.after(limitMs, look);
    else late();
  };
  alarm.after(limitMs, look);
  return alarm.cancel;
}
