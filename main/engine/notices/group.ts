import type { News, Notice } from '#common/notices.ts';

/** News of one kind that comes within this time is one notice: "3 hosts are back". */
const groupMs = 2000;

interface Group {
  readonly dueMs: number;
  news: News;
}

/** Gathers news until it is due. Two rules that watch for the same thing do not tell it twice. */
export interface Groups {
  add(news: News, nowMs: number): void;
  /** What is due now, as notices; each is given out once. */
  due(nowMs: number): readonly Notice[];
}

export function createGroups(): Groups {
  const groups = new Map<string, Group>();
  let count = 0;
  return {
    add(news, nowMs) {
      // Free GPUs are reported by the rule that asked for them: two rules ask different questions.
      const key = news.kind === 'gpus-free' ? `gpus-free ${news.ruleId}` : news.kind;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { dueMs: nowMs + groupMs, news });
      else group.news = merge(group.news, news);
    },
    due(nowMs) {
      const ready = [...groups].filter(([, { dueMs }]) => dueMs <= nowMs);
      return ready.map(([key, { news }]): Notice => {
        groups.delete(key);
        count += 1;
        // Unique across restarts too: a browser knows a notification by it.
        return { ...news, id: `${nowMs}-${count}`, at: nowMs };
      });
    },
  };
}

function merge(before: News, news: News): News {
  if ('models' in before && 'models' in news) {
    const key = ({ serverId, model }: { readonly serverId: string; readonly model: string }) =>
      `${serverId} ${model}`;
    const merged = new Map([...before.models, ...news.models].map((one) => [key(one), one]));
    return { ...before, models: [...merged.values()] } as News;
  }
  if ('forwardIds' in before && 'forwardIds' in news)
    return { ...before, forwardIds: unique(before.forwardIds, news.forwardIds) };
  if ('hostIds' in before && 'hostIds' in news)
    return { ...before, hostIds: unique(before.hostIds, news.hostIds) };
  if ('launches' in before && 'launches' in news) {
    const merged = new Map([...before.launches, ...news.launches].map((one) => [one.launchId, one]));
    return { ...before, launches: [...merged.values()] } as News;
  }
  // Of free GPUs the latest count is the right one.
  return news;
}

function unique(before: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...before, ...more])];
}
