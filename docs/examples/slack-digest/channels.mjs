/** Where an event is told: by how severe it is, then by what kind of agent acted. */
export function channelOf({ data: { severity, agent } }) {
  if (severity === 'critical') return '#incidents';
  if (severity === 'warning') return '#approvals';
  return agent.startsWith('partner:') ? '#partner-changes' : '#own-changes';
}

/** One line of a digest. */
export function lineOf({ data: { tenant, agent, action, subject, to_state } }) {
  return [tenant, agent, action, subject ?? '', to_state].filter((part) => part !== '').join(' · ');
}
