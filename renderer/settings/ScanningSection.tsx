import { SettingGroup } from '../fields/SettingRow.tsx';
import { useWords } from '../state/language.ts';
import { GroupNumber } from './GroupNumber.tsx';
import { scanSettingWords } from './scan-words.ts';

export function ScanningSection() {
  const words = useWords(scanSettingWords);
  return (
    <>
      <SettingGroup title={words.howOften}>
        <GroupNumber group="cadence" name="gpusMs" unit="seconds" label={words.gpusMs} />
        <GroupNumber group="cadence" name="hiddenMs" unit="seconds" label={words.hiddenMs} />
        <GroupNumber group="cadence" name="batteryMs" unit="seconds" label={words.batteryMs} />
        <GroupNumber
          group="cadence"
          name="portsMs"
          unit="seconds"
          label={words.portsMs}
          help={words.portsMsHelp}
        />
      </SettingGroup>
      <SettingGroup title={words.limits} help={words.limitsHelp}>
        <GroupNumber group="limits" name="hosts" label={words.limitHosts} />
        <GroupNumber group="limits" name="handshakes" label={words.limitHandshakes} />
        <GroupNumber
          group="limits"
          name="handshakesPerServer"
          label={words.limitPerServer}
          help={words.limitPerServerHelp}
        />
        <GroupNumber group="limits" name="httpRequests" label={words.limitHttp} />
        <GroupNumber group="limits" name="localPorts" label={words.limitLocal} />
        <GroupNumber
          group="limits"
          name="configReads"
          label={words.limitConfig}
          help={words.limitConfigHelp}
        />
      </SettingGroup>
      <SettingGroup title={words.timeouts}>
        <GroupNumber group="timeouts" name="connectMs" unit="seconds" label={words.connectMs} />
        <GroupNumber group="timeouts" name="probeMs" unit="seconds" label={words.probeMs} />
        <GroupNumber
          group="timeouts"
          name="firstProbeMs"
          unit="seconds"
          label={words.firstProbeMs}
          help={words.firstProbeMsHelp}
        />
        <GroupNumber group="timeouts" name="httpMs" unit="seconds" label={words.httpMs} />
      </SettingGroup>
    </>
  );
}
