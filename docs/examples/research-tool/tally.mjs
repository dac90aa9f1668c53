/** The answers counted by status, in each status by reason code, most frequent first. */
export function tallyOf(answers) {
  const lines = [`${answers.length} proposals answered`];
  for (const status of ['APPLIED', 'ESCALATED', 'REJECTED']) {
    const those = answers.filter((answer) => answer.status === status);
    lines.push(row(status, those.length));
    const codes = countedBy(those.flatMap(({ reasons }) => reasons.map(({ code }) => code)));
    for (const [code, count] of codes) lines.push(row(`  ${code}`, count));
  }
  return lines.join('\n');
}

function countedBy(names) {
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([one, first], [other, second]) => second - first || one.localeCompare(other));
}

function row(name, count) {
  return `${name.padEnd(26)}${String(count).padStart(4)}`;
}
