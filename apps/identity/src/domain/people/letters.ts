/** The letter that brings an invitation's link. Plain text: what it quotes cannot become markup. */
export function invitationLetter(invitation: {
  readonly email: string;
  readonly workspaceName: string;
  readonly role: string;
  readonly url: string;
  readonly expiresAt: string;
}) {
  const { email, workspaceName, role, url, expiresAt } = invitation;
  return {
    to: email,
    subject: `Invitation to ${workspaceName} on Magistry`,
    text: [
      `You are invited to work in ${workspaceName} on Magistry as ${role}.`,
      `Accept here until ${expiresAt}:\n${url}`,
      'If you did not expect this, ignore it: nothing happens without you.',
    ].join('\n\n'),
  };
}
