/** How something is, as colour, shape and word tell it. */
export type Mood = 'good' | 'waiting' | 'asleep' | 'warning' | 'bad' | 'locked' | 'idle' | 'busy' | 'unknown';
