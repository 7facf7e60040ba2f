/** What the address names of the diagnostics beside hosts: the request log of the gateway. */
export const requestsPart = 'gateway requests';
