// Prints what the window costs with a large fleet that is measured every second, over the real browser face in Chromium.
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { browserArguments, findChromium } from '../support/browser/app.ts';
import { type Fleet, startFleet } from '../support/browser/fleet.ts';
import { type DevtoolsBrowser, type DevtoolsPage, startDevtools } from './devtools.ts';

const [hosts = 1000, minutes = 10] = process.argv.slice(2).map(Number);
const gpus = 8;
/** As many as the engine sends: a tenth of the hosts in each. */
const updatesPerSecond = 10;

async function main(): Promise<void> {
  const executable = findChromium();
  if (executable === null) throw new Error('the bench needs Chromium');
  const fleet = await startFleet({ hosts, gpus });
  const browser = await startDevtools(executable, browserArguments);
  const stop = keepMeasuring(fleet);
  try {
    await bench(browser, fleet);
  } finally {
    stop();
    await browser.close();
    await fleet.close();
  }
}

async function bench(browser: DevtoolsBrowser, fleet: Fleet): Promise<void> {
  const load = () => loadavg().map((one) => one.toFixed(1));
  console.log(
    [
      `The window with ${hosts} hosts x ${gpus} GPUs, each measured once a second and sent in ${updatesPerSecond} updates a second,`,
      `in ${browser.version} without a window and without a GPU (drawn by the processor), ${[...load()].join(' ')} load average.`,
    ].join(' '),
  );
  console.table([await measureLoading(browser, fleet)]);
  const page = await openWindow(browser, fleet);
  await delay(5000);
  console.table([{ what: 'list at rest', ...(await measureUpdates(page, fleet, () => delay(10_000))) }]);
  console.table([{ what: 'list at rest, 10 s', ...(await measureFrames(page, () => delay(10_000))) }]);
  const through = await measureFrames(page, () => scroll(page));
  // A page in the background draws nothing, so one is measured after the other.
  const reference = await openWindow(browser, fleet);
  await makeStatic(reference);
  const plain = await measureFrames(reference, () => scroll(reference));
  await reference.close();
  console.table([
    { what: 'wheel through the hosts', ...through },
    { what: 'the same through plain text', ...plain },
  ]);
  console.table([{ what: `${steps} steps of ${stepPx} px`, ...(await measureSteps(page, fleet)) }]);
  console.table([{ what: `${minutes} min, each after a collection`, ...(await measureHeap(page)) }]);
  console.table([{ what: 'gzipped', ...measureBundle() }]);
  console.log(`Load average at the end: ${load().join(' ')}.`);
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

async function openWindow(browser: DevtoolsBrowser, fleet: Fleet): Promise<DevtoolsPage> {
  const page = await browser.open(fleet.url);
  while ((await page.evaluate(`document.querySelector('[data-table="gpus"]') !== null`)) !== true)
    await delay(50);
  return page;
}

/** Loads into fresh pages; times from the navigation's start, by the page's own clock. */
async function measureLoading(browser: DevtoolsBrowser, fleet: Fleet) {
  const loads: { readonly paint: number; readonly rows: number }[] = [];
  for (let round = 0; round < 7; round += 1) {
    const page = await openWindow(browser, fleet);
    const times = await page.evaluate(`({
      paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
      rows: performance.now(),
    })`);
    loads.push(times as { paint: number; rows: number });
    await page.close();
  }
  return {
    what: 'navigation to ..., median of 7',
    'first paint': ms(
      percentile(
        loads.map(({ paint }) => paint),
        0.5,
      ),
    ),
    'hosts shown (asked every 50 ms)': ms(
      percentile(
        loads.map(({ rows }) => rows),
        0.5,
      ),
    ),
  };
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds on the clock, and of the processor. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/**
 * Everything that the page's main thread did, from a trace: parsing, React, style, layout, paint and collection. By the
 * processor's time, for the clock also runs while others have the core; the longest task by both.
 */
async function measureUpdates(page: DevtoolsPage, fleet: Fleet, work: () => Promise<unknown>) {
  let updates = 0;
  const unsubscribe = fleet.store.subscribe(() => {
    updates += 1;
  });
  const startedAt = performance.now();
  const events = await trace(page, work);
  const tookMs = performance.now() - startedAt;
  unsubscribe();
  const tasks = mainThreadTasks(events);
  const busyMs = sum(tasks.map(({ cpuMs }) => cpuMs));
  return {
    updates,
    'main thread per update': ms(busyMs / updates),
    'longest task': ms(Math.max(...tasks.map(({ cpuMs }) => cpuMs))),
    'by the clock': ms(Math.max(...tasks.map(({ clockMs }) => clockMs))),
    'main thread busy': `${((busyMs / tookMs) * 100).toFixed(0)} %`,
  };
}

interface Task {
  readonly cpuMs: number;
  readonly clockMs: number;
}

/** The tasks of the busiest renderer's main thread. */
function mainThreadTasks(events: readonly TraceEvent[]): readonly Task[] {
  const threads = events.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const all = threads.map(({ pid, tid }) =>
    events
      .filter((event) => event.pid === pid && event.tid === tid && event.name === 'RunTask')
      .map(({ dur = 0, tdur = dur }) => ({ cpuMs: tdur / 1000, clockMs: dur / 1000 })),
  );
  const total = (tasks: readonly Task[]) => sum(tasks.map(({ cpuMs }) => cpuMs));
  return all.toSorted((a, b) => total(b) - total(a))[0] ?? [];
}

async function trace(page: DevtoolsPage, work: () => Promise<unknown>): Promise<readonly TraceEvent[]> {
  const events: TraceEvent[] = [];
  page.on('Tracing.dataCollected', ({ value }) => events.push(...(value as TraceEvent[])));
  const complete = new Promise<void>((resolve) => page.on('Tracing.tracingComplete', () => resolve()));
  await page.send('Tracing.start', {
    traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline', '__metadata'] },
    transferMode: 'ReportEvents',
  });
  await work();
  await page.send('Tracing.end');
  await complete;
  return events;
}

/** The times between animation frames, by the page's own clock, while the updates go on. */
async function measureFrames(page: DevtoolsPage, work: () => Promise<unknown>) {
  await page.evaluate(`(() => {
    window.frameTimes = [];
    let last = performance.now();
    const next = (now) => {
      window.frameTimes.push(now - last);
      last = now;
      window.nextFrame = requestAnimationFrame(next);
    };
    window.nextFrame = requestAnimationFrame(next);
  })()`);
  await work();
  const frames = (await page.evaluate(
    'cancelAnimationFrame(window.nextFrame), window.frameTimes',
  )) as number[];
  const times = frames.slice(1);
  return {
    frames: times.length,
    p50: ms(percentile(times, 0.5)),
    p95: ms(percentile(times, 0.95)),
    p99: ms(percentile(times, 0.99)),
    longest: ms(Math.max(...times)),
    'over 17 ms': `${((100 * times.filter((time) => time > 17).length) / times.length).toFixed(1)} %`,
  };
}

async function scroll(page: DevtoolsPage): Promise<void> {
  for (const yDistance of [-12_000, 12_000])
    await page.send('Input.synthesizeScrollGesture', {
      x: 700,
      y: 500,
      yDistance,
      speed: 2000,
      gestureSourceType: 'mouse',
    });
}

/** So fast, 2,400 px a second at 60 frames, one new row comes into view with nearly every frame. */
const stepPx = 40;
const steps = 300;

/** What a frame of a scroll costs the main thread, however many frames the computer has time for. */
async function measureSteps(page: DevtoolsPage, fleet: Fleet) {
  let updates = 0;
  const unsubscribe = fleet.store.subscribe(() => {
    updates += 1;
  });
  const events = await trace(page, () =>
    page.evaluate(`new Promise((resolve) => {
      const main = document.querySelector('main');
      let left = ${steps};
      const next = () => {
        main.scrollTop += ${stepPx};
        left -= 1;
        if (left > 0) requestAnimationFrame(next);
        else resolve();
      };
      requestAnimationFrame(next);
    })`),
  );
  unsubscribe();
  const tasks = mainThreadTasks(events).map(({ cpuMs }) => cpuMs);
  return {
    'updates meanwhile': updates,
    'main thread per frame': ms(sum(tasks) / steps),
    'tasks over 1 ms: p95': ms(
      percentile(
        tasks.filter((task) => task > 1),
        0.95,
      ),
    ),
    longest: ms(Math.max(...tasks)),
  };
}

/** Puts as many lines of text in the place of the table, which no script touches: what this computer can do at all. */
async function makeStatic(page: DevtoolsPage): Promise<void> {
  await page.evaluate(`(() => {
    const main = document.querySelector('main');
    const list = document.createElement('div');
    for (let row = 0; row < ${hosts}; row += 1) {
      const line = document.createElement('p');
      line.textContent = 'row ' + row;
      line.style.height = '44px';
      list.append(line);
    }
    const still = main.cloneNode(false);
    still.append(list);
    main.replaceWith(still);
  })()`);
}

async function measureHeap(page: DevtoolsPage) {
  const start = await heapBytes(page);
  await delay(minutes * 60_000);
  const end = await heapBytes(page);
  return { start: mib(start), end: mib(end), growth: mib(end - start) };
}

async function heapBytes(page: DevtoolsPage): Promise<number> {
  for (let round = 0; round < 3; round += 1) await page.send('HeapProfiler.collectGarbage');
  const { usedSize } = await page.send('Runtime.getHeapUsage');
  return Number(usedSize);
}

function measureBundle() {
  const folder = fileURLToPath(new URL('../../dist/renderer/', import.meta.url));
  const page = readFileSync(`${folder}index.html`, 'utf8');
  const sizes = readdirSync(`${folder}assets`).map((name) => ({
    name,
    bytes: gzipSync(readFileSync(`${folder}assets/${name}`)).length,
  }));
  const first = sizes.filter(({ name }) => page.includes(name));
  return {
    'for the first view': kb(sum(first.map(({ bytes }) => bytes))),
    'with all others': kb(sum(sizes.map(({ bytes }) => bytes))),
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

await main();
