import { PassThrough } from 'node:stream';
import { confirm } from './confirm.js';
import { EXIT } from './exit.js';

/** A terminal at which somebody types `typed` and then ends the input. */
function aTerminal(typed: string, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  input.end(typed);
  return { input, output: new PassThrough({ encoding: 'utf8' }) };
}

test.each(['y\n', 'YES\n', ' y \n', 'y'])('%p goes on, after the question was asked', async (typed) => {
  const terminal = aTerminal(typed);
  await confirm('End key 7?', {}, terminal);
  expect(terminal.output.read()).toBe('End key 7? [y/N] ');
});

test.each(['\n', 'n\n', 'yess\n', '', '\ny\n'])('%p changes nothing', async (typed) => {
  const asked = confirm('End key 7?', {}, aTerminal(typed));
  await expect(asked).rejects.toMatchObject({ exitCode: EXIT.refused, message: 'Nothing was changed.' });
});

test('neither a script nor --yes is asked', async () => {
  for (const [options, terminal] of [
    [{}, aTerminal('', false)] as const,
    [{ yes: true }, aTerminal('')] as const,
  ]) {
    await confirm('End key 7?', options, terminal);
    expect(terminal.output.read()).toBeNull();
  }
});
