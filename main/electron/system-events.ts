import { app, powerMonitor } from 'electron';
import type { Face } from './face.ts';
import { takeOver } from './options.ts';
import type { MainWindow } from './window.ts';

/** Lets the window come when the app is started again or its Dock icon is clicked, and the engine know of sleep and battery. */
export function listenToSystem({ engine, shutdown }: Face, window: MainWindow): void {
  app.on('second-instance', (_event, _argv, _folder, data) => {
    const taken = takeOver(data);
    if (taken !== null && !shutdown.begun()) window.show(taken.place);
  });
  app.on('activate', () => {
    if (!shutdown.begun()) window.show();
  });
  powerMonitor.on('resume', () => void engine.wake());
  powerMonitor.on('unlock-screen', () => void engine.wake());
  powerMonitor.on('on-battery', () => engine.setOnBattery(true));
  powerMonitor.on('on-ac', () => engine.setOnBattery(false));
  if (powerMonitor.isOnBatteryPower()) engine.setOnBattery(true);
}
