export type UnitListenerName = 'mqtt' | 'mqtts' | 'gateway';

export const refusalReasons = [
  // Before anything was read
  'network',
  'too_many',
  'too_many_of_address',
  'waited_too_long',
  'not_proved',
  'tls',
  // Who it is
  'no_certificate',
  'foreign_certificate',
  'certificate_expired',
  'certificate_not_yet',
  'certificate_revoked',
  'certificate_unknown',
  'unit_archived',
  'wrong_unit',
  'wrong_secret',
  // What it does
  'topic',
  'oversize',
  'malformed',
  'flood',
  'slow_reader',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** A connection, or what came over one, that was turned away. */
export interface Refusal {
  readonly listener: UnitListenerName;
  readonly reason: RefusalReason;
  readonly address: string;
  /** Whose it was or claimed to be, where that is known. */
  readonly unitId?: string | null;
  readonly certificate?: { readonly sha256: string; readonly serial: string; readonly commonName: string | null };
  readonly detail?: string;
}

export type OnRefused = (refusal: Refusal) => void;
