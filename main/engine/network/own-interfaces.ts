import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/**
 * The network interfaces of this computer; null where the system does not say, as when this process may open no more
 * files. The one place that asks: `networkInterfaces` throws then, and in a timer that would end the app. Never throws.
 */
export function ownInterfaces(): NodeJS.Dict<NetworkInterfaceInfo[]> | null {
  try {
    return networkInterfaces();
  } catch {
    // EMFILE, ENFILE, ENOMEM: those who ask go on with what they know.
    return null;
  }
}
