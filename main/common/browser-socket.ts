/** What the browser face and its page call the same. */
export const browserSocket = {
  path: '/socket',
  /** Where the app proves to a page that it has the page's key: HMAC-SHA256 with it, as base64url, of {@link proofText}. */
  proofPath: '/proof',
  /** `host` is the page's own, as its address names it. */
  proofText: (host: string, challenge: string) => `proof for ${host}: ${challenge}`,
  /** The protocol that both agree on; the page offers its key beside it, which is all that a browser's WebSocket can carry. */
  protocol: 'vllm-tray',
  /** Of the `meta` element that holds the key, and where a page keeps it. */
  keyName: 'vllm-tray-key',
} as const;
