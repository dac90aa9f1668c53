import { Command } from 'commander';
import { createProgram } from './program.js';

const { program } = createProgram();

/** Every command that does something, with its full name. */
function leaves(command: Command, name: string): [string, Command][] {
  if (command.commands.length === 0) return [[name, command]];
  return command.commands.flatMap((inner) => leaves(inner, `${name} ${inner.name()}`));
}

/** The help as it is printed, examples included. */
function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  return help;
}

const commands = leaves(program, 'magistry');

test('the command and its help', () => {
  expect(commands.map(([name]) => name)).toMatchSnapshot();
  expect(helpOf(program)).toMatchSnapshot();
});

test.each(commands)('%s has help with an example of itself', (name, command) => {
  const help = helpOf(command);
  expect(help.slice(help.indexOf('Examples:'))).toContain(`  ${name}`);
  expect(help).toMatchSnapshot();
});
