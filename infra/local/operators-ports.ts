import { choosePort } from './ports.ts';
import type { HomeState, StateFile } from './state.ts';
import type { ProcessSettings } from './supervised-process.ts';

const prefix = 'operators of ';

/**
 * Gives a process an operators' port of its own, kept from one start to the next. Asked again before each start:
 * somebody else may have taken the port meanwhile.
 */
export function withOperatorsPort(settings: ProcessSettings, state: StateFile): ProcessSettings {
  const environment = { ...settings.environment };
  const prepare = async () => {
    environment['METRICS_PORT'] = String(await choosePort(state, `${prefix}${settings.name}`));
  };
  return { ...settings, environment, prepare };
}

/** What runs, by name, with the URL that its /metrics and /health are below. */
export function operatorsUrls({ ports, processes }: Readonly<HomeState>): Record<string, string> {
  const running = Object.keys(processes).flatMap((name) => {
    const port = ports[`${prefix}${name}`];
    return port === undefined ? [] : [[name, `http://127.0.0.1:${port}`]];
  });
  return Object.fromEntries(running);
}
