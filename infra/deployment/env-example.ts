import type { SettingDescription } from '@magistry/config';
import { type ComposeVariable, isMadeByCompose, type ServiceSettings } from './service-settings.ts';

const LINE_LENGTH_MAX = 110;

const heading = `# Made by "npm run generate" from the settings of the apps (apps/*/src/config.ts): change them there.
#
# For docker-compose.yml: cp .env.example .env, then fill in each line that has no value. Make each secret with
#   openssl rand -hex 32
# Letters and digits only: passwords become parts of URLs. A line that is commented out shows the default.
`;

interface Entry {
  setting: SettingDescription;
  services: string[];
}

export function renderEnvExample(
  all: readonly ServiceSettings[],
  compose: readonly ComposeVariable[],
): string {
  const parts = [
    heading,
    '# === What docker-compose.yml itself reads\n',
    ...compose.map(composeEntry),
    '# === What the services read\n',
    ...entriesOf(all).map(serviceEntry),
  ];
  return parts.join('\n');
}

function entriesOf(all: readonly ServiceSettings[]): Entry[] {
  const entries = new Map<string, Entry>();
  for (const { service, settings } of all) {
    for (const setting of settings) {
      const key = JSON.stringify(setting);
      const entry = entries.get(key) ?? { setting, services: [] };
      entry.services.push(service.name);
      entries.set(key, entry);
    }
  }
  return [...entries.values()].sort((one, other) => one.setting.name.localeCompare(other.setting.name));
}

function composeEntry({ name, meaning, default: preset }: ComposeVariable): string {
  if (preset !== undefined) return `${comment(meaning)}# ${name}=${preset}\n`;
  return `${comment(`${meaning} Secret.`)}${name}=\n`;
}

function serviceEntry({ setting, services }: Entry): string {
  const { name, meaning, isRequired, isSecret, default: preset } = setting;
  const made = isMadeByCompose(name);
  const notes = [
    meaning,
    isSecret ? 'Secret.' : isRequired ? 'Required.' : preset === undefined ? 'May be left out.' : '',
    made ? 'Compose sets it in the container.' : '',
  ];
  const text = `${services.sort().join(', ')}: ${notes.filter(Boolean).join(' ')}`;
  return `${comment(text)}${isRequired && !made ? '' : '# '}${name}=${preset ?? ''}\n`;
}

function comment(text: string): string {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > LINE_LENGTH_MAX) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return `${[...lines, line].join('\n')}\n`;
}
