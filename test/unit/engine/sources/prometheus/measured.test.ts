import { describe, expect, it, vi } from 'vitest';
import { adderTo, createSeriesBook, type MeasuredGpus } from '#engine/sources/prometheus/measured.ts';

const labels = (name: string, gpu = '0') =>
  JSON.stringify({ __name__: name, gpu, UUID: `GPU-${gpu}`, instance: 'a:9400' });

describe('the series of GPUs', () => {
  it('have their labels read once, however often they are asked for', () => {
    const seriesOf = createSeriesBook(1);
    const text = labels('DCGM_FI_DEV_GPU_UTIL');
    const first = seriesOf(text);
    expect(first).toMatchObject({ meaning: 'utilPct', gpu: { instance: 'a:9400', key: 'GPU-0' } });
    const parse = vi.spyOn(JSON, 'parse');
    expect(seriesOf(text)).toBe(first);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it('of one GPU share what names it', () => {
    const seriesOf = createSeriesBook(1);
    const gpu = seriesOf(labels('DCGM_FI_DEV_GPU_UTIL'))?.gpu;
    expect(seriesOf(labels('DCGM_FI_DEV_FB_USED'))?.gpu).toBe(gpu);
    expect(seriesOf(labels('DCGM_FI_DEV_FB_USED', '1'))?.gpu).not.toBe(gpu);
  });

  it.each([
    ['of another name', labels('node_load1')],
    ['without an instance', '{"__name__":"DCGM_FI_DEV_GPU_UTIL","gpu":"0"}'],
    ['without a GPU', '{"__name__":"DCGM_FI_DEV_GPU_UTIL","instance":"a:9400"}'],
    ['that are no JSON', '{"__name__":"DCGM_FI_DEV_GPU_UTIL"},"histogram":[]'],
  ])('%s say nothing', (_what, text) => {
    expect(createSeriesBook(1)(text)).toBeNull();
  });

  it('say nothing in one poll of what they said in the poll before', () => {
    const seriesOf = createSeriesBook(1);
    const poll = (value: string): MeasuredGpus => {
      const found: MeasuredGpus = new Map();
      adderTo(found, seriesOf)(labels('DCGM_FI_DEV_GPU_UTIL'), value);
      return found;
    };
    expect([poll('7').size, poll('NaN').size]).toEqual([1, 0]);
  });
});
