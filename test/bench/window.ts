// Prints what the window costs with a large fleet that is measured every second, over the real browser face in Chromium.
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { chromiumMissing, launchBrowser, openPage } from '../e2e/app.ts';
import { type Fleet, startFleet } from '../e2e/fleet.ts';

const [hosts = 1000, minutes = 10] = process.argv.slice(2).map(Number);
const gpus = 8;
/** As many as the engine sends: a tenth of the hosts in each. */
const updatesPerSecond = 10;

if (chromiumMissing !== null) {
  console.log(`The bench needs a browser: ${chromiumMissing}.`);
  process.exit(1);
}

const fleet = await startFleet({ hosts, gpus });
const browser = await launchBrowser();
const stop = keepMeasuring(fleet);
try {
  await bench(browser);
} finally {
  stop();
  await browser.close();
  await fleet.close();
}

async function bench(chromium: Browser): Promise<void> {
  console.log(
    `The window with ${hosts} hosts x ${gpus} GPUs, each measured once a second and sent in ${updatesPerSecond} updates a second, in` +
      ` headless Chromium ${chromium.version()} without a GPU (drawn by the processor). Load of the computer before: ${loadavg()
        .map((load) => load.toFixed(1))
        .join(' ')}.`,
  );
  console.table([await measureLoading(chromium)]);
  const { page } = await openPage(chromium, fleet.url);
  await page.locator('tbody tr').first().waitFor();
  const cdp = await page.context().newCDPSession(page);
  await delay(5000);
  console.table([{ what: 'main thread, list at rest', ...(await measureUpdates(cdp, 10_000)) }]);
  console.table([{ what: 'scrolling to the end and back', ...(await measureScrolling(page, cdp)) }]);
  console.table([{ what: `heap over ${minutes} min, after a collection`, ...(await measureHeap(cdp)) }]);
  console.table([{ what: 'bundle, gzipped', ...measureBundle() }]);
}

/** Measures a tenth of the hosts ten times a second. */
function keepMeasuring({ measure }: Fleet): () => void {
  let turn = 0;
  const share = Math.ceil(hosts / updatesPerSecond);
  const timer = setInterval(() => {
    measure(turn * share, (turn + 1) * share);
    turn = (turn + 1) % updatesPerSecond;
  }, 1000 / updatesPerSecond);
  return () => clearInterval(timer);
}

/** Five loads into a page of its own each; times from the navigation's start, by the page's own clock. */
async function measureLoading(chromium: Browser) {
  const loads: { readonly paint: number; readonly rows: number }[] = [];
  for (let round = 0; round < 5; round += 1) {
    const { page } = await openPage(chromium, fleet.url);
    await page.locator('tbody tr').first().waitFor();
    const times = await page.evaluate(
      `new Promise((resolve) => requestAnimationFrame(() => resolve({
        paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
        rows: performance.now(),
      })))`,
    );
    loads.push(times as { paint: number; rows: number });
    await page.context().close();
  }
  const median = (values: readonly number[]) =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  return {
    what: 'from the navigation, median of 5',
    'first paint': ms(median(loads.map(({ paint }) => paint))),
    'first rows, at most': ms(median(loads.map(({ rows }) => rows))),
  };
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number;
  readonly args?: { readonly name?: string };
}

/** Everything that the page's main thread did, from a trace: parsing, React, style, layout and paint. */
async function measureUpdates(cdp: CDPSession, forMs: number) {
  let updates = 0;
  const count = () => {
    updates += 1;
  };
  await cdp.send('Network.enable');
  cdp.on('Network.webSocketFrameReceived', count);
  const events = await trace(cdp, () => delay(forMs));
  cdp.off('Network.webSocketFrameReceived', count);
  const tasks = mainThreadTasks(events);
  const busy = tasks.reduce((sum, duration) => sum + duration, 0);
  return {
    'updates seen': updates,
    'work per update': ms(busy / updates),
    'longest task': ms(tasks.at(-1)),
    'tasks over 50 ms': tasks.filter((duration) => duration > 50).length,
    'main thread busy': `${((busy / forMs) * 100).toFixed(0)} %`,
  };
}

/** Durations in milliseconds, ascending, of the tasks of the busiest renderer's main thread. */
function mainThreadTasks(events: readonly TraceEvent[]): readonly number[] {
  const threads = events.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const all = threads.map(({ pid, tid }) =>
    events
      .filter((event) => event.pid === pid && event.tid === tid && event.name.endsWith('RunTask'))
      .map(({ dur = 0 }) => dur / 1000),
  );
  const busiest = all.toSorted((a, b) => sum(b) - sum(a))[0] ?? [];
  return busiest.toSorted((a, b) => a - b);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

async function trace(cdp: CDPSession, work: () => Promise<unknown>): Promise<readonly TraceEvent[]> {
  const events: TraceEvent[] = [];
  const collect = ({ value }: { readonly value: readonly object[] }) => {
    events.push(...(value as readonly TraceEvent[]));
  };
  cdp.on('Tracing.dataCollected', collect);
  await cdp.send('Tracing.start', {
    traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] },
    transferMode: 'ReportEvents',
  });
  await work();
  const complete = new Promise<void>((resolve) => cdp.once('Tracing.tracingComplete', () => resolve()));
  await cdp.send('Tracing.end');
  await complete;
  cdp.off('Tracing.dataCollected', collect);
  return events;
}

/** Wheel gestures down and up while the updates go on; the times between animation frames, by the page's own clock. */
async function measureScrolling(page: Page, cdp: CDPSession) {
  await page.evaluate(`(() => {
    window.frames_ = [];
    let last = performance.now();
    const next = (now) => { window.frames_.push(now - last); last = now; window.raf_ = requestAnimationFrame(next); };
    window.raf_ = requestAnimationFrame(next);
  })()`);
  for (const yDistance of [-12_000, 12_000]) {
    await cdp.send('Input.synthesizeScrollGesture', {
      x: 700,
      y: 500,
      yDistance,
      speed: 2000,
      gestureSourceType: 'mouse',
    });
  }
  const frames = (await page.evaluate('cancelAnimationFrame(window.raf_), window.frames_')) as number[];
  const sorted = frames.slice(1).toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return {
    frames: sorted.length,
    'frame p50': ms(at(0.5)),
    'frame p95': ms(at(0.95)),
    'frame p99': ms(at(0.99)),
    longest: ms(sorted.at(-1)),
    'frames over 17.5 ms': sorted.filter((duration) => duration > 17.5).length,
  };
}

async function measureHeap(cdp: CDPSession) {
  const start = await heapBytes(cdp);
  await delay(minutes * 60_000);
  const end = await heapBytes(cdp);
  return { start: mib(start), end: mib(end), growth: mib(end - start) };
}

async function heapBytes(cdp: CDPSession): Promise<number> {
  for (let round = 0; round < 3; round += 1) await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return usedSize;
}

function measureBundle() {
  const folder = fileURLToPath(new URL('../../dist/renderer/assets/', import.meta.url));
  const sizes = readdirSync(folder).map(
    (name) => [name, gzipSync(readFileSync(folder + name)).length] as const,
  );
  const first = sizes.filter(([name]) => name.startsWith('index-'));
  return {
    all: kb(sum(sizes.map(([, size]) => size))),
    'for the first view': kb(sum(first.map(([, size]) => size))),
  };
}

function ms(value: number | undefined): string {
  return `${(value ?? Number.NaN).toFixed(1)} ms`;
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
