/** The two IPC channels that carry the contract in Electron; both ends of them name no other. */
export const ipcChannels = {
  /** From the window: `(name, input)`, answered with a Reply. */
  request: 'vllm-tray:request',
  /** To the window: `(name, payload)`. */
  push: 'vllm-tray:push',
} as const;
