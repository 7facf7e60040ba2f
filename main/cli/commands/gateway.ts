import type { GatewayAccess } from '#common/gateway.ts';
import { countEn } from '#common/language.ts';
import { isUp } from '#common/select/hosts.ts';
import type { Settings } from '#common/settings.ts';
import type { Snapshot } from '#common/snapshot.ts';
import { exitCodes, type Io, interruption, printJson, printLines } from '../io.ts';
import { explain } from '../named-host.ts';
import type { CommonOptions } from '../options.ts';
import { answerCode, scanAll, withSession } from '../session.ts';

export interface GatewayOptions extends CommonOptions {
  /** Default: that of the settings. */
  readonly port?: number;
}

/** Answers at one local address for every model that is found, says where once it knows them, and goes on until the interruption. */
export function gateway({ port, ...options }: GatewayOptions, io: Io): Promise<number> {
  const change = (settings: Settings): Settings => ({
    ...settings,
    gateway: { ...settings.gateway, enabled: true, port: port ?? settings.gateway.port },
  });
  return withSession({ ...options, change }, io, async (session) => {
    const { engine } = session;
    const opened = await engine
      .openGateway()
      .catch((error: unknown) => explain(error, io, engine.snapshot()));
    if (typeof opened === 'number') return opened;
    // What is here does not wait for hosts.
    const looking = engine.lookAround({ loads: true });
    if (!(await scanAll(session, io))) return exitCodes.interrupted;
    await Promise.race([looking, interruption(io)]);
    engine.watch({ thisComputer: true });
    if (options.json) printJson(io.out, opened);
    else printLines(io.out, linesOf(opened, engine.snapshot()));
    await interruption(io);
    return answerCode(engine.snapshot());
  });
}

/** Where it is, and what a shell needs for clients of OpenAI's API and of Anthropic's. */
function linesOf({ url, key }: GatewayAccess, { hosts, servers, localServers }: Snapshot): readonly string[] {
  const models = new Set([
    ...servers.flatMap((server) => server.models.map(({ id }) => id)),
    ...localServers.flatMap((server) => server.models),
  ]);
  const found = `${countEn(models.size, 'model', 'models')} on ${countEn(hosts.filter(({ state }) => isUp(state)).length, 'host', 'hosts')}`;
  return [
    `The gateway answers at ${url} for ${found}, until Ctrl-C.`,
    `export OPENAI_BASE_URL=${url} OPENAI_API_KEY=${key}`,
    `export ANTHROPIC_BASE_URL=${url.replace(/\/v1$/, '')} ANTHROPIC_API_KEY=${key}`,
  ];
}
