/** Why a certificate was revoked. The first two and `retired_ca` are the system's own doing, people choose from the others. */
export const revocationReasons = ['replaced', 'archived', 'lost', 'compromised', 'retired_ca', 'other'] as const;
export type RevocationReason = (typeof revocationReasons)[number];

/** next: made and told, issues nothing yet · active: issues · previous: still trusted · retired: trusted no more. */
export const caStates = ['next', 'active', 'previous', 'retired'] as const;
export type CaState = (typeof caStates)[number];
