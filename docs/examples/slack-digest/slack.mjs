/** Posts one message a channel to an incoming webhook of Slack, or prints it where there is none. */
export async function postDigests(digests, slackUrl) {
  for (const [channel, lines] of digests) {
    const text = `*${lines.length} events*\n${lines.join('\n')}`;
    if (slackUrl === undefined) {
      console.log(`${channel}\n${lines.map((line) => `  ${line}`).join('\n')}`);
      continue;
    }
    const response = await fetch(slackUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ channel, text }),
    });
    if (!response.ok) throw new Error(`Slack answered ${response.status} for ${channel}`);
  }
}
