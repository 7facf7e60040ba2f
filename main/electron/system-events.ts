import { powerMonitor } from 'electron';
import type { Face } from './face.ts';
import type { MainWindow } from './window.ts';

/** Lets the window come when the app is started again or its Dock icon is clicked, and the engine know of sleep and battery. */
export function listenToSystem({ engine, shutdown, otherStarts }: Face, window: MainWindow): void {
  otherStarts.follow((place) => {
    if (!shutdown.begun()) window.show(place);
  });
  powerMonitor.on('resume', () => void engine.wake());
  powerMonitor.on('unlock-screen', () => void engine.wake());
  powerMonitor.on('on-battery', () => engine.setOnBattery(true));
  powerMonitor.on('on-ac', () => engine.setOnBattery(false));
  if (powerMonitor.isOnBatteryPower()) engine.setOnBattery(true);
}
